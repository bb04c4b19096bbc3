"""Hits of a search as a workbook, in the reader's language: what the reader may see of them, and why each was found."""

import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter

from matching.discovery import SearchHit, SearchPage
from matching.harmless import WRITING, harmless
from matching.money import FEN_PER_YUAN
from web import formats, listing_facts
from web.i18n import gettext as _
from web.messages import hit_reason, kind_name
from web.names import Names

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 400
_WIDE, _MIDDLE, _NARROW = 44, 28, 14


def hit_sheet(page: SearchPage, names: Names) -> bytes:
    """A row a hit, in the list's order; money in yuan, exact."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {**WRITING, "constant_memory": True}) as book:
        sheet = book.add_worksheet(_("Hits"))
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(_headings()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        for line, hit in enumerate(page.hits, 1):
            for column, value in enumerate(_row(hit, names)):
                if isinstance(value, str):
                    sheet.write_string(line, column, harmless(value), text)
                elif value is not None:
                    sheet.write_number(line, column, value)
        if page.matched > len(page.hits):
            told = _("%(shown)s of %(total)s. Narrow the filters to see the others.")
            shown = {"shown": formats.number(len(page.hits)), "total": formats.number(page.matched)}
            sheet.write_string(len(page.hits) + 1, 0, told % shown)
    return target.getvalue()


def _headings() -> list[tuple[str, int]]:
    return [
        (_("Kind"), _NARROW),
        (_("Number"), _NARROW),
        (_("Title"), _WIDE),
        (_("Owner"), _MIDDLE),
        (_("High-tech zone"), _MIDDLE),
        (_("Industries"), _MIDDLE),
        (_("Maturity"), _NARROW),
        (_("Cooperation"), _MIDDLE),
        (_("Intellectual property"), _MIDDLE),
        (_("Price from (yuan)"), _NARROW),
        (_("Price to (yuan)"), _NARROW),
        (_("Published on"), _NARROW),
        (_("Valid until"), _NARROW),
        (_("Passage"), _WIDE),
        (_("Why"), _WIDE),
    ]


def _row(hit: SearchHit, names: Names) -> Sequence[str | float | None]:
    content = hit.content
    low, high = content.offer
    return [
        kind_name(content.kind),
        content.number or "",
        content.title,
        formats.named(content.organisation),
        formats.joined([formats.named(each) for each in names.zones if each.id in content.zone_ids]),
        formats.joined([formats.named(each) for each in content.used_industries]),
        listing_facts.maturity(content, names),
        names.all_of("cooperation", content.modes),
        listing_facts.rights(content, names),
        None if low is None else low / FEN_PER_YUAN,
        None if high is None else high / FEN_PER_YUAN,
        formats.day_text(content.published_at) if content.published_at else "",
        formats.day_text(content.valid_until) if content.valid_until else "",
        hit.snippet,
        hit_reason(hit),
    ]
