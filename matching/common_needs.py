"""Needs of several firms of a zone that ask for the same thing: offered to the zone's staff as one common need.

Neither firm is named in what is made of it, and no sentence of theirs is copied: it holds the words that all of them use and the
range of the figures that they ask. Staff read the needs themselves where they may read them anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access, listings
from matching.access import Actor
from matching.content import Content, Indicator, OrganisationRef, load
from matching.documents import as_registered, indicator_text, passages_of
from matching.drafts import ListingDraft
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound
from matching.likeness.verdict import nearness
from matching.model import (
    CommonNeed,
    CommonNeedSource,
    CommonState,
    Listing,
    ListingKind,
    ListingState,
    Organisation,
    Zone,
)
from matching.prints import words_of
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.typed_text import shown
from matching.vectors import VectorStore
from search.ports import Matrix
from search.text import comparison_key

NEAR: Final = 0.5
"""Nearness of two needs' passages from which on they may ask for the same. Among the demonstration's needs, pairs of firms that
were written to ask for the same lie above 0.8, all others below 0.5."""
SHARED: Final = 0.1
"""Share of telling words that two such needs have in common at least."""
MOST: Final = 1000
"""Needs of a zone that are compared, the newest."""
_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure that several of the needs ask, from the least to the most; equal where all ask the same."""

    name: str
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class Common:
    """A common need as staff see it. `needs` as signed-in users read them; `draft` is the public id of what was made of it."""

    public_id: str
    state: CommonState
    words: tuple[str, ...]
    needs: tuple[Content, ...]
    firms: int
    figures: tuple[Asked, ...]
    found_at: datetime
    draft: str | None


def bring(database: Database, vectors: VectorStore, zone_code: str) -> int:
    """Group the zone's open needs anew. What staff decided on stays, and needs that a decision names are not offered together
    again. Returns how many common needs are open."""
    with database.read() as session:
        zone = session.exec(select(Zone).where(Zone.code == zone_code)).first()
        if zone is None or zone.id is None:
            return 0
        contents = _needs(session, zone.id)
        rows = dict(vectors.stacked(session, {each.id: passages_of(each)[1] for each in contents}))
    groups = _groups([each for each in contents if each.id in rows], rows)
    with database.write() as unit:
        session = unit.session
        decided = [members for id_, members in _sources(session, zone.id, but=CommonState.OPEN).items() if id_]
        held = _sources(session, zone.id, only=CommonState.OPEN)
        wanted = {frozenset(each.id for each in group): group for group in groups}
        wanted = {ids: group for ids, group in wanted.items() if not any(len(ids & before) > 1 for before in decided)}
        gone = [id_ for id_, ids in held.items() if ids not in wanted]
        session.execute(sa.delete(CommonNeedSource).where(col(CommonNeedSource.common_id).in_(gone)))
        session.execute(sa.delete(CommonNeed).where(col(CommonNeed.id).in_(gone)))
        ids_of = {ids: id_ for id_, ids in held.items()}
        for ids, group in wanted.items():
            if ids in ids_of:
                session.get_one(CommonNeed, ids_of[ids]).words = _shared(group)
            else:
                made = CommonNeed(zone_id=zone.id, state=CommonState.OPEN, words=_shared(group), found_at=unit.now())
                session.add(made)
                session.flush()
                session.add_all(CommonNeedSource(common_id=made.id or 0, listing_id=id_) for id_ in sorted(ids))
        unit.commit()
    return len(wanted)


def _needs(session: Session, zone_id: int) -> list[Content]:
    """The open needs of the zone's firms and those addressed to it, as signed-in users read them, the newest first."""
    ids = session.execute(
        sa.select(col(Listing.id))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(
            col(Listing.kind) == ListingKind.NEED,
            col(Listing.state) == ListingState.PUBLISHED,
            sa.or_(col(Organisation.zone_id) == zone_id, col(Listing.addressed_zone_id) == zone_id),
            col(Listing.id).not_in(sa.select(col(CommonNeed.draft_id)).where(col(CommonNeed.draft_id).is_not(None))),
        )
        .order_by(col(Listing.published_at).desc(), col(Listing.id).desc())
        .limit(MOST)
    ).scalars()
    return [as_registered(each) for each in load(session, list(ids)).values()]


