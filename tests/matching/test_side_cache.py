"""Sides that are held: in blocks what all at once are, at most so many, and never those of other words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import Session

from matching.content import load
from matching.documents import as_registered, passages_of
from matching.model import Listing
from matching.pairing.sides import Side
from matching.side_cache import SideCache
from matching.standings import Standing, standings
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from tests.matching.world import World, result

COUNT = 7


@dataclass
class Reading:
    """Sessions on the database, counted."""

    database: Database
    opened: list[int] = field(default_factory=list)

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.opened.append(1)
        with self.database.read() as session:
            yield session


@pytest.fixture
def vectors(world: World) -> VectorStore:
    store = VectorStore(world.database, HashingEncoder())
    owner = world.organisation()
    saved = [
        world.published(owner, result(title=f"第{number}种低铝银浆", organisation=owner.public_id)) for number in range(COUNT)
    ]
    with world.database.read() as session:
        ids = [world.listing(each.public_id).id or 0 for each in saved]
        keys = [key for each in load(session, ids).values() for key in passages_of(as_registered(each))[1]]
    store.get(keys, lane="bulk")
    return store


def _open(database: Database) -> dict[int, Standing]:
    with database.read() as session:
        return standings(session, list(range(1, 100)))


def _same(a: Side, b: Side) -> bool:
    return a.listing == b.listing and a.body_terms == b.body_terms and bool((a.passage_vectors == b.passage_vectors).all())


def test_blocks_give_what_all_at_once_give(world: World, vectors: VectorStore, tmp_path: Path) -> None:
    wanted = _open(world.database)
    assert len(wanted) == COUNT
    with world.database.read() as session:
        whole = SideCache(vectors).sides(session, wanted)
    for most_held in (100, 3, 1):
        cache, reading = SideCache(vectors, tmp_path, most_held=most_held), Reading(world.database)
        for _ in range(3):
            blocks = list(cache.blocks(reading.read, wanted, 2))
            assert [len(each) for each in blocks] == [2, 2, 2, 1]
            found = {id_: side for each in blocks for id_, side in each.items()}
            assert list(found) == list(wanted)
            assert all(_same(found[id_], whole[id_]) for id_ in wanted)
        asked = len(reading.opened)
        assert asked == 4 if most_held == 100 else asked > 6, "what is held is not read again"


def test_for_somebody_who_waits_few_are_built_the_newest_first(world: World, vectors: VectorStore) -> None:
    cache, wanted = SideCache(vectors), _open(world.database)
    oldest = min(wanted)
    with world.database.read() as session:
        cache.sides(session, {oldest: wanted[oldest]})
    blocks = list(cache.blocks(world.database.read, wanted, 3, most=2))
    assert {id_ for each in blocks for id_ in each} == {oldest, *sorted(wanted)[-2:]}


def test_other_words_are_not_taken_for_those_that_were_wanted(world: World, vectors: VectorStore) -> None:
    cache, wanted = SideCache(vectors), _open(world.database)
    changed = max(wanted)
    with world.database.write() as unit:
        row = unit.session.get_one(Listing, changed)
        row.document_revision += 1
        unit.commit()
    found = {id_ for each in cache.blocks(world.database.read, wanted, 3) for id_ in each}
    assert found == wanted.keys() - {changed}
    with world.database.read() as session:
        assert set(cache.built(session, [changed])) == {changed}
    again = {id_ for each in cache.blocks(world.database.read, _open(world.database), 3) for id_ in each}
    assert again == set(wanted)


def test_vectors_are_stacked_for_whom_none_is_missing(world: World, vectors: VectorStore) -> None:
    first, second = (("result", f"第{number}种低铝银浆") for number in (0, 1))
    wanted = {"both": [second, first, second], "one": [first], "lacking": [first, ("result", "没有人写过")]}
    with world.database.read() as session:
        held = dict(vectors.stacked(session, wanted))
        known = vectors.stored(session, [first, second])
    assert set(held) == {"both", "one"}
    assert (held["both"] == [known[second], known[first], known[second]]).all()
    assert held["one"].shape == (1, vectors.dimension)
