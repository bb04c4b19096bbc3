"""From the commit that publishes a listing to its being found and matched, alone and while sheets are imported.

As in `serve`: one process, the worker beside whoever posts, the demonstration as stock. A listing is visible when the engine
holds its newest revision for both audiences, and matched when its own matching is done, its pairs written and no job of it
left; at the end a search for each title must find it. In between only states are read, every few milliseconds.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from api.wiring import Parts
from matching import listings, organisations, reviews
from matching.access import SYSTEM, VISITOR
from matching.discovery import SearchRequest
from matching.documents import AUDIENCES
from matching.drafts import ListingDraft
from matching.model import Job, Listing, ListingKind, Match, Organisation
from matching.organisations import OrganisationDraft
from search.ports import DocumentId
from tests.bench import process
from tests.bench.report import Report, percentile
from tests.bench.sheets import split_rows, title
from tests.bench.texts import Source, body, sources

SIZES: Final = {"small": (6, 200), "full": (40, 10_000)}
"""Posts in each condition, rows of the sheets."""
ZONE, INDUSTRY = "changzhou", "pv"
OWNERS: Final = {
    ListingKind.NEED: ("测试来信光伏有限公司", "enterprise", ZONE),
    ListingKind.RESULT: ("测试来信大学", "university", None),
}
PAUSE: Final = 1.5
"""Seconds between two posts: the next comes when the last one is settled, and this much later."""
LOOK: Final = 0.01
LONGEST: Final = 120.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: the write itself, and from its commit to visible and to matched."""

    write: float
    visible: float
    matched: float


def owners(parts: Parts) -> dict[ListingKind, str]:
    """A firm of the zone and a university, by the kind they post."""
    with parts.database.write() as unit:
        found = {
            kind: organisations.add(unit, SYSTEM, OrganisationDraft(name, sort, zone=zone)).public_id
            for kind, (name, sort, zone) in OWNERS.items()
        }
        unit.commit()
    return found


def draft(chance: random.Random, at: int, owner: dict[ListingKind, str]) -> ListingDraft:
    """Needs and results of the zone's industry by turns."""
    kind = ListingKind.NEED if at % 2 else ListingKind.RESULT
    source = chance.choice([each for each in sources() if each.kind is kind and each.industries == (INDUSTRY,)])
    return ListingDraft(
        kind=kind,
        title=title(chance, source, at),
        organisation=owner[kind],
        texts={"detail" if kind is ListingKind.NEED else "summary": _body(chance, source)},
        industries=(INDUSTRY,),
    )


def _body(chance: random.Random, source: Source) -> str:
    return body(chance, source.sentences, max(80, source.length))


def post(parts: Parts, made: ListingDraft) -> Wait:
    """Write, publish, commit; then watch. Raises RuntimeError when it never gets there."""
    before = time.perf_counter()
    with parts.database.write() as unit:
        saved = listings.save(unit, SYSTEM, made)
        reviews.publish(unit, SYSTEM, saved.public_id)
        unit.commit()
    start = time.perf_counter()
    visible = matched = 0.0
    while not (visible and matched):
        passed = time.perf_counter() - start
        if passed > LONGEST:
            raise RuntimeError(f"not visible and matched within {LONGEST} s: {process.waiting(parts)}")
        with parts.database.read() as session:
            if not visible and _is_visible(parts, session, saved.public_id):
                visible = time.perf_counter() - start
            if not matched and _is_matched(session, saved.public_id):
                matched = time.perf_counter() - start
        time.sleep(LOOK)
    return Wait(start - before, visible, matched)


def _is_visible(parts: Parts, session: Session, public_id: str) -> bool:
    revision = session.exec(select(Listing.document_revision).where(Listing.public_id == public_id)).one()
    ids = [DocumentId(public_id, audience) for audience in AUDIENCES]
    held = parts.engine.state(ids)
    return all(id_ in held and held[id_].revision >= revision for id_ in ids)


def _is_matched(session: Session, public_id: str) -> bool:
    """In its own field. The lanes outside it are bulk work, which waits behind an import."""
    left = select(Job.id).where(Job.key == public_id, Job.kind != "match_outside")
    return session.exec(left.limit(1)).first() is None


def _with_pairs(parts: Parts) -> int:
    """How many of the posted listings have a pair."""
    posted = select(Listing.id).join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
    ids = posted.where(col(Organisation.name).in_([name for name, _, _ in OWNERS.values()]))
    with parts.database.read() as session:
        needs = session.exec(select(Match.need_id).where(col(Match.need_id).in_(ids)).distinct()).all()
        results = session.exec(select(Match.result_id).where(col(Match.result_id).in_(ids)).distinct()).all()
    return len(needs) + len(results)


def posts(parts: Parts, made: Sequence[ListingDraft], *, beside: bool = False) -> list[Wait]:
    """One after the other; with `beside`, only as long as an import has something left to write or to index."""
    waits = []
    for each in made:
        if beside and not process.waiting(parts, "import_commit", "index"):
            break
        waits.append(post(parts, each))
        time.sleep(PAUSE)
    return waits


def run(size: str, encoder: str, *, rows: int | None = None) -> Report:
    count, usual = SIZES[size]
    wanted = rows or usual
    chance = random.Random(3)
    report = Report("latency", {"posts": count, "rows": wanted, "encoder": "hashing" if encoder == "hashing" else "the folder's"})
    with process.serving(encoder, demo=True) as parts:
        owner = owners(parts)
        every = [draft(chance, at, owner) for at in range(2 * count)]
        process.until_empty(parts)
        alone = posts(parts, every[:count])
        process.until_empty(parts)
        plans = [process.planned(parts, kind, some, ZONE) for kind, some in split_rows(wanted)]
        for batch in plans:
            process.commit(parts, batch)
        busy = posts(parts, every[count:], beside=True)
        paired = _with_pairs(parts)
        lost = [each.title for each in every[: count + len(busy)] if not _is_found(parts, each)]
    for name, waits in (("alone", alone), ("while importing", busy)):
        report.add(f"posts, {name}", len(waits))
        for part, aim in (("visible", "2 s p95"), ("matched", "2 s p95"), ("write", "")):
            values = [getattr(each, part) for each in waits]
            label = {"write": "the write itself"}.get(part, f"from posting to {part}")
            report.add(f"{label}, {name}, p50", percentile(values, 0.5), "s")
            report.add(f"{label}, {name}, p95", percentile(values, 0.95), "s", aim)
    report.add("posts with a pair", paired)
    report.add("titles that a search does not find", len(lost), "", "0")
    return report


def _is_found(parts: Parts, made: ListingDraft) -> bool:
    page = parts.discovery.search(VISITOR, SearchRequest(made.title, {"kind": [made.kind.value]}))
    return any(hit.content.title == made.title for hit in page.hits)
