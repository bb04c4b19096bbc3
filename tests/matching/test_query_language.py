"""What is typed into the search box, read as words, phrases and fields; nothing is ever an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.discovery.language import FIELDS, LONGEST_COMMANDS, Piece, parse

Told = tuple[str, str, str, bool]


def told(text: str) -> list[Told]:
    return [(each.kind, each.text, each.field, each.negated) for each in parse(text).pieces]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("银浆 低温", [("words", "银浆 低温", "", False)]),
        ("“低温烧结” 银浆", [("phrase", "低温烧结", "", False), ("words", "银浆", "", False)]),
        ("「低温烧结」", [("phrase", "低温烧结", "", False)]),
        ('"low temperature" paste', [("phrase", "low temperature", "", False), ("words", "paste", "", False)]),
        ("“低温烧结”“银浆”", [("phrase", "低温烧结", "", False), ("phrase", "银浆", "", False)]),
        ("银浆 “低温烧结” 工艺", [("words", "银浆", "", False), ("phrase", "低温烧结", "", False), ("words", "工艺", "", False)]),
        ("银浆 -激光", [("words", "银浆", "", False), ("phrase", "激光", "", True)]),
        ("银浆 －“激光 转印”", [("words", "银浆", "", False), ("phrase", "激光 转印", "", True)]),
        ("机构:江南大学 减速器", [("field", "江南大学", "organisation", False), ("words", "减速器", "", False)]),
        ("区：常州", [("field", "常州", "zone", False)]),
        ("区: 常州", [("field", "常州", "zone", False)]),
        ("-产业:光伏", [("field", "光伏", "industry", True)]),
        ('org:"Jiangnan University" zone:changzhou', [
            ("field", "Jiangnan University", "organisation", False), ("field", "changzhou", "zone", False)]),
        ("专利号:ZL 2023 1 0123456.7 银浆", [("field", "ZL 2023 1 0123456.7", "number", False), ("words", "银浆", "", False)]),
        ("patent:R-2026-0001", [("field", "R-2026-0001", "number", False)]),
    ],
)  # fmt: skip
def test_commands_are_read(text: str, pieces: list[Told]) -> None:
    assert told(text) == pieces
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "-5 ℃ 烧结", '回差 < 8"', '5"屏 减速器', "TOPCon: 低温", "https://example.org/a", "10:1 减速比", "-", "- 银浆", 'a"b"c',
        "C++", "LiNi0.8Co0.1Mn0.1O2", '亲历"外交核爆炸"', '"外部性"问题与"科斯定理"的伦理追问', "银浆“低温烧结”工艺",
        "学习笔记：对中国式“二元经济”的理论探讨", "BOD：一种高效的分布式离群点检测算法", "曼陀罗的世界:昌庆街",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_command_is_words(text: str) -> None:
    assert told(text) == [("words", text, "", False)]
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("机购:江南大学", "unknown_field", ("机构",)),
        ("银浆机构:江南大学", "unknown_field", ("机构",)),
        ("关键词:银浆", "unknown_field", ()),
        ("区:", "no_value", ()),
        ('"low temperature', "unclosed_quote", ()),
        ("机构:“江南", "unclosed_quote", ()),
        ("“” 银浆", "empty_phrase", ()),
        ("“，。" + "”", "empty_phrase", ()),
    ],
)
def test_what_is_wrong_is_said(text: str, code: str, near: tuple[str, ...]) -> None:
    [problem] = parse(text.replace("。", "、")).problems
    assert problem.code == code
    assert problem.near[:1] == near


def test_running_text_holds_no_commands() -> None:
    pasted = "我们需要“低温烧结”的银浆。\n-要求:不伤钝化层"
    assert told(pasted) == [("words", pasted, "", False)]
    assert parse(pasted).is_prose
    assert not parse("我们需要银浆。").is_prose
    assert told("银浆 -激光 " * 40)[0][0] == "words"
    assert parse("银浆“低温烧结”工艺").is_prose, "a mark inside a text is no command, and the page says so"
    assert not parse("银浆“低温”烧结 -激光").is_prose


def test_a_piece_can_be_taken_away() -> None:
    parsed = parse("银浆 区:常州 “低温烧结” -激光")
    assert [parsed.without(each) for each in parsed.commands] == [
        "银浆 “低温烧结” -激光", "银浆 区:常州 -激光", "银浆 区:常州 “低温烧结”",
    ]  # fmt: skip
    assert parsed.words == "银浆 低温烧结"


def test_every_field_has_a_chinese_and_an_english_word_of_its_own() -> None:
    words = [word for names in FIELDS.values() for word in names]
    assert len(words) == len(set(words))
    for names in FIELDS.values():
        assert not names[0].isascii()
        assert any(each.isascii() for each in names)


SIGNS = st.sampled_from([*"“”「」\"'-－: ：\u3000\n。a银8\x00", "区", "机构", "zone", "专利号:", "ZL2023"])


@given(st.one_of(st.text(max_size=LONGEST_COMMANDS + 40), st.lists(SIGNS, max_size=40).map("".join)))
def test_anything_is_read_and_nothing_overlaps(text: str) -> None:
    parsed = parse(text)
    at = 0
    for piece in parsed.pieces:
        assert isinstance(piece, Piece)
        assert at <= piece.start < piece.end <= len(text)
        assert piece.text.strip()
        assert piece.text in text
        at = piece.end
    for piece in parsed.commands:
        assert len(parse(parsed.without(piece)).text) < len(text) or not text.strip()
