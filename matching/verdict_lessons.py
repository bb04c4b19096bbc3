"""Judged pairs as people's verdicts give them: with source, grader, time and weight, and the parts that the pair's texts have
today. Only texts that still read as they were judged teach, and only what both owners may read of them (`registered`)."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlmodel import Session, col, select

from matching.content import Content, load
from matching.judged_pairs import Text, fold_of
from matching.matcher import context_of
from matching.model import Match, Verdict, Zone
from matching.pairing.fitting import Judged
from matching.pairing.parts import NEUTRAL
from matching.pairing.score import Scored, score_pair
from matching.progress import Report
from matching.reference import zone_fields
from matching.refitting import FOLDS, Lessons
from matching.second_looks import second_looks
from matching.side_cache import SideCache
from matching.verdicts import FITS, OWNER, STAFF, in_force, owner_words

AUDIENCE: Final = "registered"
WEIGHTS: Final[Mapping[str, float]] = {STAFF: 1.0, OWNER: 0.5}
"""An owner speaks for one side, and of fitting alone."""
DISPUTED: Final = 0.5
"""What a verdict still counts while graders are far apart on its pair."""


@dataclass(frozen=True, slots=True)
class Said:
    """One person's word on a pair. `zone_id` is where the pair stands, None in the pool."""

    id: int
    zone_id: int | None
    need_id: int
    result_id: int
    grade: int
    source: str
    grader: str
    at: datetime
    weight: float
    revisions: tuple[int, int]

    @property
    def pair(self) -> tuple[int, int]:
        return self.need_id, self.result_id


@dataclass(frozen=True, slots=True)
class Lesson:
    """What somebody said, and the parts of the pair: meaning, terms, and what the business parts multiply them by."""

    said: Said
    meaning: float
    terms: float
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """`left_out` counts words whose texts were changed since, or cannot be scored. `demo`: of the demonstration, which teaches
    only where nobody has judged anything else. `titles` are of the needs."""

    lessons: tuple[Lesson, ...]
    left_out: int
    demo: bool
    titles: Mapping[int, str]
    zones: Mapping[int | None, str]

    def of(self, zone_id: int | None) -> tuple[Lesson, ...]:
        """Those of a zone, with owners' words on its pairs; all for None."""
        return self.lessons if zone_id is None else tuple(each for each in self.lessons if each.said.zone_id == zone_id)


def parts_of(scored: Scored) -> tuple[float, float, float]:
    """Meaning, terms, and the factor of the business parts."""
    shift = sum(part.weight * (part.value - NEUTRAL) for part in scored.parts[2:] if part.value is not None)
    return scored.part("meaning").value or 0.0, scored.part("terms").value or 0.0, 1 + shift


def read(session: Session, sides: SideCache, today: date, report: Report) -> Material:
    """Reports pairs scored."""
    words = _words(session)
    contents = load(session, {id_ for each in words for id_ in (each.need_id, each.result_id)})
    real = [each for each in words if not _is_demo(each, contents)]
    demo = bool(words) and not real
    words = words if demo else real
    held = sides.built(session, sorted({id_ for each in words for id_ in (each.need_id, each.result_id)}))
    fields = zone_fields(session)
    contexts = {
        zone_id: context_of(session, fields.get(zone_id or 0), today, zone_id) for zone_id in {each.zone_id for each in words}
    }
    lessons: list[Lesson] = []
    for at, each in enumerate(words):
        report("reading_pairs", at, len(words))
        if each.need_id not in held or each.result_id not in held or each.revisions != _revisions(each, contents):
            continue
        scored = score_pair(held[each.need_id], held[each.result_id], contexts[each.zone_id])
        lessons.append(Lesson(each, *parts_of(scored)))
    titles = {each.said.need_id: contents[each.said.need_id].title for each in lessons}
    codes: dict[int | None, str] = dict(session.exec(select(Zone.id, Zone.code)).all())
    return Material(tuple(lessons), len(words) - len(lessons), demo, titles, codes | {None: ""})


