"""Another encoder in the place of the one that is there: nothing that the first one made is taken for the second one's."""

import numpy as np
import pytest
from sqlmodel import select

from matching.content import load
from matching.discovery.ranking import Ranker
from matching.documents import passages_of
from matching.model import Listing, StoredVector
from matching.side_cache import SideCache
from matching.standings import standings
from matching.vectors import VectorStore
from search.encoder.changing import ChangingEncoder
from search.encoder.hashing import HashingEncoder
from search.errors import EncoderUnavailable
from search.ports import Lane, Matrix, Role
from tests.functional.conftest import Platform, clock, platform  # noqa: F401  # fixtures
from tests.matching.world import need


class Other(HashingEncoder):
    """Another space of the same dimension."""

    @property
    def fingerprint(self) -> str:
        return "other"

    def encode(self, texts: object, role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        return np.ascontiguousarray(super().encode(texts, role)[:, ::-1])  # type: ignore[arg-type]  # texts


def test_what_is_asked_is_asked_of_the_one_that_holds() -> None:
    first = HashingEncoder()
    encoder = ChangingEncoder(first)
    assert (encoder.fingerprint, encoder.dimension) == (first.fingerprint, first.dimension)
    encoder.use(Other())
    assert encoder.fingerprint == "other"
    assert np.array_equal(encoder.encode(["银浆"], "need"), Other().encode(["银浆"], "need"))
    with pytest.raises(EncoderUnavailable):
        first.encode(["银浆"], "need")
    assert encoder.health().ok
    encoder.problem = "its folder is not there"
    assert (encoder.health().ok, encoder.health().detail) == (False, "its folder is not there")
    encoder.close()
    with pytest.raises(EncoderUnavailable):
        encoder.encode(["银浆"], "need")


def test_a_question_that_was_asked_before_is_read_anew(platform: Platform) -> None:  # noqa: F811  # the fixture
    encoder = ChangingEncoder(HashingEncoder())
    ranker = Ranker(platform.parts.engine, encoder, 1.0)
    before = ranker.vector("银浆")
    assert ranker.vector("银浆") is before
    encoder.use(Other())
    after = ranker.vector("银浆")
    assert before is not None
    assert after is not None
    assert np.array_equal(after, before[::-1])


def test_sides_are_built_anew_from_the_vectors_of_the_one_that_holds(platform: Platform) -> None:  # noqa: F811  # the fixture
    world, database = platform.world, platform.parts.database
    firm = world.organisation("晶耀光伏", zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, title="低温银浆", industries=("pv",)))
    platform.work()
    encoder = ChangingEncoder(HashingEncoder())
    vectors = VectorStore(database, encoder)
    cache = SideCache(vectors)
    with database.read() as session:
        (id_,) = session.exec(select(Listing.id)).all()
        wanted = standings(session, [id_ or 0])
        (before,) = cache.sides(session, wanted).values()
        encoder.use(Other())
        assert cache.sides(session, wanted) == {}, "its vectors are not there yet"
        keys = [key for content in load(session, [id_ or 0]).values() for key in passages_of(content)[1]]
    vectors.get(keys, lane="bulk")
    with database.read() as session:
        (after,) = cache.sides(session, wanted).values()
    assert np.array_equal(after.title_vector, before.title_vector[::-1])


def test_a_vector_is_not_stored_as_that_of_an_encoder_that_came_meanwhile(platform: Platform) -> None:  # noqa: F811  # the fixture
    class Replaced(HashingEncoder):
        def encode(self, texts: object, role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
            rows = super().encode(texts, role)  # type: ignore[arg-type]  # texts
            encoder.use(Other())
            return rows

    encoder = ChangingEncoder(Replaced())
    with pytest.raises(EncoderUnavailable):
        VectorStore(platform.parts.database, encoder).get([("need", "谁也没写过的一句")], lane="bulk")
    with platform.parts.database.read() as session:
        assert session.exec(select(StoredVector).where(StoredVector.recipe == "other")).all() == []