def _groups(contents: Sequence[Content], rows: Mapping[int, Matrix]) -> list[tuple[Content, ...]]:
    """Greedy: the nearest pair of two firms begins a group, and who is near to all of it joins."""
    near: dict[tuple[int, int], float] = {}
    middles = np.stack([rows[each.id].mean(axis=0) for each in contents]) if contents else np.zeros((0, 1), np.float32)
    rough = middles @ middles.T
    words = {each.id: words_of(each).vocabulary for each in contents}
    for i, j in np.argwhere(np.triu(rough > NEAR / 2, 1)).tolist():
        one, other = contents[i], contents[j]
        if _fields(one) & _fields(other) and one.organisation.id != other.organisation.id:
            value = nearness(rows[one.id], rows[other.id])
            if value >= NEAR and _share(words[one.id], words[other.id]) >= SHARED:
                near[i, j] = value
    groups: list[list[int]] = []
    taken: set[int] = set()
    for i, j in sorted(near, key=lambda pair: (-near[pair], pair)):
        if i not in taken and j not in taken:
            group = [i, j]
            for k in range(len(contents)):
                if k not in taken and k not in group and all((min(k, each), max(k, each)) in near for each in group):
                    group.append(k)
            taken.update(group)
            groups.append(group)
    return [tuple(contents[at] for at in group) for group in groups]


def _fields(content: Content) -> frozenset[int]:
    return frozenset(tag.id for tag in content.used_industries)


