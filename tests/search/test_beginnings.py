"""Where titles and names can be begun by somebody who types: as written, in pinyin, by initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import LONGEST_KEY, beginnings, typed_keys


def offered(text: str, typed: str) -> int | None:
    """The nearest lane in which `typed` finds `text`."""
    keys = beginnings(text)
    found = [lane for lane, prefix in typed_keys(typed) for key, held in keys.items() if held == lane and key.startswith(prefix)]
    return min(found, default=None)


@pytest.mark.parametrize(
    ("text", "typed", "lane"),
    [
        ("谐波减速器柔轮", "谐波", 0),
        ("谐波减速器柔轮", "減速器", 1),
        ("谐波减速器柔轮", "xiebojian", 2),
        ("谐波减速器柔轮", "Jian Su", 3),
        ("谐波减速器柔轮", "jian'su", 3),
        ("谐波减速器柔轮", "xbjs", 4),
        ("谐波减速器柔轮", "jsq", 5),
        ("谐波减速器柔轮", "柔", 1),
        ("谐波减速器柔轮", "波减", None),
        ("低铝银浆与激光", "银浆", 1),
        ("高效 TOPCon 电池", "topc", 1),
        ("高效 TOPCon 电池", "ＴＯＰＣｏｎ电", 1),
        ("高效 TOPCon 电池", "topcondc", 5),
        ("高效 TOPCon 电池", "topcondianchi", 3),
        ("光伏组件", "光伏zu", 2),
        ("光伏组件", "guangfuzu", 2),
        ("铝合金", "lü", 2),
        ("铝合金", "lvhe", 2),
        ("Jiangnan University", "univ", 1),
        ("Jiangnan University", "jiangnan u", 0),
        ("Jiangnan University", "ju", 4),
        ("C++ 编译器", "c++", 0),
        ("C++ 编译器", "编译", 1),
    ],
)
def test_a_text_is_found_by_its_beginning_and_its_words(text: str, typed: str, lane: int | None) -> None:
    assert offered(text, typed) == lane


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("银行风控系统", "yinhang"),
        ("行星减速器", "xingxing"),
        ("重庆材料研究院", "chongqing"),
        ("减重结构", "jianzhong"),
        ("长晶炉热场", "changjing"),
        ("调速电机", "tiaosu"),
        ("调速电机", "tsdj"),
        ("传感器", "chuangan"),
        ("薄膜沉积", "bomo"),
        ("薄膜沉积", "baomo"),
        ("轧制工艺", "zhazhi"),
        ("弹簧钢", "tanhuang"),
    ],
)
def test_a_character_of_several_readings_is_found_by_the_one_that_is_meant(text: str, typed: str) -> None:
    assert offered(text, typed) is not None


@pytest.mark.parametrize("typed", ["", " ", "g", "%", "_", "，。", "\x00", "1"])
def test_too_little_asks_for_nothing(typed: str) -> None:
    assert typed_keys(typed) == ()


@given(st.text(max_size=300))
def test_keys_are_bounded_and_every_text_is_found_by_itself(text: str) -> None:
    keys = beginnings(text)
    assert len(keys) <= 60
    assert all(0 < len(key) <= LONGEST_KEY and 0 <= lane <= 5 for key, lane in keys.items())
    if typed_keys(text):
        assert offered(text, text) is not None
