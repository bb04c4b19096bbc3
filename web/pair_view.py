"""The matching desk as its page shows it: which needs, the chosen one, which of its pairs, and the counts around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from matching import listing_views, matches
from matching.access import Actor, is_allowed
from matching.content import Content
from matching.errors import NotFound
from matching.matches import Desk, NeedRow, PairView
from matching.model import ListingState
from matching.model.fields import passage_fields
from matching.verdicts import in_force
from search.text import snippet
from web import formats, paths
from web.i18n import ngettext
from web.paging import Paging

LEVELS: Final = ("3", "2", "1", "0")
WAITING: Final = "waiting"
JUDGED: Final = "judged"
SHOWS: Final = (*LEVELS, WAITING, JUDGED)
"""What may be asked for of a need's pairs, beside all of them (the empty text)."""

NEEDS_A_PAGE: Final = 40
PAIRS_A_STEP: Final = 20
LONGEST: Final = 200
"""Pairs on one page at most; more would be read by nobody."""
_MOST_NEEDS: Final = 5000
_TERMS: Final = 12
_EXCERPT: Final = 140
_NEED_TEXT: Final = 900


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `show` is one of `SHOWS` or empty; `top` counts pairs."""

    zone: str
    need: str = ""
    show: str = ""
    page: int = 1
    top: int = PAIRS_A_STEP

    def href(self, **changes: object) -> str:
        values: dict[str, object] = {"need": self.need, "show": self.show, "page": self.page, "top": self.top} | changes
        if values["page"] == 1:
            values["page"] = None
        if values["top"] == PAIRS_A_STEP:
            values["top"] = None
        return paths.with_query(paths.desk(self.zone), **values)

    def pair_href(self, need: str, result: str, **changes: object) -> str:
        """The page on which a pair stands, at the pair."""
        return f"{self.href(need=need, **changes)}#pair-{result}"


@dataclass(frozen=True, slots=True)
class ChosenNeed:
    """The need at the right. `pairs` are those shown, `total` those that the filter leaves, `counts` the pairs by filter,
    the whole under the empty text. `is_gone` where it is no longer open on this desk."""

    content: Content
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
    rows: tuple[NeedRow, ...]
    paging: Paging
    chosen: ChosenNeed | None
    may_grade: bool


def read_desk(session: Session, actor: Actor, asked: Asked) -> DeskView:
    """Raises `NotFound` for an unknown zone, `SignInNeeded`, `MayNot`."""
    desk, rows, total = _rows(session, actor, asked)
    need = asked.need or (rows[0].need.public_id if rows else "")
    return DeskView(
        asked=asked,
        desk=desk,
        rows=rows,
        paging=Paging(total, asked.page, paths.desk(asked.zone), {"need": asked.need, "show": asked.show}, size=NEEDS_A_PAGE),
        chosen=_chosen(session, actor, asked, desk, need) if need else None,
        may_grade=is_allowed(actor, "verdict.give", zones={desk.zone.id}),
    )


def _rows(session: Session, actor: Actor, asked: Asked) -> tuple[Desk, tuple[NeedRow, ...], int]:
    """The desk, the needs on this page of its list, and how many there are in all."""
    start = (asked.page - 1) * NEEDS_A_PAGE
    if asked.show not in (WAITING, JUDGED):
        desk = matches.desk(session, actor, asked.zone, offset=start, limit=NEEDS_A_PAGE)
        return desk, desk.needs, desk.total_needs
    desk = matches.desk(session, actor, asked.zone, limit=_MOST_NEEDS)
    judged = {need for need, _ in in_force(session, desk.zone.id)}
    found = [row for row in desk.needs if (row.waiting if asked.show == WAITING else row.need.id in judged)]
    return desk, tuple(found[start : start + NEEDS_A_PAGE]), len(found)


def _chosen(session: Session, actor: Actor, asked: Asked, desk: Desk, need: str) -> ChosenNeed:
    every = matches.desk_pairs(session, actor, asked.zone, need)
    none = matches.desk_pairs(session, actor, asked.zone, need, level=0)
    pairs = pairs_of(every, none, asked.show)
    content = next((row.need for row in desk.needs if row.need.public_id == need), None)
    content = content or (every[0].need if every else listing_views.page(session, actor, need).content)
    return ChosenNeed(
        content,
        pairs[: asked.top],
        len(pairs),
        counts_of(every, none),
        is_gone=content.state != ListingState.PUBLISHED or desk.zone.id not in content.zone_ids,
    )


def pairs_of(every: Sequence[PairView], none: Sequence[PairView], show: str) -> tuple[PairView, ...]:
    """Those that a filter leaves. `every` are the pairs at 弱 or better and the judged ones, `none` all kept at 无."""
    if show == "0":
        return tuple(none)
    return tuple(pair for pair in every if _is_shown(pair, show))


def _is_shown(pair: PairView, show: str) -> bool:
    if show == WAITING:
        return pair.verdict is None and pair.level > 0
    if show == JUDGED:
        return pair.verdict is not None
    return not show or str(pair.level) == show


def counts_of(every: Sequence[PairView], none: Sequence[PairView]) -> dict[str, int]:
    """How many pairs each filter would show."""
    return {show: len(pairs_of(every, none, show)) for show in ("", *SHOWS)}


def count_waiting(pairs: Iterable[PairView]) -> int:
    return sum(_is_shown(pair, WAITING) for pair in pairs)


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
    verdict = pair.verdict
    return verdict is not None and (
        verdict.need_revision < (pair.need.published_revision or 0)
        or verdict.result_revision < (pair.result.published_revision or 0)
    )
