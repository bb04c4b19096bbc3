"""The policy's sentences that pages quote, word by word: rows of the code list `clause`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matching.reference import Code, ZoneView
from web import formats, i18n

LIST: Final = "clause"
NAMED: Final = "3-named"
UNDECIDED: Final = "3-undecided"


@dataclass(frozen=True, slots=True)
class Quotation:
    """`spans` are where the zone itself is named."""

    text: str
    source: str
    spans: tuple[tuple[int, int], ...] = ()


def clause(clauses: Mapping[str, Code], code: str) -> Quotation | None:
    """A sentence in the reader's language; None where the list does not offer it."""
    row = clauses.get(code)
    if row is None or row.retired or not row.description:
        return None
    text = row.description_en if i18n.current() == "en" and row.description_en else row.description
    return Quotation(text, formats.named(row))


def quotation(clauses: Mapping[str, Code], zone: ZoneView) -> Quotation | None:
    """The sentence that names the zone's industry; for a zone not named there, the one on those that are undecided."""
    found = clause(clauses, NAMED)
    if found is not None and zone.industry is not None:
        name, industry = formats.named(zone), formats.named(zone.industry)
        for sought in (f"{name}{industry}", f"{industry} in {name}", name):
            at = found.text.find(sought)
            if at >= 0:
                return Quotation(found.text, found.source, ((at, at + len(sought)),))
    return clause(clauses, UNDECIDED)
