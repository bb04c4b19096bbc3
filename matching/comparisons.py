"""Any need and any result compared on demand: the score with its reasons as of now, what would raise it, and, where the two
are no pair, what keeps them apart.

Who may compare: the owners of either side, the desks of the zone in which they are compared, administrators. All of them
read both listings; the score rests on what both owners may read (audience `registered`), whoever asks.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import listing_views
from matching.access import Actor, is_allowed, readable_layers, require
from matching.content import Content, restrict
from matching.errors import FieldError, InvalidInput, NotFound
from matching.listing_views import ListingPage
from matching.matcher import AUDIENCE, KEEP, context_of
from matching.model import Layer, Listing, ListingKind, ListingState, Match, MatchLane
from matching.model.fields import BY_CODE
from matching.pair_views import PairView, views, zone_by_code
from matching.pairing.barriers import held_back_by
from matching.pairing.batch import prepare, score_all
from matching.pairing.raising import Raising, raising
from matching.pairing.reasons import Reason, reasons
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Side
from matching.reference import ZoneView, descendants, zones
from matching.side_cache import SideCache
from matching.standings import POOL, ground, standings

MOST_RANKED: Final = 1000
"""Among more results a rank is not worked out for somebody who waits."""
MOST_TYPED: Final = 2000
_ADDRESS: Final = re.compile(r"/(?:results|needs|listings)/([0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Barrier:
    """One thing that keeps a need and a result apart; `side` where it is one side's.

    `closed` (state) and `no_vectors` of a side; `zone_undecided`, `other_zone` (zones) and `in_pool` of the need;
    `outside_industry` of a side; `held_back` (parts); `crowded_out` (kept, rank or 0); `not_matched`; `unshared` (fields)
    of a side: what its owner alone reads counts for nothing.
    """

    code: str
    side: str = ""
    params: Mapping[str, int | str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`zone` is None in the pool. `pair` is the kept pair, where the zone has it, as this reader may see it. `scored` is of
    the texts as they are now, None where a side cannot be scored. `raises` names the sides (`need`, `result`) whose edits this
    reader is shown, `may_edit` those that the reader may change."""

    zone: ZoneView | None
    need: Content
    result: Content
    scored: Scored | None
    is_current: bool
    pair: PairView | None
    reasons: tuple[Reason, ...]
    raising: Raising
    barriers: tuple[Barrier, ...]
    is_desk: bool
    raises: tuple[str, ...]
    may_edit: frozenset[str]

    @property
    def broader(self) -> frozenset[str]:
        """Which sides are tagged only with what the zone's industry is part of."""
        facts = self.scored.part("industry").facts if self.scored else {}
        return frozenset(side for side in ("need", "result") if facts.get(side) == "parent")


def compare(
    session: Session, actor: Actor, sides: SideCache | None, need: str, result: str, *, place: str = "", today: date
) -> Comparison:
    """`need` and `result` are ids, numbers or addresses of listings, as somebody typed them; `place` is a zone's code, and where
    it is empty, the place that has the need (of several, the one that has the pair, or the actor's own).

    Raises `SignInNeeded`, `MayNot`, `NotFound` for an unknown zone, `InvalidInput` for what names no listing of its kind.
    """
    if actor.is_visitor:
        require(actor, "match.read")
    pages = _pages(session, actor, need, result)
    need_page, result_page = pages
    zone = zone_by_code(session, place) if place else _zone(session, actor, need_page.content, result_page.content)
    is_desk = is_allowed(actor, "desk.read", zones={zone.id}) if zone else is_allowed(actor, "pool.read", zones=actor.desk_zones)
    owned = {
        page.content.kind.value
        for page in pages
        if is_allowed(actor, "match.read", organisation_id=page.content.organisation.id)
        and page.content.organisation.id in actor.organisations
    }
    if not is_desk and not owned:
        require(actor, "match.read", zones={zone.id} if zone else ())
    if not is_desk and zone is not None and zone.id not in need_page.content.zone_ids:
        require(actor, "desk.read", zones={zone.id})
    return _Ask(session, actor, sides, zone, pages, is_desk, owned, today).answer()


def _pages(session: Session, actor: Actor, need: str, result: str) -> tuple[ListingPage, ListingPage]:
    found: list[ListingPage] = []
    wrong: list[FieldError] = []
    for kind, typed in ((ListingKind.NEED, need), (ListingKind.RESULT, result)):
        try:
            found.append(_page(session, actor, kind, typed))
        except InvalidInput as refused:
            wrong.extend(refused.fields)
    if wrong:
        raise InvalidInput(*wrong)
    return found[0], found[1]


