"""Texts in exported cells: nothing is calculated, nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.harmless import as_meant, harmless

TEXT = st.one_of(st.text(max_size=30), st.text(alphabet="'=+-@＝－ \t\r\na1", max_size=8))


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 519", "-40~85 ℃", "@SUM(A1)", "＝1", "－5", "\t=1", "\r", " =1", "'=1", "''=1", "\n@a", '=DDE("cmd")']
)
def test_what_would_be_calculated_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert as_meant(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "低铝银浆", "60-120", "a=b", "'quoted'", "3D打印", "1+1"])
def test_other_texts_stay(text: str) -> None:
    assert harmless(text) == text
    assert as_meant(text) == text


@given(TEXT)
def test_every_storable_text_comes_back(text: str) -> None:
    cell = harmless(text)
    assert cell.lstrip("' \n")[:1] not in tuple("=+-@＝＋－＠") or cell.startswith("'")
    stored = harmless(as_meant(cell))
    assert stored == cell, "a second time round nothing is added"
    if not any(
        (ord(each) < 32 and each not in "\t\n\r") or 0xD800 <= ord(each) < 0xE000 or each in "\ufffe\uffff" for each in text
    ):
        assert as_meant(cell) == text


def test_what_no_sheet_can_carry_is_left_out() -> None:
    assert harmless("a\x00b\x07c\ud800") == "abc?"
    assert len(harmless("长" * 40_000)) == 32_000
