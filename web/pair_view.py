"""The matching desk as its page shows it: which needs, the chosen one, which of its pairs, and the counts around them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from matching import listing_views, matches
from matching.access import Actor, is_allowed
from matching.content import Content
from matching.errors import NotFound
from matching.matches import Desk, NeedRow
from matching.model import MATCH_LANES, ListingKind, ListingState, MatchLane
from matching.model.fields import passage_fields
from matching.pair_views import PairFilter, PairView, Show, in_order
from matching.pairing.first_ten import Switches
from matching.store.clock import SHANGHAI
from matching.verdicts import FITS, FITS_NOT, OwnerWord, VerdictView
from search.text import snippet
from web import first_ten, formats, paths
from web.i18n import gettext, ngettext
from web.paging import Paging, page_number
from web.wording import pairs as wording

LEVELS: Final = ("3", "2", "1", "0")
WAITING: Final = "waiting"
JUDGED: Final = "judged"
SHOWS: Final[dict[str, Show]] = {"": "", WAITING: "waiting", JUDGED: "judged"}
AGES: Final = ("1", "7", "30", "older")
"""Found within so many days, or before the last of these stretches."""
OUTSIDE_LANES: Final = MATCH_LANES[1:]

NEEDS_A_PAGE: Final = 40
PAIRS_A_STEP: Final = 20
LONGEST: Final = 200
"""Pairs on one page at most; more would be read by nobody."""
_TERMS: Final = 12
_EXCERPT: Final = 140
_NEED_TEXT: Final = 900


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `show` is one of `SHOWS`, `level` of `LEVELS`, `age` of `AGES`, each perhaps empty; `lane` is
    empty for the industry's own; `top` counts pairs; `fresh` and `diverse` are the switches of the first ten, `1` where on."""

    zone: str
    need: str = ""
    show: str = ""
    level: str = ""
    age: str = ""
    lane: str = ""
    page: int = 1
    top: int = PAIRS_A_STEP
    fresh: str = ""
    diverse: str = ""

    @property
    def values(self) -> dict[str, object]:
        """What an address carries of it: parameters that say something."""
        said: dict[str, object] = {
            "need": self.need, "lane": self.lane, "level": self.level, "show": self.show, "age": self.age,
            "page": self.page if self.page > 1 else "", "top": self.top if self.top != PAIRS_A_STEP else "",
            "fresh": self.fresh, "diverse": self.diverse,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    @property
    def match_lane(self) -> MatchLane:
        return next((each for each in OUTSIDE_LANES if each == self.lane), "industry")

    @property
    def is_narrow(self) -> bool:
        return bool(self.show or self.level or self.age)

    def href(self, **changes: object) -> str:
        """This desk, with some of it otherwise; None takes a filter away."""
        told = {name: "" if value is None else value for name, value in changes.items()}
        return paths.with_query(paths.desk(self.zone), **self._changed(told).values)

    def _changed(self, told: dict[str, object]) -> "Asked":
        if told.get("page") == "":
            told["page"] = 1
        return replace(self, **told)  # type: ignore[arg-type]  # the templates' keywords are fields of this class

    def pair_href(self, need: str, result: str, **changes: object) -> str:
        """The page on which a pair stands, at the pair."""
        return f"{self.href(need=need, **changes)}#pair-{result}"

    @property
    def first_ten_hrefs(self) -> dict[str, str]:
        """Of each switch of the first ten: this desk with it turned the other way."""
        held = self.values
        return {name: self.href(**{name: "" if name in held else "1"}) for name in first_ten.NAMES}

    def switches(self, now: datetime) -> Switches:
        return first_ten.switches_of(lambda name: str(self.values.get(name, "")), now.astimezone(SHANGHAI).date())

    def export_href(self) -> str:
        return paths.with_query(f"{paths.desk(self.zone)}/export", lane=self.lane, level=self.level, show=self.show, age=self.age)

    def filter(self, now: datetime) -> PairFilter:
        since = now - timedelta(days=int(self.age)) if self.age.isdigit() else None
        before = now - timedelta(days=int(AGES[-2])) if self.age == AGES[-1] else None
        return PairFilter(self.match_lane, int(self.level) if self.level else None, SHOWS[self.show], since, before)


def asked_of(zone: str, one: Callable[[str], str]) -> Asked:
    """Of a query or a form; what means nothing is left out."""

    def among(name: str, known: Iterable[str]) -> str:
        return one(name) if one(name) in known else ""

    top = one("top")
    wanted = int(top) if top.isascii() and top.isdigit() and len(top) < 5 else PAIRS_A_STEP
    return Asked(
        zone,
        one("need")[:40],
        among("show", SHOWS),
        among("level", LEVELS),
        among("age", AGES),
        among("lane", OUTSIDE_LANES),
        page_number(one("page")),
        max(PAIRS_A_STEP, min(wanted, LONGEST)),
        among(first_ten.FRESH, ("1",)),
        among(first_ten.DIVERSE, ("1",)),
    )


@dataclass(frozen=True, slots=True)
class ChosenNeed:
    """The need at the right. `pairs` are those shown, `total` those that the filter leaves, `counts` the pairs by level and by
    what staff said, each as the other filters leave them. `is_gone` where it is no longer open on this desk."""

    content: Content
    switches: Switches
    pairs: tuple[PairView, ...] = ()
    total: int = 0
    counts: dict[str, int] | None = None
    is_gone: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        """The weightiest terms that its shown pairs share with it."""
        found = dict.fromkeys(term for pair in self.pairs for term in pair.scored.shared_terms[:4])
        return tuple(found)[:_TERMS]


@dataclass(frozen=True, slots=True)
class DeskView:
    asked: Asked
    desk: Desk
    paging: Paging
    chosen: ChosenNeed | None
    may_grade: bool

    @property
    def rows(self) -> tuple[NeedRow, ...]:
        return self.desk.needs


def read_desk(session: Session, actor: Actor, asked: Asked, now: datetime) -> DeskView:
    """Raises `NotFound` for an unknown zone, `SignInNeeded`, `MayNot`."""
    start = (asked.page - 1) * NEEDS_A_PAGE
    desk = matches.desk(session, actor, asked.zone, asked.filter(now), offset=start, limit=NEEDS_A_PAGE)
    need = asked.need or (desk.needs[0].need.public_id if desk.needs else "")
    kept = {name: str(value) for name, value in asked.values.items() if name not in ("page", "top")}
    return DeskView(
        asked=asked,
        desk=desk,
        paging=Paging(desk.found, asked.page, paths.desk(asked.zone), kept, size=NEEDS_A_PAGE),
        chosen=_chosen(session, actor, asked, desk, need, now) if need else None,
        may_grade=is_allowed(actor, "verdict.give", zones={desk.zone.id}),
    )


def _chosen(session: Session, actor: Actor, asked: Asked, desk: Desk, need: str, now: datetime) -> ChosenNeed:
    switches = asked.switches(now)
    every = matches.desk_pairs(session, actor, asked.zone, need, asked.match_lane)
    pairs = in_order(tuple(filter(asked.filter(now).lets, every)), ListingKind.RESULT, switches)
    content = next((row.need for row in desk.needs if row.need.public_id == need), None)
    content = content or (every[0].need if every else listing_views.page(session, actor, need).content)
    return ChosenNeed(
        content,
        switches,
        pairs[: asked.top],
        len(pairs),
        counts_of(every, asked, now),
        is_gone=content.state != ListingState.PUBLISHED or desk.zone.id not in content.zone_ids,
    )


def counts_of(every: Sequence[PairView], asked: Asked, now: datetime) -> dict[str, int]:
    """How many pairs of a need each level and each of `SHOWS` would show, the other filters staying as they are; under the
    empty text how many there are with neither."""
    wanted = asked.filter(now)

    def count(some: PairFilter) -> int:
        return sum(map(some.lets, every))

    levels = {level: count(replace(wanted, level=int(level))) for level in LEVELS}
    shows = {name: count(replace(wanted, show=show)) for name, show in SHOWS.items() if name}
    return {"": count(replace(wanted, level=None, show=""))} | levels | shows


def count_waiting(pairs: Iterable[PairView]) -> int:
    """Pairs at 弱 or better that staff have not judged."""
    return sum(pair.verdict is None and pair.level > 0 for pair in pairs)


def pair_of(session: Session, actor: Actor, zone: str, need: str, result: str) -> PairView:
    """Raises `NotFound("pair_gone")` where the desk no longer has it."""
    try:
        return matches.one_pair(session, actor, zone, need, result)
    except NotFound as gone:
        raise NotFound("pair_gone") from gone


def main_text(content: Content) -> str:
    """The words of a need that the desk reads, in reading order, cut at the end of a sentence. Figures that stand beside them
    as rows are not told twice."""
    told = "indicators_text" if content.indicators else ""
    codes = (field.code for field in passage_fields(content.kind) if field.code != told)
    text = "\n".join(filter(None, (content.texts.get(code, "").strip() for code in codes)))
    if len(text) <= _NEED_TEXT:
        return text
    cut = max(text.rfind(end, 0, _NEED_TEXT) for end in ("。", "；", "\n", ". "))
    return f"{text[: cut + 1 if cut > _NEED_TEXT // 2 else _NEED_TEXT].rstrip()}…"


def excerpt(pair: PairView) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The stretch of the result's text that holds most of the shared terms, and where they stand in it."""
    texts = (pair.result.texts.get(field.code, "").strip() for field in passage_fields(pair.result.kind))
    return snippet("\n".join(filter(None, texts)), pair.scored.shared_terms, _EXCERPT)


def days_left(content: Content, today: date) -> str:
    """41 days left; empty for a need without an end."""
    if content.valid_until is None:
        return ""
    days = (content.valid_until - today).days
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": formats.number(days)}


def is_outdated(pair: PairView) -> bool:
    """Whether a text has changed since the verdict was given."""
    return pair.verdict is not None and is_older(pair.verdict, pair)


def is_older(said: VerdictView | OwnerWord, pair: PairView) -> bool:
    """Whether a text of the pair has changed since this was said of it."""
    return said.need_revision < (pair.need.published_revision or 0) or said.result_revision < (
        pair.result.published_revision or 0
    )


GRADE_OF: Final = {True: FITS, False: FITS_NOT}
"""The grade that says what an owner says with "fits" or with "does not fit"."""


def answer_to(word: OwnerWord, pair: PairView) -> str:
    """What the zone's verdict on the pair makes of an owner's word: `confirmed`, `rejected`, or `regraded` where it stands
    between; empty until staff judge after it."""
    if pair.verdict is None or pair.verdict.at < word.at:
        return ""
    if FITS_NOT < pair.verdict.grade < FITS:
        return "regraded"
    return "confirmed" if (pair.verdict.grade >= FITS) is word.fits else "rejected"


def answer_name(answer: str) -> str:
    return gettext(wording.ANSWERS[answer])


def lane_name(lane: str) -> str:
    return gettext(wording.LANES[lane])


def lane_meaning(lane: str) -> str:
    return gettext(wording.LANE_MEANINGS[lane])


def age_name(age: str) -> str:
    return gettext(wording.AGES[age])
