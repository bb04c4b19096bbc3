"""A listing's words and figures as one immutable value, read in a few SELECTs for any number of listings.

The only place that puts a listing, its revision and the rows under it together; pages, projection, pairing, API and
exports all start from a `Content` and narrow it with `restrict` to the layers its reader may see.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import (
    Layer,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Revision,
    RevisionAmount,
    RevisionIndicator,
    RevisionIp,
    RevisionTag,
    TagState,
)
from matching.model.fields import BY_CODE, DAY_FIELDS, TAG_FIELDS
from matching.reference import IndustryNode
from matching.reference import industries as industry_nodes

_CHUNK = 500
"""Ids in one IN list: SQLite's limit on variables is far above, its planner's patience is not."""


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    id: int
    public_id: str
    name: str
    name_en: str
    kind: str
    city: str
    zone_id: int | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    name: str
    comparator: str
    low: float | None
    high: float | None
    unit: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class IpRight:
    kind: str
    title: str
    number: str
    status: str
    ipc: str
    holders: str = ""
    filed_on: date | None = None
    granted_on: date | None = None


@dataclass(frozen=True, slots=True)
class IndustryTag:
    """`reason` says why a suggestion was made: `{"words": [...], "near": score}`."""

    id: int
    code: str
    name: str
    name_en: str
    state: TagState
    source: str
    confidence: float
    reason: Mapping[str, object]


Sum = tuple[int | None, int | None]
"""Money in fen, least and most; None leaves that end open."""

_COOPERATION = "cooperation"
_FIELD_OF_LIST: Mapping[str, str] = {each.code_list or "": each.code for each in TAG_FIELDS}


@dataclass(frozen=True, slots=True)
class Content:
    """One revision of one listing. `texts` holds text fields, `tags` codes of lists, `amounts` sums and `days` dates that are
    not attributes of their own, all by catalogue code. Money is in fen, dates are Shanghai's. `declined` are the figures that
    were proposed from these words and turned down."""

    id: int
    public_id: str
    kind: ListingKind
    number: str | None
    state: ListingState
    version: int
    revision: int
    latest_revision: int
    published_revision: int | None
    document_revision: int
    organisation: OrganisationRef
    addressed_zone_id: int | None
    title: str
    texts: Mapping[str, str]
    layers: Mapping[str, str]
    maturity: str | None
    trl: tuple[int, int] | None
    price_min_fen: int | None
    price_max_fen: int | None
    need_type: str | None
    completed_on: date | None
    wanted_by: date | None
    valid_until: date | None
    published_at: datetime | None
    submitted_at: datetime | None
    updated_at: datetime
    demo: bool
    indicators: tuple[Indicator, ...] = ()
    ip: tuple[IpRight, ...] = ()
    modes: tuple[str, ...] = ()
    industries: tuple[IndustryTag, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[str, Sum] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    declined: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    """Fields that exist and this reader may not see: named and explained, never silently absent. But for what only the
    listing's own people and the staff in charge may know of."""

    @property
    def offer(self) -> Sum:
        """What is paid or asked: a need's budget where it names one, else the price."""
        return self.amounts.get("budget", (self.price_min_fen, self.price_max_fen))

    @property
    def offer_code(self) -> str:
        """The field that `offer` comes from."""
        return "budget" if "budget" in self.amounts else "price"

    @property
    def zone_ids(self) -> frozenset[int]:
        """The zones the listing belongs to: its owner's, and the one it is addressed to."""
        return frozenset(each for each in (self.organisation.zone_id, self.addressed_zone_id) if each is not None)

    @property
    def used_industries(self) -> tuple[IndustryTag, ...]:
        """Confirmed ones and suggestions (used, and shown as 待确认); rejected ones left out."""
        return tuple(each for each in self.industries if each.state != TagState.REJECTED)


def load(
    session: Session, listing_ids: Iterable[int], *, which: Literal["published", "latest"] | int = "published"
) -> dict[int, Content]:
    """Listing id → content of its published or latest revision, or of the one of that number; absent without one."""
    ids = sorted(set(listing_ids))
    nodes = industry_nodes(session)
    found: dict[int, Content] = {}
    for start in range(0, len(ids), _CHUNK):
        found.update(_load_chunk(session, ids[start : start + _CHUNK], which, nodes))
    return found


def _load_chunk(session: Session, ids: list[int], which: str | int, nodes: Mapping[int, IndustryNode]) -> dict[int, Content]:
    named = col(Listing.published_revision) if which == "published" else col(Listing.revision)
    number = named if isinstance(which, str) else sa.literal(which)
    rows = session.exec(
        select(Listing, Revision, Organisation)
        .join(Revision, (col(Revision.listing_id) == col(Listing.id)) & (col(Revision.number) == number))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(col(Listing.id).in_(ids))
    ).all()
    revision_ids = [revision.id for _, revision, _ in rows]
    indicators = _grouped(session, RevisionIndicator, revision_ids)
    rights = _grouped(session, RevisionIp, revision_ids)
    coded: dict[int, dict[str, list[str]]] = {}
    for each in session.exec(select(RevisionTag).where(col(RevisionTag.revision_id).in_(revision_ids))).all():
        coded.setdefault(each.revision_id, {}).setdefault(each.list_code, []).append(each.code)
    amounts: dict[int, dict[str, Sum]] = {}
    for sum_ in session.exec(select(RevisionAmount).where(col(RevisionAmount.revision_id).in_(revision_ids))).all():
        amounts.setdefault(sum_.revision_id, {})[sum_.field] = (sum_.low_fen, sum_.high_fen)
    tags: dict[int, list[IndustryTag]] = {}
    for row in session.exec(select(ListingIndustry).where(col(ListingIndustry.listing_id).in_(ids))).all():
        node = nodes[row.industry_id]
        tags.setdefault(row.listing_id, []).append(
            IndustryTag(
                row.industry_id,
                node.code,
                node.name,
                node.name_en,
                row.state,
                row.source,
                row.confidence,
                row.reason,
            )
        )
    return {
        listing.id or 0: _content(
            listing,
            revision,
            owner,
            indicators=tuple(
                Indicator(i.name, i.comparator, i.low, i.high, i.unit, i.evidence) for i in indicators.get(revision.id or 0, [])
            ),
            ip=tuple(
                IpRight(r.kind, r.title, r.number, r.status, r.ipc, r.holders, r.filed_on, r.granted_on)
                for r in rights.get(revision.id or 0, [])
            ),
            coded=coded.get(revision.id or 0, {}),
            amounts=amounts.get(revision.id or 0, {}),
            industries=tuple(
                sorted(tags.get(listing.id or 0, []), key=lambda t: (t.state != TagState.CONFIRMED, -t.confidence, t.code))
            ),
        )
        for listing, revision, owner in rows
    }


