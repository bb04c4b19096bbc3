"""What is read of a listing to say how much it tells: the same of a draft in a form and of stored content."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.content import Content, Indicator, IpRight, Sum
from matching.drafts import ListingDraft
from matching.model import ListingKind
from matching.model.fields import fields_of


@dataclass(frozen=True, slots=True)
class Writing:
    """`texts` by field code, `industries` codes, confirmed ones first, `offer` money in fen (need: budget or price), `dated`
    whether a day is named by which it is wanted."""

    kind: ListingKind
    title: str
    texts: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    ip: tuple[IpRight, ...] = ()
    modes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    has_maturity: bool = False
    offer: Sum = (None, None)
    dated: bool = False


_SAYING = ("application", "field", "market", "awards", "keywords")
"""Lines that say something of the matter beside the passages."""


def _texts(kind: ListingKind, texts: Mapping[str, str]) -> dict[str, str]:
    wanted = [each.code for each in fields_of(kind) if each.passage or each.code in _SAYING]
    return {code: texts[code] for code in wanted if texts.get(code)}


def of_draft(draft: ListingDraft, suggested: tuple[str, ...] = ()) -> Writing:
    """`suggested` are industries that the platform has proposed for the stored text."""
    return _of(draft, draft.industries or suggested)


def of_content(content: Content) -> Writing:
    """Of what a reader may see of it (`matching.content.restrict`)."""
    return _of(content, tuple(tag.code for tag in content.used_industries))


def _of(written: Content | ListingDraft, industries: tuple[str, ...]) -> Writing:
    return Writing(
        kind=written.kind,
        title=written.title,
        texts=_texts(written.kind, written.texts),
        indicators=written.indicators,
        ip=written.ip,
        modes=written.modes,
        industries=industries,
        has_maturity=bool(written.maturity or written.trl),
        offer=written.amounts.get("budget", (written.price_min_fen, written.price_max_fen)),
        dated=bool(written.wanted_by or written.days.get("delivery_on")),
    )
