"""Highlighting and snippets by example."""

import pytest

from search.text import signs, snippet, spans, terms


def marked(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in spans(text, terms(query))]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("高精度谐波减速器研制", "谐波减速器", ["谐波减速器"]),
        ("高精度諧波減速器研製", "谐波减速器", ["諧波減速器"]),
        ("谐波减速器", "諧波", ["谐波"]),
        ("ＴＯＰＣｏｎ电池与TOPCon组件", "topcon", ["ＴＯＰＣｏｎ", "TOPCon"]),
        ("基于NB-IoT的水表", "nb-iot", ["NB-IoT"]),
        ("基于NB-IoT的水表", "IoT", ["IoT"]),
        ("company Co co2 CO", "co", ["Co", "CO"]),
        ("LiNi0.8Co0.1Mn0.1O2正极", "LiNi0.8", ["LiNi0.8"]),
        ("膜厚5μm，5µm，5um", "5um", ["5μm", "5µm", "5um"]),
        ("工作于25℃下", "25°C", ["25℃"]),
        ("25 摄氏度，125℃，25ºC", "25°C", ["25 摄氏度", "25ºC"]),
        ("膜厚 5 微米级，15微米", "5um", ["5 微米"]),
        ("长1,500 mm，或1500毫米", "1500mm", ["1,500 mm", "1500毫米"]),
        ("容量20kW·h", "20千瓦时", ["20kW·h"]),
        ("Li₂O与H₂O", "h2o", ["H₂O"]),
        ("专利号ZL 2023 1 0123456.7。", "ZL202310123456.7", ["ZL 2023 1 0123456.7"]),
        ("循环10,000次或10000次", "10000", ["10,000", "10000"]),
        ("3.14与14", "14", ["14"]),
        ("光\u200b伏", "光伏", ["光\u200b伏"]),
        ("轴承、电池、轴承", "轴承电池", ["轴承", "电池", "轴承"]),
        ("研究生命科学", "研究生 生命", ["研究生命"]),
        ("没有", "轴承", []),
        ("", "轴承", []),
        ("轴承", "", []),
    ],
)
def test_spans(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("全固態 電池，固态的电池，固态电池", "固态电池", ["固態 電池", "固态电池"]),
        ("LiNi0.8Co0.1Mn0.1O2与LiNi0.5", "LiNi0.8", ["LiNi0.8"]),
        ("ＬｉＮｉ０．８材料", "lini 0 8", ["ＬｉＮｉ０．８"]),
        ("回收回收回收", "回收回收", ["回收回收回收"]),
        ("company", "comp", []),
        ("电池", "，", []),
        ("电", "电池", []),
    ],
)
def test_spans_of_a_phrase(text: str, phrase: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in spans(text, (), [signs(phrase)])] == expected


def test_words_and_phrases_are_marked_together_and_drawn_into_the_snippet() -> None:
    text = "前言说明背景。" * 30 + "轴承。" + "无关内容。" * 30 + "全固态电池的寿命。" + "结尾部分。" * 30
    shown, found = snippet(text, ("轴承",), 40, [signs("固态电池")])
    assert [shown[start:end] for start, end in found] == ["固态电池"]
    assert spans("轴承固态电池", ("轴承",), [signs("固态电池")]) == ((0, 6),)


def test_a_snippet_is_the_window_with_most_of_the_words() -> None:
    text = "前言说明背景。" * 30 + "轴承。" + "无关内容。" * 30 + "谐波减速器的轴承寿命得到提高。" + "结尾部分。" * 30
    shown, found = snippet(text, terms("谐波减速器 轴承"), 60)
    assert "谐波减速器的轴承" in shown
    assert len(shown) <= 62
    assert [shown[start:end] for start, end in found] == ["谐波减速器", "轴承"]


def test_a_snippet_says_what_is_cut_off() -> None:
    text = "甲" * 100 + "轴承" + "乙" * 100
    shown, _ = snippet(text, terms("轴承"), 40)
    assert shown[0] == shown[-1] == "…"
    assert not snippet("轴承" + "乙" * 100, terms("轴承"), 40)[0].startswith("…")
    assert not snippet("甲" * 100 + "轴承", terms("轴承"), 40)[0].endswith("…")


def test_a_snippet_begins_at_a_clause() -> None:
    text = "说明文字" * 20 + "。本项目的高速轴承已经量产" + "，其余文字" * 20
    shown, _ = snippet(text, terms("轴承"), 50)
    assert shown.startswith("…本项目的高速轴承")


def test_a_short_text_is_its_own_snippet_with_white_space_folded() -> None:
    assert snippet("高速\n\n 轴承 ", terms("轴承")) == ("高速 轴承", ((3, 5),))


def test_without_any_word_the_snippet_is_the_beginning() -> None:
    shown, found = snippet("甲乙丙丁" * 50, terms("轴承"), 20)
    assert shown == "甲乙丙丁" * 5 + "…"
    assert found == ()


def test_a_snippet_needs_a_width() -> None:
    with pytest.raises(ValueError, match="width"):
        snippet("文字", (), 0)
