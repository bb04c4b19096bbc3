"""The composition root: the only place that decides which engine, encoder and database the process runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from api.encoders import EncoderInForce, teaching
from api.engines import make_bare_engine
from api.settings import Settings
from matching.discovery import Discovery
from matching.embedding import embed
from matching.errors import NotReady
from matching.gate import Gate
from matching.matcher import Matcher
from matching.model import LearnedEncoder, Note
from matching.projection import Projection, index_recipe
from matching.reactions import REACTIONS
from matching.runtime import IndexCare, Runtime
from matching.store.clock import Clock
from matching.store.database import Database
from matching.synonym_effects import SynonymEffects
from matching.tasks import noted_vectors
from matching.vectors import VectorStore
from search.encoder.changing import ChangingEncoder
from search.engines.guard import GuardedEngine
from search.ports import Encoder

if TYPE_CHECKING:
    from search.encoder.means import Means


log = structlog.get_logger("engine")


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a process needs, wired once."""

    settings: Settings
    database: Database
    encoder: Encoder
    engine: GuardedEngine
    projection: Projection
    matcher: Matcher
    discovery: Discovery
    runtime: Runtime
    synonym_effects: SynonymEffects
    in_force: EncoderInForce

    @property
    def gate(self) -> Gate:
        return Gate(self.database, self.engine, self.projection)


def make_encoder(settings: Settings, *, centred: bool = True) -> Encoder:
    """The encoder that the settings name; imports of the heavy kind happen here, on use.

    Raises `NotReady("encoder_missing")` where its folder is not there.
    """
    if settings.encoder == "hashing":
        from search.encoder.hashing import HashingEncoder

        return HashingEncoder()
    from search.encoder.transformer import TransformerEncoder

    folder = settings.encoder_folder
    if not (folder / "modules.json").exists():
        raise NotReady("encoder_missing", folder=str(folder))
    means = means_for(settings) if centred else None
    return TransformerEncoder(folder, means=means, backend=settings.encoder_backend, threads=settings.threads)


def means_for(settings: Settings) -> "Means":
    """The frozen means of the encoder's model: shipped for the embedded one, estimated once on this machine for another.

    Raises `NotReady("means_missing")`: without them every pair looks near, and the levels would mean nothing.
    """
    from search.encoder.folder import read_folder
    from search.encoder.means import load_means, shipped_means

    digest = read_folder(settings.encoder_folder).digest
    shipped = shipped_means(digest)
    if shipped is not None:
        return shipped
    if settings.means_file.exists():
        own = load_means(settings.means_file)
        if own.model == digest:
            return own
    raise NotReady("means_missing")


def make_database(settings: Settings, *, clock: Clock | None = None) -> Database:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Database(settings.url, clock=clock, reactions=REACTIONS)


def make_engine(settings: Settings, database: Database, encoder: Encoder) -> GuardedEngine:
    """The engine, guarded. The embedded one is empty and, where the vectors in SQL are of another recipe than the encoder, of
    that one: it serves words alone until a generation of today's recipe is built beside it."""
    serving = index_recipe(encoder.fingerprint)
    # A database that has no schema yet has no vectors.
    if not settings.is_on_elasticsearch and sa.inspect(database.engine).has_table(Note.__tablename__):
        with database.read() as session:
            serving = index_recipe(noted_vectors(session) or encoder.fingerprint)
    bare = make_bare_engine(settings, encoder.dimension, serving)
    return GuardedEngine(bare, lambda: index_recipe(encoder.fingerprint), tell_of_engine)


def tell_of_engine(part: str, code: str, detail: str) -> None:
    """One line in the log for every change of state, not one for every request."""
    if code:
        log.warning("engine.away", part=part, code=code, detail=detail)
    else:
        log.info("engine.back", part=part)


@contextmanager
def assemble(settings: Settings, *, clock: Clock | None = None, encoder: Encoder | None = None) -> Iterator[Parts]:
    """All parts, closed at the end. The embedded engine starts empty: `Projection.fill` brings it up from SQL."""
    database = make_database(settings, clock=clock)
    chosen = ChangingEncoder(encoder or make_encoder(settings))
    in_force = EncoderInForce(settings, database, chosen, lambda: encoder or make_encoder(settings))
    if sa.inspect(database.engine).has_table(LearnedEncoder.__tablename__):
        in_force.look()
    engine = make_engine(settings, database, chosen)
    is_elsewhere = settings.embedding == "elsewhere"
    vectors = VectorStore(database, chosen, elsewhere=is_elsewhere)
    projection = Projection(database, engine, vectors)
    matcher = Matcher(database, vectors, settings.data)
    discovery = Discovery(database, engine, chosen, deadline=settings.query_deadline)
    discovery.compare_while(engine.is_comparable, lambda: in_force.spread)
    runtime = Runtime(
        database, engine, projection, matcher, settings.uploads,
        embed=None if is_elsewhere else partial(embed, database, vectors),
        care=IndexCare(timedelta(days=settings.index_grace_days), settings.gate_at),
        is_away=lambda: engine.is_away,
        is_filled=engine.filled.is_set,
        adopt=in_force.look,
        teaching=teaching(settings),
    )  # fmt: skip
    effects = SynonymEffects(database, engine)
    try:
        yield Parts(settings, database, chosen, engine, projection, matcher, discovery, runtime, effects, in_force)
    finally:
        in_force.close()
        engine.close()
        if encoder is None:
            chosen.close()
        database.close()
