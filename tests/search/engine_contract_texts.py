"""Engine contract: texts of every script mix, cut by `search.text.terms` on both sides."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from search.ports import Engine, Phrase, Query
from search.text import signs, terms
from tests.search.engine_contract_data import NewEngine, document, filled, listings
from tests.search.engine_contract_oracle import has_a_word, holds_phrase

FOUND = [
    ("两字词", "面向分布式电站的光伏组件清洗机器人", "光伏"),
    ("两字词在词中", "谐波减速器柔轮疲劳寿命", "减速"),
    ("三字词在词中", "谐波减速器柔轮疲劳寿命", "减速器"),
    ("四字词", "新能源汽车动力电池热失控预警", "动力电池"),
    ("四字词在句中", "一种用于人工智能芯片的散热结构", "人工智能"),
    ("单字", "质子交换膜", "膜"),
    ("词典外的词", "区业通平台", "区业通"),
    ("繁体文本", "鋰離子電池負極材料", "锂离子电池"),
    ("繁体查询", "锂离子电池负极材料", "鋰離子電池"),
    ("全角文本", "ＴＯＰＣｏｎ电池片", "topcon"),
    ("全角查询", "TOPCon电池片", "ＴＯＰＣＯＮ"),
    ("汉字中的拉丁字母", "基于NB-IoT的智能水表", "NB-IoT"),
    ("连字符的前半", "基于NB-IoT的智能水表", "iot"),
    ("没有连字符", "基于NB-IoT的智能水表", "NBIoT"),
    ("化学式", "高镍正极材料LiNi0.8Co0.1Mn0.1O2的包覆", "LiNi0.8Co0.1Mn0.1O2"),
    ("化学式小写", "高镍正极材料LiNi0.8Co0.1Mn0.1O2的包覆", "lini0.8co0.1mn0.1o2"),
    ("化学式的开头", "高镍正极材料LiNi0.8Co0.1Mn0.1O2的包覆", "LiNi0.8"),
    ("化学式旁的汉字", "高镍正极材料LiNi0.8Co0.1Mn0.1O2的包覆", "正极"),
    ("牌号", "316L不锈钢阀体", "316l"),
    ("编程语言", "C++高性能计算库", "c++"),
    ("专利号", "ZL202310123456.7", "ZL202310123456.7"),
    ("专利号不带前缀", "ZL202310123456.7", "202310123456.7"),
    ("专利号分组", "专利号：ZL 2023 1 0123456.7", "ZL202310123456.7"),
    ("专利号查询分组", "ZL202310123456.7", "ZL 2023 1 0123456.7"),
    ("专利号没有校验位", "ZL202310123456.7", "202310123456"),
    ("专利号校验位X", "ZL202310123456.X", "202310123456.x"),
    ("专利号小写", "zl202310123456.7", "ZL202310123456.7"),
    ("专利号CN", "CN202310123456.7", "ZL202310123456.7"),
    ("专利号全角", "ＺＬ２０２３１０１２３４５６．７", "202310123456.7"),
    ("专利号在句中", "已获授权（专利号ZL202310123456.7）两项", "202310123456.7"),
    ("专利号带空格的点", "ZL 202310123456 . 7", "ZL202310123456.7"),
    ("公开号查询不带国别", "CN112345678A", "112345678"),
    ("公开号", "CN112345678A", "CN 112345678 A"),
    ("数", "循环寿命10,000次", "10000"),
    ("温度", "工作温度25℃", "25°C"),
    ("微米", "膜厚5μm", "5um"),
    ("平方米", "面积30m²", "30m2"),
    ("温度的汉字", "工作温度25摄氏度", "25℃"),
    ("度的另一个符号", "工作温度25ºC", "25℃"),
    ("微米的汉字", "膜厚5微米", "5μm"),
    ("单位前的空格", "膜厚 5 um", "5微米"),
    ("毫米的方块字", "厚度1,500㎜", "1500毫米"),
    ("平方米的汉字", "面积30平方米", "30㎡"),
    ("千瓦时", "容量20kW·h", "20千瓦时"),
    ("下标", "Li₂O掺杂", "Li2O"),
    ("下标的小数", "LiNi₀.₈Co₀.₁Mn₀.₁O₂", "LiNi0.8Co0.1Mn0.1O2"),
    ("水", "H₂O含量", "h2o"),
    ("英文", "Solid-state battery electrolyte", "electrolyte"),
    ("希腊字母", "α-Fe2O3光催化剂", "fe2o3"),
    ("零宽字符", "光\u200b伏组件", "光伏"),
    ("表情", "🔋电池🔋回收", "电池"),
    ("扩展区汉字", "𬭚元素", "𬭚"),
]
NOT_FOUND = [
    ("别的词", "谐波减速器", "轴承"),
    ("别的数", "循环10000次", "1000"),
    ("词的一段拉丁字母", "company profile", "co"),
    ("别的量", "膜厚15微米", "5um"),
    ("别的单位", "膜厚5毫米", "5um"),
    ("化学名", "Fe2O3颜料", "三氧化二铁"),
    ("别的编程语言", "C++计算库", "c#"),
    ("只有虚词", "的和与以及", "的"),
    ("标点", "电池，电池。", "，。"),
]


TEXTS = [document(name, body=text) for name, text, _ in (*FOUND, *NOT_FOUND)]


class TextContract(NewEngine):
    @pytest.fixture(scope="class")
    @classmethod
    def texts(cls) -> Iterator[Engine]:
        """One document for each text, named like its row."""
        yield from filled(cls, TEXTS)

    @pytest.mark.parametrize(("name", "query"), [(row[0], row[2]) for row in FOUND], ids=[row[0] for row in FOUND])
    def test_found(self, texts: Engine, name: str, query: str) -> None:
        asked = Query("public", terms(query))
        assert asked.terms
        found = listings(texts.rank(asked).lexical)
        assert name in found
        assert set(found) == {each.id.listing for each in TEXTS if has_a_word(each, asked)}

    @pytest.mark.parametrize(("name", "query"), [(row[0], row[2]) for row in NOT_FOUND], ids=[row[0] for row in NOT_FOUND])
    def test_not_found(self, texts: Engine, name: str, query: str) -> None:
        wanted = terms(query) or ("没有词",)
        assert name not in listings(texts.rank(Query("public", wanted)).lexical)

    @pytest.mark.parametrize("text", [row[1] for row in FOUND if signs(row[1])], ids=[row[0] for row in FOUND if signs(row[1])])
    def test_every_text_is_found_by_a_part_of_it_in_quotes(self, texts: Engine, text: str) -> None:
        every = signs(text)
        for start, end in ((0, len(every)), (len(every) // 2, len(every)), (0, 1), (1, 3)):
            phrase = Phrase(every[start:end])
            found = listings(texts.rank(Query("public", phrases=(phrase,))).lexical)
            assert found == sorted(each.id.listing for each in TEXTS if not phrase.signs or holds_phrase(each, phrase))
            assert found

    def test_terms_are_taken_as_they_are(self, engine: Engine) -> None:
        """No analyser of the engine cuts, stems or folds once more, and no query syntax is read into a term."""
        engine.apply([document("a", body="C++"), document("b", body="batteries"), document("c", body="a-b")], ())
        for term, expected in (("c++", ["a"]), ("c", []), ("battery", []), ("batteries", ["b"]), ("a-b", ["c"]), ("b", [])):
            assert listings(engine.rank(Query("public", (term,))).lexical) == expected
        for term in ('"', "电池 AND", "title:电池", "-c++", "*", "/x/", "(", "\\", "c*", "c++~1", "[a TO z]"):
            assert engine.rank(Query("public", (term,))).lexical == ()

    def test_every_field_is_searched(self, engine: Engine) -> None:
        names = ("title", "keywords", "body", "owner", "numbers", "another")
        engine.apply([replace(document(name), fields={name: terms("电池")}) for name in names], ())
        assert set(listings(engine.rank(Query("public", terms("电池"))).lexical)) == set(names)

    def test_a_query_of_five_thousand_characters(self, engine: Engine) -> None:
        texts = ["固态电池电解质", "谐波减速器", "光伏组件清洗", "碳化硅功率器件", "质子交换膜燃料电池"]
        engine.apply([document(str(n), text) for n, text in enumerate(texts)], ())
        words = [f"指标{n}为{n * 7}MPa，" for n in range(2000)]
        long = ("".join(words) + "谐波减速器。")[-5000:]
        assert len(long) == 5000
        assert listings(engine.rank(Query("public", terms(long))).lexical) == ["1"]
        repeated = ("谐波减速器和光伏组件。" * 500)[:5000]
        assert set(listings(engine.rank(Query("public", terms(repeated))).lexical)) == {"1", "2"}
