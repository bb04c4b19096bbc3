"""The work `teach`: the encoder of the settings taught with people's verdicts, judged on needs that it never saw.

For each fold an encoder is taught with the other folds' verdicts, and its cosines take the place of today's in the score of the
fold's own pairs; then one is taught with all. One that is better embeds all open listings beside those vectors that serve,
says what the desks would look like, and waits for a person (`learned_encoders`); nothing in force changes here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.content import Content, load
from matching.documents import as_registered, body_of, passages_of
from matching.embedding import keys_of
from matching.judged_pairs import TAUGHT
from matching.match_rows import Found
from matching.matcher import Matcher, context_of
from matching.model import LearnedEncoder, Listing, Match, ShadowPair, Zone
from matching.pairing.score import score_pair
from matching.pairing.sides import Side
from matching.progress import Report
from matching.rankers import encoder_in_force, ranker_in_force, spread_in_force
from matching.reference import zone_fields
from matching.refitting import FOLDS, Lessons, compare, is_enough
from matching.side_cache import SideCache, side_of
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.surroundings import industry_lines, zone_codes
from matching.vectors import Key, VectorStore
from matching.verdict_lessons import Lesson, Material, described, lessons_of, parts_of, read
from search.encoder.transformer import centred
from search.encoder.tuning import Lesson as Taught
from search.encoder.workshop import Made, Round
from search.ports import Encoder, Matrix, Role

KIND: Final = "teach"
FIRST: Final = 10
"""Of a need, in what is said beforehand of a desk."""
MOST_MOVED: Final = 10
PASSAGES: Final = 16
"""Of results at most in one lesson: what attention keeps of them until it has learned grows with the square of their length."""
_BLOCK: Final = 256
"""Listings embedded between two reports."""


class Workshop(Protocol):
    """`search.encoder.workshop.Workshop`."""

    def run(self, rounds: Sequence[Round], report: Report) -> list[Made]: ...
    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Teaching:
    """What the work needs of its machine. `base` gives the digest of the model that is taught; `means_of` the texts that means
    are taken from, and words in both languages. `keep` takes a taught folder into the data folder: gives its name, and the
    encoder, of low priority, which the caller closes. `drop` removes one. `scratch` is a folder for files of the moment."""

    workshop: Workshop
    base: Callable[[], str]
    means_of: Callable[[], tuple[Mapping[Role, Sequence[str]], Sequence[tuple[str, str]]]]
    keep: Callable[[Made], tuple[str, Encoder]]
    drop: Callable[[str], None]
    scratch: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """The judged listings as both owners may read them, and the keys of their passages."""

    contents: Mapping[int, Content]
    keys: Mapping[int, tuple[Key, ...]]
    lines: Mapping[int, tuple[str, ...]]
    zones: Mapping[int, str]

    def texts(self) -> dict[Role, list[str]]:
        found: dict[Role, dict[str, None]] = {}
        for keys in self.keys.values():
            for role, text in keys:
                found.setdefault(role, {})[text] = None
        return {role: list(texts) for role, texts in sorted(found.items())}

    def sides(self, made: Made, among: Collection[int]) -> dict[int, Side]:
        """With the vectors that were made, minus the means of those of `among`."""
        texts = self.texts()
        place = {(role, text): at for role, own in texts.items() for at, text in enumerate(own)}
        rows: dict[Role, Matrix] = {}
        for role in texts:
            known = sorted({place[key] for id_ in among for key in self.keys[id_] if key[0] == role})
            mean = made.vectors[role][known].mean(axis=0, dtype=np.float64).astype(np.float32) if known else None
            rows[role] = centred(made.vectors[role], mean)
        return {
            id_: side_of(content, np.stack([rows[key[0]][place[key]] for key in self.keys[id_]]), self.lines, self.zones)
            for id_, content in self.contents.items()
        }


def learn(database: Database, sides: SideCache, teaching: Teaching, report: Report) -> dict[str, int]:
    """How many verdicts taught, and whether the encoder that came of them is better.

    Cut off, it goes on after the last finished fold when it is called again with the same verdicts.
    """
    with database.read() as session:
        material = read(session, sides, database.clock.today(), report)
        base = encoder_in_force(session)
        base_id = base.id if base is not None else None
        known = session.exec(select(LearnedEncoder.data).where(col(LearnedEncoder.base_id) == base_id)).all()
    data = {**described(material.lessons), "left_out": material.left_out}
    figures = {"verdicts": len(material.lessons), "left_out": material.left_out}
    if not material.lessons or data["digest"] in {each.get("digest") for each in known}:
        return figures | {"judged": 0, "better": 0}
    row = LearnedEncoder(
        base_digest=teaching.base(), base_id=base_id, data=data, demo=material.demo, created_at=database.clock.now()
    )  # fmt: skip
    shadow = _taught(database, sides, teaching, material, row, report)
    with database.write() as unit:
        _put(unit, teaching, row, shadow)
        unit.commit()
    teaching.workshop.forget()
    return figures | {"judged": 1, "better": int(not row.reason)}


def _taught(
    database: Database,
    sides: SideCache,
    teaching: Teaching,
    material: Material,
    row: LearnedEncoder,
    report: Report,
) -> list[ShadowPair]:
    """Fills the row. Gives what the desks would show, where it is better."""
    lessons = material.lessons
    before = lessons_of(lessons, material)
    with database.read() as session:
        rankers = {code: ranker_in_force(session, id_) for id_, code in material.zones.items() if code in set(before.places)}
        judged = _judged(session, material)
        now, spread_now = sides.built(session, sorted(judged.contents)), spread_in_force(session)
        fields = zone_fields(session)
        today = database.clock.today()
        places = {each.said.zone_id for each in lessons}
        contexts = {each: context_of(session, fields.get(each or 0), today, each) for each in places}
    if not is_enough(before):
        row.figures, row.reason, row.state = {"needs": len(set(before.needs)), "verdicts": len(before)}, "too_few", "refused"
        return []
    made = teaching.workshop.run(_rounds(material, judged, before, teaching), report)
    after: list[Lesson] = list(lessons)
    for fold, own in enumerate(made[:-1]):
        seen = {id_ for at, each in enumerate(lessons) if before.folds[at] != fold for id_ in each.said.pair}
        found = judged.sides(own, seen)
        spread = spread_now * _spread(now, found, seen)
        for at in np.flatnonzero(before.folds == fold).tolist():
            said = lessons[at].said
            context = replace(contexts[said.zone_id], spread=spread)
            after[at] = Lesson(said, *parts_of(score_pair(found[said.need_id], found[said.result_id], context)))
    judgement = compare(before, lessons_of(after, material), rankers)
    row.figures, row.reason = dict(judgement.figures), judgement.reason
    if row.reason:
        row.state = "refused"
        return []
    everyone = set(judged.contents)
    row.spread = spread_now * _spread(now, judged.sides(made[-1], everyone), everyone)
    row.folder, encoder = teaching.keep(made[-1])
    try:
        row.recipe = encoder.fingerprint
        vectors = VectorStore(database, encoder)
        _embed(database, vectors, report)
        return _shadow(database, Matcher(database, vectors, teaching.scratch, spread=row.spread), row, report)
    except BaseException:
        teaching.drop(row.folder)
        raise
    finally:
        encoder.close()


def _judged(session: Session, material: Material) -> _Judged:
    ids = sorted({id_ for each in material.lessons for id_ in each.said.pair})
    contents = {id_: as_registered(content) for id_, content in load(session, ids).items()}
    keys = {id_: passages_of(content)[1] for id_, content in contents.items()}
    return _Judged(contents, keys, industry_lines(session), zone_codes(session))


def _rounds(material: Material, judged: _Judged, before: Lessons, teaching: Teaching) -> list[Round]:
    """One a fold, and the last with all."""
    texts = judged.texts()
    rounds: list[Round] = []
    for number in range(FOLDS):
        seen = [each for each, fold in zip(material.lessons, before.folds.tolist(), strict=True) if fold != number]
        rounds.append(Round(_lessons(seen, judged), texts))
    means_of, pairs = teaching.means_of()
    return [*rounds, Round(_lessons(material.lessons, judged), texts, keep=True, means_of=means_of, pairs=pairs)]


def _lessons(lessons: Sequence[Lesson], judged: _Judged) -> tuple[Taught, ...]:
    """A need with its results by their titles, and, where some have more than that, by the first passages of their bodies. What
    counts most of what was said of a pair is its grade."""
    grades: dict[int, dict[int, int]] = {}
    for each in sorted(lessons, key=lambda each: (each.said.weight, each.said.at, each.said.id)):
        grades.setdefault(each.said.need_id, {})[each.said.result_id] = each.said.grade
    found: list[Taught] = []
    for need_id, given in sorted(grades.items()):
        need, body = judged.contents[need_id], body_of(judged.contents[need_id])
        questions = (need.title, f"{need.title}\n{body[:TAUGHT]}") if body.strip() else (need.title,)
        for at, most in enumerate((len(given), PASSAGES)):
            groups = -(-len(given) // most)
            ranked = sorted(given, key=lambda id_: (-given[id_], id_))
            for group in range(groups):
                own = ranked[group::groups]  # some of every grade
                texts = tuple(judged.keys[id_][min(at, len(judged.keys[id_]) - 1)][1] for id_ in own)
                found.append(Taught(questions, texts, tuple(given[id_] for id_ in own)))
    return tuple(dict.fromkeys(found))


def _spread(before: Mapping[int, Side], after: Mapping[int, Side], among: Collection[int]) -> float:
    """How much wider cosines were spread before, over the titles of all needs and all results of `among`: most of these pairs
    nobody judged, so it says nothing of grades."""

    def width(sides: Mapping[int, Side]) -> float:
        needs, results = (
            [sides[id_].title_vector for id_ in sorted(among) if id_ in before and sides[id_].kind == kind]
            for kind in ("need", "result")
        )
        return float((np.stack(needs) @ np.stack(results).T).std()) if needs and results else 0.0

    wide = width(after)
    return width(before) / wide if wide > 0 else 1.0


def _embed(database: Database, vectors: VectorStore, report: Report) -> None:
    """All open listings, beside the vectors that serve."""
    with database.read() as session:
        ids = session.exec(select(Listing.public_id).where(col(Listing.document_revision) > 0).order_by(col(Listing.id))).all()
    for start in range(0, len(ids), _BLOCK):
        report("embedding", start, len(ids))
        with database.read() as session:
            keys = keys_of(session, ids[start : start + _BLOCK], vectors.fingerprint)
        vectors.get(keys, lane="bulk")


def _shadow(database: Database, matcher: Matcher, row: LearnedEncoder, report: Report) -> list[ShadowPair]:
    """The first of each need in every zone, and in `row` those that move farthest among pairs that are there today."""
    with database.read() as session:
        codes = sorted(session.exec(select(Zone.code, Zone.id)).all())
    found: list[ShadowPair] = []
    moved: list[tuple[float, list[int]]] = []
    for code, zone_id in codes:
        pairs = [each for each in matcher.foreseen(code, report) if each.lane == "industry"]
        with database.read() as session:
            today = select(Match).where(Match.zone_id == zone_id, Match.lane == "industry")
            held = {(each.need_id, each.result_id): each for each in session.exec(today)}
        by_need: dict[int, list[Found]] = {}
        for each in pairs:
            by_need.setdefault(each.need_id, []).append(each)
            now = held.get((each.need_id, each.result_id))
            if now is not None and now.level != each.scored.level:
                away = abs(now.score - each.scored.score)
                moved.append((away, [zone_id or 0, each.need_id, each.result_id, now.level, each.scored.level]))
        for need_id, own in by_need.items():
            best = sorted(own, key=lambda each: (-each.scored.score, each.scored.result))[:FIRST]
            found += [
                ShadowPair(
                    zone_id=zone_id or 0, need_id=need_id, result_id=each.result_id, rank=rank,
                    score=each.scored.score, level=each.scored.level, encoder_id=0,
                )
                for rank, each in enumerate(best, 1)
            ]  # fmt: skip
    row.moved = [each for _, each in sorted(moved, key=lambda each: (-each[0], each[1]))[:MOST_MOVED]]
    return found


def _put(unit: UnitOfWork, teaching: Teaching, row: LearnedEncoder, shadow: Sequence[ShadowPair]) -> None:
    """The newer candidate takes the place of one that still waits."""
    for older in unit.session.exec(select(LearnedEncoder).where(LearnedEncoder.state == "candidate")):
        older.state, older.reason, older.decided_at = "refused", "overtaken", unit.now()
        unit.session.execute(sa.delete(ShadowPair).where(col(ShadowPair.encoder_id) == older.id))
        teaching.drop(older.folder)
    if row.reason:
        row.decided_at = row.created_at
    unit.session.add(row)
    unit.session.flush()
    for each in shadow:
        each.encoder_id = row.id or 0
    unit.session.add_all(shadow)
    unit.audit("system", "encoder.learn", "model", row.public_id, state=row.state, reason=row.reason, digest=row.data["digest"])
