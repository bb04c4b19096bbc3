"""What is typed stays as it is seen; what is not seen goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.typed_text import clean_line, clean_text, has_words, is_broken, shown

any_text = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  两头的空白  ", "两头的空白"),
        ("一行\r\n二行\r三行\x0b四行", "一行\n二行\n三行\n四行"),
        ("一\n\n\n\n\n二", "一\n\n二"),
        ("零\u200b宽\ufeff与\x07铃", "零宽与铃"),
        ("覆盖\u202e方向\u202c", "覆盖方向"),
        ("制表\t符", "制表 符"),
        ("全角ＡＢＣ１２３、半角ABC", "全角ＡＢＣ１２３、半角ABC"),
        ("<b>标签</b> &amp; 'x'", "<b>标签</b> &amp; 'x'"),
        ("e\u0301", "é"),
        ("👨‍👩‍👧‍👦家", "👨‍👩‍👧‍👦家"),
        ("繁體字與简体", "繁體字與简体"),
    ],
)
def test_text(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


def test_a_line_has_no_newline() -> None:
    assert clean_line("上\n 下\r\n\r\n末") == "上 下 末"


def test_broken_text_is_told_apart() -> None:
    assert is_broken("a\x00b")
    assert is_broken("\ud83d")
    assert not is_broken("ok \x07 \n 👍")


@pytest.mark.parametrize(("text", "yes"), [("铁", True), ("316L", True), ("👍👍", False), ("2026-01", False), ("？！", False)])
def test_words(text: str, yes: bool) -> None:
    assert has_words(text) is yes


@given(any_text)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(any_text)
def test_the_result_can_be_stored(text: str) -> None:
    stored = clean_text(text)
    stored.encode()
    assert not is_broken(stored)
    assert "\n" not in clean_line(text)


@given(any_text, st.integers(1, 60))
def test_shown_is_short_and_safe(text: str, limit: int) -> None:
    assert len(shown(text, limit)) <= limit
    shown(text, limit).encode()
