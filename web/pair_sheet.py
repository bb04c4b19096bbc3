"""The pairs of a desk as a workbook: what a zone hands round, in the reader's language."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import xlsxwriter

from matching.harmless import WRITING, harmless
from matching.pair_views import PairView
from matching.pairing.parts import CODES
from web import formats
from web.i18n import gettext as _
from web.messages import level_name, part_name
from web.names import Names
from web.pair_view import lane_name
from web.reasons import reasons

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 10_000
_WIDE: Final = 44
_NARROW: Final = 14


def pair_sheet(pairs: Iterable[PairView], total: int, names: Names) -> bytes:
    """A row a pair, the best first; a last line says so where `total` is more than fits."""
    headings = _headings()
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {**WRITING, "constant_memory": True}) as book:
        sheet = book.add_worksheet(_("Pairs"))
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(headings):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        line = 0
        for line, pair in enumerate(pairs, 1):  # the number of the last one is needed after it
            _write(sheet, line, _row(pair, names), text)
        if total > line and line == MOST_ROWS:
            told = _("The best %(shown)s of %(total)s pairs. Narrow the filters to export the others.")
            sheet.write_string(line + 1, 0, told % {"shown": formats.number(line), "total": formats.number(total)})
    return target.getvalue()


def _headings() -> list[tuple[str, int]]:
    return [
        (_("Lane"), _NARROW),
        (_("Need no."), _NARROW),
        (_("Need"), _WIDE),
        (_("Need's owner"), 28),
        (_("Result no."), _NARROW),
        (_("Result"), _WIDE),
        (_("Result's owner"), 28),
        (_("Match level"), 9),
        (_("Score"), 9),
        *((part_name(code), 9) for code in CODES),
        (_("What speaks for it"), _WIDE),
        (_("What is missing or against it"), _WIDE),
        (_("Shared terms"), 28),
        (_("Grade"), 9),
        (_("Reason"), _NARROW),
        (_("Graded by"), _NARROW),
        (_("Graded on"), _NARROW),
        (_("Need's owner says"), 24),
        (_("Result's owner says"), 24),
        (_("Found on"), _NARROW),
    ]


def _row(pair: PairView, names: Names) -> Sequence[str | float | None]:
    told = reasons(pair, names)
    verdict = pair.verdict
    said = {word.side: word for word in pair.words}
    words = []
    for side in ("need", "result"):
        word = next((each for key, each in said.items() if key == side), None)
        parts = (_("fits") if word.fits else _("does not fit"), names.of("decline_reason", word.reason)) if word else ()
        words.append(_(": ").join(filter(None, parts)))
    values = {part.code: part.value for part in pair.scored.parts}
    return [
        lane_name(pair.lane),
        pair.need.number or "",
        pair.need.title,
        formats.named(pair.need.organisation),
        pair.result.number or "",
        pair.result.title,
        formats.named(pair.result.organisation),
        level_name(pair.level),
        round(pair.score, 3),
        *(None if (value := values.get(code)) is None else round(value * 100) for code in CODES),
        told.sentence,
        told.missing,
        formats.joined(pair.scored.shared_terms),
        level_name(verdict.grade) if verdict else "",
        names.of("decline_reason", verdict.reason) if verdict else "",
        verdict.grader if verdict else "",
        formats.day_text(verdict.at) if verdict else "",
        *words,
        formats.day_text(pair.found_at),
    ]


def _write(sheet: Any, line: int, values: Sequence[str | float | None], text: Any) -> None:
    for column, value in enumerate(values):
        if isinstance(value, str):
            sheet.write_string(line, column, harmless(value), text)
        elif value is not None:
            sheet.write_number(line, column, value)
