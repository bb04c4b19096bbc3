"""Cells as long as a spreadsheet allows, in every column: a draft or reasons, in moments."""

import time
from datetime import date

import pytest

from matching.imports.cells import read_row
from matching.imports.headings import find_headings, guess
from matching.imports.staging import StagedRow
from matching.imports.vocabulary import Vocabulary
from matching.model import ListingKind
from matching.model.fields import CONTACTS, OWNER_HEADINGS, fields_of

LONGEST = 32_767
SECONDS = 2.0
"""For a row with such a cell in every column; a sheet has few of them."""
CELLS = {
    name: (piece * LONGEST)[:LONGEST]
    for name, piece in {
        "digits": "1", "zeros and a letter": "0", "numbers": "ZL202310123456.7、", "brackets": "（(", "closed brackets": "（发）",
        "spaces": " \t", "ideographic spaces": "　一", "dates": "2025年1月", "numerals": "十", "units": "万元", "dots": ".",
        "ranges": "1-2~", "separators": "、，;/", "labels": "专利申请", "latin": "a ", "marks": "'=",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", list(ListingKind))
def test_the_longest_cells_are_read_in_moments(words: Vocabulary, kind: ListingKind, name: str) -> None:
    other = "需求" if kind is ListingKind.RESULT else "成果"
    groups = (*(each.headings for each in (*fields_of(kind), *CONTACTS)), *OWNER_HEADINGS.values())
    heads = tuple(dict.fromkeys(own[0] for each in groups if (own := [head for head in each if other not in head])))
    found = find_headings([(1, heads)], kind)
    assert found is not None
    started = time.monotonic()
    reading = read_row(StagedRow(2, (CELLS[name],) * len(heads), {}), found.columns, kind, words, date(2026, 11, 23))
    find_headings([(1, (*heads[:2], CELLS[name])), (2, (CELLS[name],) * 9)], kind)
    guess(CELLS[name][:60], kind)
    assert time.monotonic() - started < SECONDS
    assert reading.errors or reading.texts or name == "spaces"