def _page(session: Session, actor: Actor, kind: ListingKind, typed: str) -> ListingPage:
    # What cannot be printed names nothing, and PostgreSQL takes no NUL.
    text = "".join(each for each in unicodedata.normalize("NFKC", typed[:MOST_TYPED]) if each.isprintable()).strip()
    if not text:
        raise InvalidInput(FieldError(kind.value, "required"))
    address = _ADDRESS.search(text)
    key = address[1] if address else text
    named = sa.or_(col(Listing.public_id) == key, col(Listing.number) == key.upper())
    public_id = session.exec(select(Listing.public_id).where(named)).first()
    try:
        page = listing_views.page(session, actor, public_id) if public_id else None
    except NotFound:
        page = None
    if page is None:
        raise InvalidInput(FieldError(kind.value, "no_such_listing"))
    if page.content.kind != kind:
        raise InvalidInput(FieldError(kind.value, "is_a_need" if kind == ListingKind.RESULT else "is_a_result"))
    return page


def _zone(session: Session, actor: Actor, need: Content, result: Content) -> ZoneView | None:
    """Where the two are compared; None for the pool. A desk compares at home what no place of the need's is its own."""
    every = {zone.id: zone for zone in zones(session)}
    its_own = sorted((every[id_] for id_ in need.zone_ids), key=lambda zone: (zone.field is None, zone.id))
    if not its_own and not actor.desk_zones:
        return None
    at_home = [zone for zone in its_own if zone.id in actor.desk_zones]
    if not at_home and actor.desk_zones and not actor.organisations & {need.organisation.id, result.organisation.id}:
        return None if not its_own else every[min(actor.desk_zones)]
    candidates = at_home or its_own
    kept = select(Match.zone_id).where(Match.need_id == need.id, Match.result_id == result.id)
    has_pair = set(session.exec(kept.order_by(col(Match.score).desc())))
    return next((zone for zone in candidates if zone.id in has_pair), candidates[0] if candidates else None)


