"""What happened in one job that others may care about. Handled in the same transaction; `reactions` lists who listens."""

from dataclasses import dataclass

from search.ports import Lane


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """What readers may find of a listing changed: its text, industries, owner, zone, or that it is open at all."""

    listing_id: int
    lane: Lane = "interactive"


@dataclass(frozen=True, slots=True)
class TextSubmitted:
    """A listing has a new text to be read by staff; its industries may want a suggestion."""

    listing_id: int
    lane: Lane = "interactive"


@dataclass(frozen=True, slots=True)
class ListingsChanged:
    """`ListingChanged` of many at once: a slice of an import."""

    listing_ids: tuple[int, ...]
    lane: Lane = "bulk"


@dataclass(frozen=True, slots=True)
class TextsSubmitted:
    """`TextSubmitted` of many at once."""

    listing_ids: tuple[int, ...]
    lane: Lane = "bulk"


@dataclass(frozen=True, slots=True)
class ZoneIndustryDecided:
    zone_id: int


@dataclass(frozen=True, slots=True)
class ZonesChanged:
    """These zones are matched in another field now, or with other firms."""

    zone_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RankerChanged:
    """Pairs of the zone are scored otherwise now; None stands for all zones without a ranker of their own, and for the pool."""

    zone_id: int | None


@dataclass(frozen=True, slots=True)
class IndustryChanged:
    """What is in an industry changed: its words, its place in the tree (`moved`, from below `old_parent_id`), its validity."""

    industry_id: int
    old_parent_id: int | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class IndustryWordsChanged:
    """An industry was made, named otherwise, given other words, or is offered no more."""


@dataclass(frozen=True, slots=True)
class VerdictGiven:
    zone_id: int
    need_id: int
    result_id: int
