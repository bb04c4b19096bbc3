"""What the API answers with: the values of the use-cases as JSON. Names of codes come in both languages, money in fen,
instants in UTC, days as they are in Shanghai. What a reader may not see is not in them; `hidden` names it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from matching.content import Content, OrganisationRef
from matching.listing_counts import ZoneCounts
from matching.listing_views import ListingPage
from matching.my_listings import MyListing
from matching.reference import Code, IndustryNode, ZoneView, zones

T = TypeVar("T")


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Page(Shape, Generic[T]):
    """One page of a list. `next_cursor` is null at its end; `total` counts the whole list, where that is known."""

    items: list[T]
    next_cursor: str | None = None
    total: int | None = None


class Everything(Shape, Generic[T]):
    """A list that comes whole."""

    items: list[T]


class Named(Shape):
    code: str
    name: str
    name_en: str


class Industry(Named):
    """`parent` is a code; what is tagged with an industry is in all its parents, too. `ipc` prefixes are suggestions. What is
    `retired` is offered no more, and names what older entries say."""

    parent: str | None
    description: str
    aliases: list[str]
    keywords: list[str]
    ipc: list[str]
    source: str
    retired: bool

    @classmethod
    def of(cls, node: IndustryNode) -> "Industry":
        return cls(
            code=node.code,
            name=node.name,
            name_en=node.name_en,
            parent=node.parent,
            description=node.description,
            aliases=list(node.aliases),
            keywords=[each for each in node.keywords if each not in node.aliases],
            ipc=list(node.ipc),
            source=node.source,
            retired=node.retired,
        )


class Counts(Shape):
    """What anyone may know of a zone. `pairs` maps the levels 1 to 3 to computed pairs between open entries."""

    open_needs: int
    needs_in_industry: int
    results_in_industry: int
    zone_results: int
    organisations: int
    pairs: Mapping[str, int]


class Zone(Named):
    """`industry` is the zone's strategic industry, null while it has not decided; then it is matched in its `candidate`, if it
    has one. `region` is a six-digit administrative code, `target_title` a code of the list `zone_title`, `pilots` are codes of
    `zone_pilot`."""

    city: str
    region: str
    level: str
    target_title: str
    pilots: list[str]
    industry: Named | None
    industry_source: str
    candidate: Named | None
    retired: bool
    counts: Counts

    @classmethod
    def of(cls, zone: ZoneView, counts: ZoneCounts) -> "Zone":
        return cls(
            code=zone.code,
            name=zone.name,
            name_en=zone.name_en,
            city=zone.city,
            region=zone.region,
            level=zone.level,
            target_title=zone.target_title,
            pilots=list(zone.pilots),
            industry=named(zone.industry) if zone.industry else None,
            industry_source=zone.industry_source,
            candidate=named(zone.candidate) if zone.candidate else None,
            retired=zone.retired,
            counts=Counts(
                open_needs=counts.open_needs,
                needs_in_industry=counts.needs_in_industry,
                results_in_industry=counts.results_in_industry,
                zone_results=counts.zone_results,
                organisations=counts.organisations,
                pairs={str(level): number for level, number in counts.pairs.items()},
            ),
        )


class CodeValue(Named):
    """`facts` are what rules need of a value: the TRL bounds of a maturity, whether a reason teaches the matching. What is
    `retired` is offered no more, and names what older entries say."""

    facts: Mapping[str, int | str | bool]
    description: str
    description_en: str
    source: str
    retired: bool

    @classmethod
    def of(cls, value: Code) -> "CodeValue":
        return cls(
            code=value.code,
            name=value.name,
            name_en=value.name_en,
            facts=value.facts,
            description=value.description,
            description_en=value.description_en,
            source=value.source,
            retired=value.retired,
        )


class CodeList(Shape):
    code_list: str
    items: list[CodeValue]


class Organisation(Shape):
    id: str
    name: str
    name_en: str
    kind: str
    city: str
    zone: str | None
    demo: bool


class Indicator(Shape):
    name: str
    comparator: str
    low: float | None
    high: float | None
    unit: str
    evidence: str


class IpRight(Shape):
    kind: str
    title: str
    number: str
    status: str
    ipc: str
    holders: str
    filed_on: date | None
    granted_on: date | None


class IndustryTag(Named):
    """`state` is `confirmed`, or `suggested` while nobody has confirmed it."""

    state: str


class Trl(Shape):
    low: int
    high: int


class Sum(Shape):
    """Money in fen; an end that is null is open."""

    min_fen: int | None
    max_fen: int | None


class Brief(Shape):
    """A result or a need as another thing names it."""

    id: str
    kind: str
    number: str | None
    state: str
    title: str
    organisation: Organisation
    valid_until: date | None
    published_at: datetime | None
    demo: bool


class Listing(Brief):
    """A result or a need as its reader may see it. Prices are in fen; without either bound they are by negotiation."""

    addressed_zone: str | None
    texts: Mapping[str, str]
    indicators: list[Indicator]
    ip: list[IpRight]
    modes: list[str]
    tags: Mapping[str, list[str]]
    amounts: Mapping[str, Sum]
    days: Mapping[str, date]
    industries: list[IndustryTag]
    maturity: str | None
    trl: Trl | None
    price_min_fen: int | None
    price_max_fen: int | None
    need_type: str | None
    completed_on: date | None
    wanted_by: date | None
    hidden: list[str]


class Review(Shape):
    revision: int
    decision: str
    reasons: Mapping[str, str]
    at: datetime


class Inside(Shape):
    """What its owner, the staff in charge and administrators see besides. `version` is what If-Match compares;
    `waiting_revision` is a newer text than the published one, `is_waiting` says that it waits for the staff."""

    version: int
    revision: int
    published_revision: int | None
    layers: Mapping[str, str]
    declined: list[str]
    waiting_revision: int | None
    is_waiting: bool
    submitted_at: datetime | None
    updated_at: datetime
    reviews: list[Review]


class ListingDetail(Listing):
    """`may` names what the caller can do with it now; `inside` is null for other readers."""

    may: list[str]
    inside: Inside | None


class OwnListing(Listing):
    """One of the caller's own, in its newest words. `next_step` is what to do with it."""

    version: int
    may: list[str]
    pairs: int
    days_left: int | None
    next_step: str


