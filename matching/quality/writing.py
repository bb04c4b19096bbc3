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
    price = (draft.price_min_fen, draft.price_max_fen)
    return Writing(
        kind=draft.kind,
        title=draft.title,
        texts=_texts(draft.kind, draft.texts),
        indicators=draft.indicators,
        ip=draft.ip,
        modes=draft.modes,
        industries=draft.industries or suggested,
        has_maturity=bool(draft.maturity or draft.trl),
        offer=draft.amounts.get("budget", price),
        dated=bool(draft.wanted_by or draft.days.get("delivery_on")),
    )


def of_content(content: Content) -> Writing:
    """Of what a reader may see of it (`matching.content.restrict`)."""
    return Writing(
        kind=content.kind,
        title=content.title,
        texts=_texts(content.kind, content.texts),
        indicators=content.indicators,
        ip=content.ip,
        modes=content.modes,
        industries=tuple(tag.code for tag in content.used_industries),
        has_maturity=bool(content.maturity or content.trl),
        offer=content.offer,
        dated=bool(content.wanted_by or content.days.get("delivery_on")),
    )