_Row = TypeVar("_Row", RevisionIndicator, RevisionIp)
_Value = TypeVar("_Value")


def _grouped(session: Session, table: type[_Row], revision_ids: list[int | None]) -> dict[int, list[_Row]]:
    groups: dict[int, list[_Row]] = {}
    rows = session.exec(select(table).where(col(table.revision_id).in_(revision_ids)).order_by(col(table.position))).all()
    for row in rows:
        groups.setdefault(row.revision_id, []).append(row)
    return groups


def _content(
    listing: Listing,
    revision: Revision,
    owner: Organisation,
    *,
    indicators: tuple[Indicator, ...],
    ip: tuple[IpRight, ...],
    coded: Mapping[str, list[str]],
    amounts: Mapping[str, Sum],
    industries: tuple[IndustryTag, ...],
) -> Content:
    return Content(
        id=listing.id or 0,
        public_id=listing.public_id,
        kind=listing.kind,
        number=listing.number,
        state=listing.state,
        version=listing.version,
        revision=revision.number,
        latest_revision=listing.revision,
        published_revision=listing.published_revision,
        document_revision=listing.document_revision,
        organisation=OrganisationRef(
            owner.id or 0, owner.public_id, owner.name, owner.name_en, owner.kind, owner.city, owner.zone_id, owner.demo
        ),
        addressed_zone_id=listing.addressed_zone_id,
        title=revision.title,
        texts=revision.texts,
        layers=revision.layers,
        maturity=revision.maturity,
        trl=(revision.trl_low, revision.trl_high) if revision.trl_low is not None and revision.trl_high is not None else None,
        price_min_fen=revision.price_min_fen,
        price_max_fen=revision.price_max_fen,
        need_type=revision.need_type,
        completed_on=revision.completed_on,
        wanted_by=revision.wanted_by,
        valid_until=listing.valid_until,
        published_at=listing.published_at,
        submitted_at=listing.submitted_at,
        updated_at=listing.updated_at,
        demo=listing.demo,
        indicators=indicators,
        ip=ip,
        modes=tuple(sorted(coded.get(_COOPERATION, []))),
        industries=industries,
        tags={_FIELD_OF_LIST[name]: tuple(sorted(codes)) for name, codes in coded.items() if name in _FIELD_OF_LIST},
        amounts=amounts,
        days={each.code: day for each in DAY_FIELDS if (day := getattr(revision, each.code)) is not None},
        declined=tuple(revision.declined),
    )


def restrict(content: Content, layers: Collection[Layer]) -> Content:
    """What a reader of these layers may see. Fields that exist and are left out are named in `hidden`.

    The title is always public: a listing that may be found at all has a name.
    """
    allowed = {layer.value for layer in layers}

    def is_open(code: str) -> bool:
        layer = content.layers.get(code) or BY_CODE[code].layer.value
        return layer in allowed

    def is_secret(code: str) -> bool:
        return (content.layers.get(code) or BY_CODE[code].layer.value) == Layer.OWN.value

    def keep(code: str, value: _Value, empty: _Value) -> _Value:
        return value if is_open(code) else empty

    present = {code for code, text in content.texts.items() if text} | {*content.tags, *content.amounts, *content.days}
    present |= {
        code
        for code, value in (
            ("maturity", content.maturity),
            ("price", content.price_min_fen if content.price_min_fen is not None else content.price_max_fen),
            ("need_type", content.need_type),
            ("completed_on", content.completed_on),
            ("wanted_by", content.wanted_by),
            ("indicators", content.indicators or None),
            ("ip", content.ip or None),
            ("modes", content.modes or None),
        )
        if value is not None
    }
    return replace(
        content,
        texts={code: text for code, text in content.texts.items() if is_open(code)},
        maturity=keep("maturity", content.maturity, None),
        trl=keep("maturity", content.trl, None),
        price_min_fen=keep("price", content.price_min_fen, None),
        price_max_fen=keep("price", content.price_max_fen, None),
        need_type=keep("need_type", content.need_type, None),
        completed_on=keep("completed_on", content.completed_on, None),
        wanted_by=keep("wanted_by", content.wanted_by, None),
        indicators=keep("indicators", content.indicators, ()),
        ip=keep("ip", content.ip, ()),
        modes=keep("modes", content.modes, ()),
        tags={code: codes for code, codes in content.tags.items() if is_open(code)},
        amounts={code: amount for code, amount in content.amounts.items() if is_open(code)},
        days={code: day for code, day in content.days.items() if is_open(code)},
        hidden=tuple(sorted(code for code in present if not is_open(code) and not is_secret(code))),
    )
