"""The sheets of a zone that moves in: results of the universities around it and needs of its firms, made of parts, and what a
person wrote wrong in some rows. The same on every machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import xlsxwriter

WRITING: Final = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
UNKNOWN: Final = "解决了谁的什么痛点"
"""A heading that nobody knows: what it holds is said by a person."""
LEFT_OUT: Final = "推荐意见"

RESULT_HEADINGS: Final = (
    "序号", "成果名称", "单位名称", "所属地区", "战略产业", "成果简介", UNKNOWN, "技术指标", "技术成熟度", "合作方式", "合作价格",
    "专利号/申请号", "知识产权形式", "法律状态", "成果完成时间", "联系人", "手机号码", LEFT_OUT,
)  # fmt: skip
NEED_HEADINGS: Final = (
    "序号", "技术需求名称", "单位名称", "战略产业", "技术需求详情", "拟解决的技术难题", "技术指标", "技术需求类别", "合作方式",
    "预算金额(万元)", "有效期", "联系人", "联系人电话", LEFT_OUT,
)  # fmt: skip

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trade:
    """What one branch makes and what is done about it. `industry` is the name a sheet gives it."""

    industry: str
    things: Sequence[str]
    deeds: Sequence[str]
    places: Sequence[str]


TRADES: Final = (
    Trade(
        "高端装备制造",
        ("海工平台桩腿", "船用低速机曲轴", "风机塔筒法兰", "五轴机床摆头", "电主轴轴承", "液压多路阀", "行星齿轮箱",
         "铝合金焊接线", "激光熔覆设备", "大型锻件", "龙门铣床横梁", "滚珠丝杠", "船舶舵桨", "高压柱塞泵", "起重机回转支承",
         "纺织机罗拉", "数控转台", "压铸模具", "管道焊接专机", "螺旋桨毛坯"),
        ("疲劳寿命预测", "残余应力测量", "热变形补偿", "在线探伤", "低温韧性提升", "精密磨削", "振动抑制", "修复再制造",
         "润滑优化", "轻量化设计", "焊缝跟踪", "装配间隙检测", "表面强化", "刀具磨损监测", "密封改进", "加工误差溯源",
         "淬火开裂控制", "铸造缩松预测", "动平衡校正", "状态监测与诊断"),
        ("船厂", "机床厂", "重型锻造车间", "风电装备基地"),
    ),
    Trade(
        "机器人",
        ("协作机器人关节", "谐波减速器", "喷涂机械臂", "移动机器人底盘", "柔性夹爪", "打磨机器人", "码垛机器人", "伺服驱动器",
         "力控末端", "爬壁机器人", "并联机械手", "手持示教器", "上下料机械臂", "管道巡检机器人", "水下机器人", "外骨骼",
         "真空吸盘组", "绳驱手臂", "双臂机器人", "焊接机器人"),
        ("绝对定位标定", "碰撞检测", "轨迹平滑规划", "回差补偿", "视觉引导抓取", "多机协同调度", "离线编程", "自主避障",
         "恒力控制", "关节温升抑制", "寿命加速试验", "手眼标定", "姿态估计", "低速爬行抑制", "快速换型", "拖动示教",
         "故障自诊断", "安全监控", "能耗优化", "力矩传感"),
        ("家电装配线", "汽车零部件车间", "港口堆场", "食品包装线"),
    ),
    Trade(
        "新材料",
        ("海洋防腐涂料", "碳纤维复合材料", "聚酰亚胺薄膜", "高强涤纶工业丝", "聚乳酸发泡材料", "导热硅橡胶", "陶瓷基刹车片",
         "镁合金型材", "芳纶纸", "气凝胶毡", "阻燃聚酯", "环氧胶粘剂", "石墨负极涂层", "透明导电膜", "超高分子量聚乙烯",
         "生物基尼龙", "防污硅树脂", "玻璃纤维毡", "电子级铜箔", "光学级膜材"),
        ("连续制备", "耐盐雾配方", "界面增韧", "低成本合成", "回收再生", "老化寿命评估", "无溶剂涂覆", "阻燃改性",
         "高温蠕变控制", "批次稳定性", "表面接枝", "吸湿抑制", "介电损耗降低", "成膜均匀性", "力学性能提升", "结晶控制",
         "多层共挤", "快速固化", "耐磨改性", "气味与挥发物控制"),
        ("化工园区", "薄膜工厂", "造船涂装车间", "电子材料产线"),
    ),
    Trade(
        "生物医药",
        ("单克隆抗体", "重组人白蛋白", "缓释微球", "流感疫苗", "口服多肽", "细胞冻存液", "脂质体药物", "肝素原料药",
         "手性中间体", "益生菌菌株", "吸入制剂", "透皮贴剂", "血浆蛋白", "核酸提取酶", "中药注射剂", "基因治疗载体",
         "诊断抗原", "甾体激素", "发酵酶制剂", "注射用乳剂"),
        ("高密度发酵", "层析纯化", "冻干工艺", "杂质谱研究", "递送效率提升", "稳定性预测", "连续流合成", "无菌保障",
         "口感掩味", "菌种改造", "溶出一致性", "内毒素去除", "病毒灭活", "临床前评价", "酶法转化", "晶型筛选",
         "收率提升", "质量标准建立", "免疫原性降低", "溶剂回收"),
        ("制药厂", "疫苗车间", "原料药基地", "医院药学部"),
    ),
    Trade(
        "节能环保",
        ("印染废水", "船舶压载水", "涂装废气", "污泥", "垃圾渗滤液", "锅炉烟气", "含盐废水", "焦化废水", "厨余垃圾", "锂电池废料",
         "化工残渣", "养殖尾水", "河道底泥", "中央空调系统", "空压站余热", "热电厂循环水", "工业粉尘", "废矿物油", "电镀废液",
         "建筑垃圾"),
        ("膜法深度处理", "低温脱硝", "资源化利用", "臭氧催化氧化", "高效脱水", "余热回收", "生物强化脱氮", "零排放工艺",
         "在线监测预警", "吸附剂再生", "智能加药", "厌氧产气", "除磷", "重金属去除", "恶臭控制", "热解炭化", "节电改造",
         "蒸发结晶", "微塑料截留", "碳排放核算"),
        ("污水处理厂", "印染园区", "热电厂", "固废处置中心"),
    ),
)  # fmt: skip
"""The first two are what the zone decides on, the second lying below the first; the others are outside."""
_TRIALS: Final = ("小批试制", "三班连续运行", "与原工艺并行对比", "第三方检测", "用户现场考核", "加速试验", "中试放大")
_GAINS: Final = ("返工率", "单件能耗", "停机时间", "材料消耗", "检测工时", "维护费用", "废品率", "交货周期")
_WAYS: Final = ("正交试验", "有限元仿真", "机理模型与数据融合", "在线测量闭环", "自研专用装置", "工艺窗口优化", "新配方筛选")
_PAINS: Final = (
    "每月停线两次以上",
    "一次合格率上不去",
    "依赖进口件，交期半年",
    "全凭老师傅手感",
    "客户多次投诉",
    "能耗占成本三成",
)
_CALLS: Final = ("难题攻关", "方案", "求助", "改造需求", "合作研发", "咨询", "工艺攻关")
UNIVERSITIES: Final = tuple(
    (f"{place}{kind}", place)
    for place in ("南通", "盐城", "泰州", "扬州", "镇江", "徐州", "连云港", "淮安")
    for kind in ("理工大学", "工业大学", "应用技术大学", "科技学院", "工业研究院")
)
FIRMS: Final = tuple(
    f"南通{name}{trade}有限公司"
    for name in ("江海", "通州湾", "濠河", "狼山", "紫琅", "崇川", "海门", "如皋", "启东", "观音山", "五山", "沿江")
    for trade in ("重工", "精密机械", "自动化", "新材料", "制药")
)


@dataclass(slots=True)
class Sheet:
    """Rows as they are sent, and `right`: row in the file → heading → what should have stood there."""

    headings: Sequence[str]
    rows: list[dict[str, str]] = field(default_factory=list)
    right: dict[int, dict[str, str]] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        write(path, self.headings, self.rows)
        return path

    def meant(self) -> list[dict[str, str]]:
        """The rows as they should have been sent, those that are there twice once."""
        whole = [{**row, **self.right.get(at, {})} for at, row in enumerate(self.rows, 2)]
        name = next(each for each in self.headings if each in ("成果名称", "技术需求名称"))
        return list({(row[name], row["单位名称"]): row for row in whole}.values())

    def spoil(self, at: int, heading: str, wrong: str) -> None:
        """The row `at` (from 0) says something that cannot be read."""
        self.right.setdefault(at + 2, {})[heading] = self.rows[at][heading]
        self.rows[at][heading] = wrong


def write(path: Path, headings: Sequence[str], rows: Sequence[Cells]) -> None:
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet("汇总")
        sheet.write_row(0, 0, headings)
        for at, row in enumerate(rows, 1):
            sheet.write_row(at, 0, [row.get(heading, "") for heading in headings])


@dataclass(frozen=True, slots=True)
class Subject:
    """`at` counts them. `turn` is the same for those of a trade that have neither thing nor deed in common."""

    at: int
    trade: Trade
    thing: str
    deed: str
    turn: int


def _subjects() -> Iterator[Subject]:
    """The trades take turns; no thing and deed come twice together in 2,000."""
    for at in range(10_000):
        trade, round_ = TRADES[at % len(TRADES)], at // len(TRADES)
        thing, deed = round_ % 20, (round_ // 20 + 7 * round_) % 20
        yield Subject(at, trade, trade.things[thing], trade.deeds[deed], (deed - 3 * thing) % 20 * 2 + thing // 10)


def result_row(subject: Subject) -> dict[str, str]:
    at, trade, thing, deed = subject.at, subject.trade, subject.thing, subject.deed
    owner, city = UNIVERSITIES[subject.turn]
    way, trial, gain = _WAYS[at % 7], _TRIALS[at // 5 % 7], _GAINS[at // 3 % 8]
    return {
        "序号": str(at + 1),
        "成果名称": f"{thing}{deed}技术",
        "单位名称": owner,
        "所属地区": city,
        "战略产业": trade.industry if at % 2 else "",
        "成果简介": f"面向{trade.places[at % 4]}的{thing}，用{way}解决{deed}问题。样品{at % 90 + 10}件经{trial}{at % 37 + 3}周，"
        f"{gain}下降{at % 31 + 9}%，{thing}在{at * 13 % 400 + 100}次循环后指标不变，已写成{deed}作业指导书。",
        UNKNOWN: f"{trade.places[(at + 1) % 4]}的{thing}：{_PAINS[at % 6]}",
        "技术指标": f"精度≤{at % 40 / 100 + 0.01:.2f} mm；寿命≥{at % 50 * 100 + 1000} h",
        "技术成熟度": ("小试", "中试", "已有样品", "可以量产", "TRL 6")[at % 5],
        "合作方式": ("技术转让", "许可使用、合作开发", "合作开发", "技术服务")[at % 4],
        "合作价格": ("面议", f"{at % 90 + 20}", f"{at % 50 + 30}-{at % 50 + 90}")[at % 3],
        "专利号/申请号": f"20{18 + at % 8}1{at + 1_000_000:07d}" if at % 3 else "",
        "知识产权形式": "发明专利" if at % 3 else "",
        "法律状态": ("已授权", "审中")[at % 2] if at % 3 else "",
        "成果完成时间": f"202{at % 6}-{at % 12 + 1:02d}",
        "联系人": "陈老师",
        "手机号码": f"139{at:08d}",
        LEFT_OUT: "同意推荐" if at % 4 else "",
    }


def need_row(subject: Subject) -> dict[str, str]:
    at, trade, thing, deed = subject.at, subject.trade, subject.thing, subject.deed
    return {
        "序号": str(at + 1),
        "技术需求名称": f"{thing}{deed}{_CALLS[at % 7]}",
        "单位名称": FIRMS[(subject.turn + 13 * (at % len(TRADES))) % len(FIRMS)],
        "战略产业": trade.industry if at % 3 else "",
        "技术需求详情": f"我公司{thing}月产{at % 900 + 60}件，{_PAINS[at % 6]}。希望解决{deed}，"
        f"{_GAINS[at % 8]}降低{at % 20 + 10}%以上，"
        f"不改动{trade.places[at % 4]}现有设备布局，{at % 9 + 4}个月内验收。",
        "拟解决的技术难题": f"{deed}试过{_WAYS[at % 7]}，{at % 30 + 20}件后不稳定",
        "技术指标": f"精度≤{at % 40 / 100 + 0.02:.2f} mm；寿命≥{at % 40 * 100 + 800} h",
        "技术需求类别": ("关键技术研发", "技术改造", "产品升级")[at % 3],
        "合作方式": ("合作开发", "技术服务")[at % 2],
        "预算金额(万元)": ("面议", f"{at % 60 + 40}", f"{at % 60 + 40}-{at % 60 + 120}")[at % 3],
        "有效期": "一年",
        "联系人": "王工",
        "联系人电话": f"138{at:08d}",
        LEFT_OUT: "",
    }


def results(rows: int) -> Sheet:
    """With an error in every fortieth row, each of another kind in turn; near the end a row much like another one, at the end
    one that is there twice."""
    sheet = Sheet(RESULT_HEADINGS)
    sheet.rows = [result_row(each) for each in islice(_subjects(), rows)]
    wrong = (
        ("战略产业", "高端装备制造与其他各业"), ("成果名称", ""), ("合作价格", "很多钱"), ("技术成熟度", "还差一点"),
        ("成果完成时间", "去年底"), ("合作方式", "看情况"), ("单位名称", ""), ("成果简介", ""),
    )  # fmt: skip
    for turn, at in enumerate(range(17, rows, 40)):
        sheet.spoil(at, *wrong[turn % len(wrong)])
    last = {**sheet.rows[0], "序号": str(rows)}
    alike = {**sheet.rows[1], "序号": str(rows - 1), "成果名称": f"{sheet.rows[1]['成果名称']}及应用"}
    alike |= dict.fromkeys(("专利号/申请号", "知识产权形式", "法律状态"), "")
    sheet.rows[-2:] = [alike, last]
    return sheet


def needs(rows: int) -> Sheet:
    """With an error in every thirtieth row."""
    sheet = Sheet(NEED_HEADINGS)
    sheet.rows = [need_row(each) for each in islice(_subjects(), rows)]
    wrong = (("预算金额(万元)", "不差钱"), ("技术需求详情", ""), ("技术需求类别", "急需"), ("有效期", "尽快"))
    for turn, at in enumerate(range(11, rows, 30)):
        sheet.spoil(at, *wrong[turn % len(wrong)])
    return sheet


WRONG_NEW: Final = 60
WRONG_UPDATES: Final = 18
STRANGER: Final = "南通海洋职业学院"
"""Whom only the wrong sheet names."""
OLD: Final = "（2019年旧稿）"


def wrong(good: Sheet) -> Sheet:
    """Last time's sheet, taken for this year's: rows that bring old drafts, some of an owner whom nobody knows, and rows that
    put prices in yuan over those of `good` in 10,000 yuan."""
    sheet = Sheet(RESULT_HEADINGS)
    for at, subject in enumerate(islice(_subjects(), WRONG_NEW)):
        row = result_row(subject)
        row["成果名称"] += OLD
        row["专利号/申请号"] = row["知识产权形式"] = row["法律状态"] = ""
        sheet.rows.append(row | {"单位名称": STRANGER, "所属地区": "南通"} if at % 10 == 9 else row)
    whole = (row for at, row in enumerate(good.rows) if at + 2 not in good.right and at)
    sheet.rows += [{**row, "合作价格": "9000000"} for row, _ in zip(whole, range(WRONG_UPDATES), strict=False)]
    return sheet