def _share(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    total = sum(one.values()) + sum(other.values())
    return sum(one[word] + other[word] for word in one.keys() & other.keys()) / total if total else 0.0


def _shared(group: Sequence[Content]) -> list[str]:
    """What all of them say, the words of their titles first, then what each says more than once: without figures, and without
    what stands in anybody's name."""
    words = [words_of(each) for each in group]
    names = " ".join(f"{each.organisation.name} {each.organisation.name_en} {each.organisation.city}" for each in group).lower()
    both = set(words[0].vocabulary).intersection(*(each.vocabulary for each in words[1:]))
    telling = {each for each in both if len(each) > 1 and each not in names and not any(sign.isdigit() for sign in each)}

    def rank(word: str) -> tuple[int, int, float, str]:
        titles, repeated = sum(word in each.subject for each in words), sum(word in each.repeated for each in words)
        return -titles, -repeated, -words[0].vocabulary[word], word

    said = [each for each in sorted(telling, key=rank) if any(each in w.subject or each in w.repeated for w in words)]
    return (said or sorted(telling, key=rank))[:_WORDS]


def _sources(
    session: Session, zone_id: int, *, only: CommonState | None = None, but: CommonState | None = None
) -> dict[int, frozenset[int]]:
    query = (
        sa.select(col(CommonNeedSource.common_id), col(CommonNeedSource.listing_id))
        .join(CommonNeed, col(CommonNeed.id) == col(CommonNeedSource.common_id))
        .where(col(CommonNeed.zone_id) == zone_id)
    )
    query = query.where(col(CommonNeed.state) == only) if only else query.where(col(CommonNeed.state) != but)
    found: dict[int, set[int]] = {}
    for id_, listing in session.execute(query):
        found.setdefault(id_, set()).add(listing)
    return {id_: frozenset(members) for id_, members in found.items()}


def figures_of(needs: Sequence[Content]) -> tuple[Asked, ...]:
    """What at least two of them give a figure for, under one name and in one unit."""
    found: dict[tuple[str, str], list[tuple[int, Indicator]]] = {}
    for at, content in enumerate(needs):
        for each in content.indicators:
            found.setdefault((comparison_key(each.name), each.unit), []).append((at, each))
    asked: list[Asked] = []
    for (_, unit), given in found.items():
        values = [value for _, each in given for value in (each.low, each.high) if value is not None]
        if len({at for at, _ in given}) > 1 and values:
            asked.append(Asked(given[0][1].name, min(values), max(values), unit))
    return tuple(asked)


def of_zone(session: Session, actor: Actor, zone_code: str) -> tuple[Common, ...]:
    """Open ones first, then those that were accepted, for the zone's staff; dismissed ones are gone. Needs that are not open
    any more are left out, and with them what is no longer asked by two firms. Raises `MayNot`, `NotFound`."""
    zone = _zone(session, actor, zone_code)
    rows = session.exec(select(CommonNeed).where(CommonNeed.zone_id == zone.id, CommonNeed.state != CommonState.DISMISSED)).all()
    return tuple(
        found
        for row in sorted(rows, key=lambda each: (each.state != CommonState.OPEN, -(each.id or 0)))
        if (found := _view(session, row)).firms > 1
    )


def _zone(session: Session, actor: Actor, zone_code: str) -> Zone:
    zone = session.exec(select(Zone).where(Zone.code == zone_code)).first()
    access.require(actor, "common.decide", zones=(zone.id,) if zone is not None and zone.id is not None else ())
    if zone is None:
        raise NotFound(kind="zone")
    return zone


def _view(session: Session, row: CommonNeed) -> Common:
    ids = session.exec(select(CommonNeedSource.listing_id).where(CommonNeedSource.common_id == row.id)).all()
    contents = [each for each in load(session, ids).values() if each.state == ListingState.PUBLISHED]
    needs = tuple(as_registered(each) for each in contents)
    draft = session.get(Listing, row.draft_id) if row.draft_id else None
    firms = len({each.organisation.id for each in needs})
    return Common(
        row.public_id, row.state, tuple(row.words), needs, firms, figures_of(needs), row.found_at,
        draft.public_id if draft else None,
    )  # fmt: skip


def owners(session: Session, actor: Actor, zone_code: str) -> tuple[OrganisationRef, ...]:
    """In whose name a common need of the zone can be drafted: its active organisations that are no firms."""
    zone = _zone(session, actor, zone_code)
    rows = session.exec(
        select(Organisation)
        .where(Organisation.zone_id == zone.id, col(Organisation.active), Organisation.kind != "enterprise")
        .order_by(col(Organisation.name))
    ).all()
    return tuple(
        OrganisationRef(row.id or 0, row.public_id, row.name, row.name_en, row.kind, row.city, row.zone_id, row.demo)
        for row in rows
    )


def accept(unit: UnitOfWork, actor: Actor, zone_code: str, public_id: str, organisation: str) -> str:
    """Make a draft of it in the name of an organisation of the zone. Gives the draft's public id; again it gives the same.

    Raises `MayNot`, `NotFound`, `IllegalMove` for one that was dismissed, `InvalidInput`; as `listings.save`.
    """
    row, found = _found(unit, actor, zone_code, public_id)
    if row.state == CommonState.ACCEPTED and found.draft:
        return found.draft
    if row.state == CommonState.DISMISSED:
        raise IllegalMove(move="accept", state=row.state.value)
    if organisation not in {each.public_id for each in owners(unit.session, actor, zone_code)}:
        raise InvalidInput(FieldError("organisation", "unknown_code", {"value": shown(organisation)}))
    made = listings.save(unit, actor, draft_of(found, organisation, zone_code))
    row.draft_id = unit.session.exec(select(Listing.id).where(Listing.public_id == made.public_id)).one()
    _decide(unit, actor, row, CommonState.ACCEPTED)
    return made.public_id


def draft_of(found: Common, organisation: str, zone_code: str) -> ListingDraft:
    """Shared words and figures: nobody's name, and none of their sentences."""
    words = "、".join(found.words)
    rows = tuple(
        Indicator(each.name, "=" if each.low == each.high else "range", each.low, each.high, each.unit) for each in found.figures
    )
    told = f"本区有 {found.firms} 家企业提出同一类需求，汇总为共性需求。共同涉及：{words}。"
    asked = f"\n各家要求的指标：{'；'.join(indicator_text(each) for each in rows)}。" if rows else ""
    codes = {tag.code for tag in found.needs[0].used_industries}.intersection(
        *({tag.code for tag in each.used_industries} for each in found.needs[1:])
    )
    return ListingDraft(
        ListingKind.NEED, f"共性需求：{words}"[:200], organisation=organisation, addressed_zone=zone_code,
        texts={"detail": told + asked}, indicators=rows, industries=tuple(sorted(codes))[:6],
    )  # fmt: skip


def dismiss(unit: UnitOfWork, actor: Actor, zone_code: str, public_id: str) -> None:
    """It is not offered again. Raises `MayNot`, `NotFound`, `IllegalMove` for one that was accepted."""
    row, _ = _found(unit, actor, zone_code, public_id)
    if row.state == CommonState.ACCEPTED:
        raise IllegalMove(move="dismiss", state=row.state.value)
    _decide(unit, actor, row, CommonState.DISMISSED)


def _found(unit: UnitOfWork, actor: Actor, zone_code: str, public_id: str) -> tuple[CommonNeed, Common]:
    zone = _zone(unit.session, actor, zone_code)
    row = unit.session.exec(
        select(CommonNeed).where(CommonNeed.public_id == public_id, CommonNeed.zone_id == zone.id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="need")
    found = _view(unit.session, row)
    access.require_mark(actor, "common.decide", demo=all(each.demo for each in found.needs))
    return row, found


def _decide(unit: UnitOfWork, actor: Actor, row: CommonNeed, state: CommonState) -> None:
    if row.state == state:
        return
    row.state, row.decided_by_id, row.decided_at = state, actor.person_id, unit.now()
    unit.session.add(row)
    unit.audit(actor.public_id, "common.decide", "common_need", row.public_id, state=state.value)