def lessons_of(lessons: Sequence[Lesson], material: Material) -> Lessons:
    """With every need, and needs that are called nearly the same, in one fold."""
    names = {str(id_): Text(str(id_), material.titles[id_], "") for id_ in {each.said.need_id for each in lessons}}
    folds = fold_of(names, FOLDS)
    judged = Judged(
        np.array([each.meaning for each in lessons], np.float64),
        np.array([each.terms for each in lessons], np.float64),
        np.array([each.factor for each in lessons], np.float64),
        np.array([each.said.grade for each in lessons], np.int64),
        np.array([each.said.weight for each in lessons], np.float64),
    )
    places = [material.zones[each.said.zone_id] for each in lessons]
    return Lessons(
        judged,
        [f"{place}:{each.said.need_id}" for place, each in zip(places, lessons, strict=True)],
        [f"{each.said.result_id}:{each.said.source}" for each in lessons],
        places,
        np.array([folds[str(each.said.need_id)] for each in lessons], np.int64),
    )


def described(lessons: Sequence[Lesson]) -> dict[str, Any]:
    """How many verdicts of how many people, by source and grade, from when to when, and a digest. JSON values."""
    said = [each.said for each in lessons]
    text = "\n".join(f"{each.id} {each.grade} {each.weight}" for each in sorted(said, key=lambda each: each.id))
    return {
        "verdicts": len(said),
        "needs": len({each.need_id for each in said}),
        "sources": dict(Counter(each.source for each in said)),
        "graders": len({each.grader for each in said}),
        "zones": len({each.zone_id for each in said}),
        "grades": [sum(each.grade == grade for each in said) for grade in range(4)],
        "first": min(each.at for each in said).date().isoformat() if said else "",
        "last": max(each.at for each in said).date().isoformat() if said else "",
        "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def _is_demo(said: Said, contents: Mapping[int, Content]) -> bool:
    return any(contents[id_].demo for id_ in (said.need_id, said.result_id) if id_ in contents)


def _revisions(said: Said, contents: Mapping[int, Content]) -> tuple[int | None, ...]:
    return tuple(
        contents[id_].published_revision if id_ in contents else None for id_ in (said.need_id, said.result_id)
    )  # fmt: skip


def _words(session: Session) -> list[Said]:
    """What is in force, staff's and owners', by id."""
    found: list[Said] = []
    registered = set(session.exec(select(Verdict.id).where(Verdict.audience == AUDIENCE)))
    for zone_id in session.exec(select(Verdict.zone_id).where(col(Verdict.zone_id).is_not(None)).distinct()).all():
        disputed = {each.pair for each in second_looks(session, zone_id or 0)}
        for pair, verdict in in_force(session, zone_id or 0).items():
            weight = WEIGHTS[STAFF] * (DISPUTED if pair in disputed else 1)
            revisions = (verdict.need_revision, verdict.result_revision)
            found.append(
                Said(verdict.id, zone_id, *pair, verdict.grade, STAFF, verdict.grader, verdict.at, weight, revisions)
            )  # fmt: skip
    needs = session.exec(select(Verdict.need_id).where(Verdict.source == OWNER).distinct()).all()
    stand = {
        (need_id, result_id): zone_id
        for need_id, result_id, zone_id in session.exec(
            select(Match.need_id, Match.result_id, Match.zone_id)
            .where(col(Match.need_id).in_(needs))
            .order_by(col(Match.zone_id).desc())
        )
    }
    for pair, said in owner_words(session, needs).items():
        for word in said:
            revisions = (word.need_revision, word.result_revision)
            grade = FITS if word.fits else 0
            found.append(
                Said(word.id, stand.get(pair), *pair, grade, OWNER, word.who, word.at, WEIGHTS[OWNER], revisions)
            )  # fmt: skip
    return sorted((each for each in found if each.id in registered), key=lambda each: each.id)