@dataclass(frozen=True, slots=True)
class _Ask:
    session: Session
    actor: Actor
    sides: SideCache | None
    zone: ZoneView | None
    pages: tuple[ListingPage, ListingPage]
    is_desk: bool
    owned: set[str]
    today: date

    def answer(self) -> Comparison:
        layers = readable_layers(self.actor)
        need, result = (restrict(page.content, layers) for page in self.pages)
        row = self._row(need, result)
        shown = views(self.session, self.actor, [row] if row else [], with_verdicts=self.is_desk, with_words=self.is_desk)
        pair = next(shown, None)
        held = self._sides(need, result)
        zone_id = self.zone.id if self.zone is not None else None
        context = context_of(self.session, self._industry, self.today, zone_id)
        scored = pair.scored if pair else None
        why: tuple[Reason, ...] = ()
        more = Raising()
        if held is not None:
            scored = score_pair(*held, context)
            why, more = reasons(*held, context, scored), raising(*held, context, scored)
        return Comparison(
            zone=self.zone,
            need=need,
            result=result,
            scored=scored,
            is_current=held is not None or (pair is not None and pair.is_current),
            pair=pair,
            reasons=why,
            raising=more,
            barriers=tuple(self._barriers(need, result, row, held, context, scored)),
            is_desk=self.is_desk,
            raises=("need", "result") if self.is_desk else tuple(sorted(self.owned)),
            may_edit=frozenset(page.content.kind.value for page in self.pages if "revise" in page.may),
        )

    @property
    def _industry(self) -> int | None:
        return self.zone.field.id if self.zone is not None and self.zone.field is not None else None

    @property
    def _place(self) -> str:
        return self.zone.code if self.zone is not None else POOL

    def _row(self, need: Content, result: Content) -> Match | None:
        place = self.zone.id if self.zone is not None else None
        query = select(Match).where(Match.zone_id == place, Match.need_id == need.id, Match.result_id == result.id)
        return self.session.exec(query.where(Match.audience == AUDIENCE)).first()

    def _sides(self, need: Content, result: Content) -> tuple[Side, Side] | None:
        if self.sides is None:
            return None
        held = self.sides.sides(self.session, standings(self.session, [need.id, result.id]))
        return (held[need.id], held[result.id]) if need.id in held and result.id in held else None

    def _barriers(
        self,
        need: Content,
        result: Content,
        row: Match | None,
        held: tuple[Side, Side] | None,
        context: Context,
        scored: Scored | None,
    ) -> Iterator[Barrier]:
        both = (need, result)
        closed = [each for each in both if each.state != ListingState.PUBLISHED]
        yield from (Barrier("closed", each.kind.value, {"state": each.state.value}) for each in closed)
        lane = self._lane(need, result)
        yield from self._of_place(need, result, lane)
        if not closed and held is None:
            yield Barrier("no_vectors")
        elif not closed and scored is not None and held is not None:
            if scored.level == 0:
                yield Barrier("held_back", "", {"parts": held_back_by(*held, context, scored)})
            elif row is None and lane is not None:
                yield self._crowded(need, lane, held, context, scored) or Barrier("not_matched")
        for page in self.pages:
            fields = _unshared(page.content)
            if fields:
                yield Barrier("unshared", page.content.kind.value, {"fields": fields})

    def _of_place(self, need: Content, result: Content, lane: MatchLane | None) -> Iterator[Barrier]:
        if self.zone is not None and self._industry is None:
            yield Barrier("zone_undecided")
        elif self.zone is not None and self.zone.id not in need.zone_ids:
            names = {zone.id: zone.code for zone in zones(self.session)}
            its_own = tuple(names[id_] for id_ in sorted(need.zone_ids))
            yield Barrier("other_zone", "need", {"zones": its_own}) if its_own else Barrier("in_pool", "need")
        elif lane is None:
            yield Barrier("outside_industry", "result")
        elif lane == "outside_need":
            yield Barrier("outside_industry", "need")
        elif lane == "outside_result":
            yield Barrier("outside_industry", "result")

    def _lane(self, need: Content, result: Content) -> MatchLane | None:
        """Where the two would stand; None where the place does not compare them."""
        if self.zone is None:
            wanted = {below for tag in need.used_industries for below in descendants(self.session, tag.id)}
            return "industry" if wanted.intersection(tag.id for tag in result.used_industries) else None
        if self._industry is None or self.zone.id not in need.zone_ids:
            return None
        within = descendants(self.session, self._industry)
        if not within.intersection(tag.id for tag in need.used_industries):
            return "outside_need"
        return "industry" if within.intersection(tag.id for tag in result.used_industries) else "outside_result"

    def _crowded(
        self, need: Content, lane: MatchLane, held: tuple[Side, Side], context: Context, scored: Scored
    ) -> Barrier | None:
        """Other results that are nearer fill the places that a need has. How many is told to desks alone."""
        place = self.zone.id if self.zone is not None else None
        nearer = select(sa.func.count()).select_from(Match).where(Match.zone_id == place, Match.need_id == need.id)
        if self.session.exec(nearer.where(Match.lane == lane, col(Match.score) >= scored.score)).one() < KEEP:
            return None
        rank = self._rank(need, lane, held, context, scored) if self.is_desk else 0
        return Barrier("crowded_out", "", {"kept": KEEP, "rank": rank})

    def _rank(self, need: Content, lane: MatchLane, held: tuple[Side, Side], context: Context, scored: Scored) -> int:
        """The pair's place among all results that the need is compared with; 0 where they are too many to be asked."""
        stand = ground(self.session, self._place, only=need.id)
        blocks = [each for each in stand.blocks if each.lane == lane and need.id in each.needs] if stand else []
        ids = sorted({id_ for each in blocks for id_ in each.results})
        if stand is None or self.sides is None or len(ids) > MOST_RANKED:
            return 0
        found = self.sides.sides(self.session, {id_: stand.standings[id_] for id_ in ids})
        others = prepare([side for side in found.values() if side.listing != held[1].listing], context)
        if not len(others):
            return 0
        pairs = score_all(prepare([held[0]], context), 0, others, context)
        return 1 + sum((-each.score, each.result) < (-scored.score, scored.result) for each in pairs)


_SCORED: Final = ("indicators", "maturity", "ip", "modes", "price", "budget", "wanted_by")


def _unshared(content: Content) -> tuple[str, ...]:
    """Fields that are said and that only the owner's people and the staff in charge read; none for who may not read them."""
    said = {
        "indicators": content.indicators, "maturity": content.maturity, "ip": content.ip, "modes": content.modes,
        "price": None if (content.price_min_fen, content.price_max_fen) == (None, None) else True,
        "budget": content.amounts.get("budget"), "wanted_by": content.wanted_by,
    }  # fmt: skip
    texts = [code for code, text in content.texts.items() if text and BY_CODE[code].passage]
    present = [*texts, *(code for code in _SCORED if said[code])]
    return tuple(code for code in present if (content.layers.get(code) or BY_CODE[code].layer.value) == Layer.OWN.value)