class Contacts(Shape):
    contacts: Mapping[str, str]


def named(node: IndustryNode) -> Named:
    return Named(code=node.code, name=node.name, name_en=node.name_en)


class Writer:
    """Puts listings into shapes, with the codes of the zones as they stood when it was made."""

    def __init__(self, session: Session) -> None:
        self._zones = {each.id: each.code for each in zones(session)}

    def organisation(self, owner: OrganisationRef) -> Organisation:
        return Organisation(
            id=owner.public_id,
            name=owner.name,
            name_en=owner.name_en,
            kind=owner.kind,
            city=owner.city,
            zone=self._zones.get(owner.zone_id or 0),
            demo=owner.demo,
        )

    def brief(self, content: Content) -> Brief:
        return Brief(**self._brief(content))

    def listing(self, content: Content) -> Listing:
        return Listing(**self._listing(content))

    def own(self, mine: MyListing) -> OwnListing:
        return OwnListing(
            **self._listing(mine.content),
            version=mine.content.version,
            may=sorted(mine.may),
            pairs=mine.pairs,
            days_left=mine.days_left,
            next_step=mine.next_step,
        )

    def detail(self, page: ListingPage, *, is_inside: bool) -> ListingDetail:
        content = page.content
        inside = Inside(
            version=content.version,
            revision=content.revision,
            published_revision=content.published_revision,
            layers=content.layers,
            declined=list(content.declined),
            waiting_revision=page.waiting_revision,
            is_waiting=page.is_waiting,
            submitted_at=content.submitted_at,
            updated_at=content.updated_at,
            reviews=[
                Review(revision=each.revision, decision=each.decision, reasons=each.reasons, at=each.at) for each in page.reviews
            ],
        )
        return ListingDetail(**self._listing(content), may=sorted(page.may), inside=inside if is_inside else None)

    def _brief(self, content: Content) -> dict[str, Any]:
        return {
            "id": content.public_id,
            "kind": content.kind.value,
            "number": content.number,
            "state": content.state.value,
            "title": content.title,
            "organisation": self.organisation(content.organisation),
            "valid_until": content.valid_until,
            "published_at": content.published_at,
            "demo": content.demo,
        }

    def _listing(self, content: Content) -> dict[str, Any]:
        return self._brief(content) | {
            "addressed_zone": self._zones.get(content.addressed_zone_id or 0),
            "texts": content.texts,
            "indicators": [
                Indicator(name=i.name, comparator=i.comparator, low=i.low, high=i.high, unit=i.unit, evidence=i.evidence)
                for i in content.indicators
            ],
            "ip": [
                IpRight(
                    kind=r.kind, title=r.title, number=r.number, status=r.status, ipc=r.ipc, holders=r.holders,
                    filed_on=r.filed_on, granted_on=r.granted_on,
                )
                for r in content.ip
            ],
            "modes": list(content.modes),
            "tags": {code: list(chosen) for code, chosen in content.tags.items()},
            "amounts": {code: Sum(min_fen=low, max_fen=high) for code, (low, high) in content.amounts.items()},
            "days": content.days,
            "industries": [
                IndustryTag(code=tag.code, name=tag.name, name_en=tag.name_en, state=tag.state.value)
                for tag in content.used_industries
            ],
            "maturity": content.maturity,
            "trl": Trl(low=content.trl[0], high=content.trl[1]) if content.trl else None,
            "price_min_fen": content.price_min_fen,
            "price_max_fen": content.price_max_fen,
            "need_type": content.need_type,
            "completed_on": content.completed_on,
            "wanted_by": content.wanted_by,
            "hidden": list(content.hidden),
        }  # fmt: skip
