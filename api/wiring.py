"""The composition root: the only place that decides which engine, encoder and database the process runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.engines import make_bare_engine
from api.settings import Settings
from matching.discovery import Discovery
from matching.errors import NotReady
from matching.matcher import Matcher
from matching.projection import Projection
from matching.reactions import REACTIONS
from matching.store.clock import Clock
from matching.store.database import Database
from matching.vectors import VectorStore
from matching.work import Runtime
from search.ports import Encoder, Engine

if TYPE_CHECKING:
    from search.encoder.means import Means


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a process needs, wired once."""

    settings: Settings
    database: Database
    encoder: Encoder
    engine: Engine
    projection: Projection
    matcher: Matcher
    discovery: Discovery
    runtime: Runtime


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
    return TransformerEncoder(folder, means=means, backend=settings.encoder_backend, threads=settings.encoder_threads)


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


@contextmanager
def assemble(settings: Settings, *, clock: Clock | None = None, encoder: Encoder | None = None) -> Iterator[Parts]:
    """All parts, closed at the end. The embedded engine starts empty: `Projection.fill` brings it up from SQL."""
    database = make_database(settings, clock=clock)
    chosen = encoder or make_encoder(settings)
    engine = make_bare_engine(settings, chosen.dimension, chosen.fingerprint)
    vectors = VectorStore(database, chosen)
    projection = Projection(database, engine, vectors)
    matcher = Matcher(database, vectors)
    discovery = Discovery(database, engine, chosen, deadline=settings.query_deadline)
    runtime = Runtime(database, engine, projection, matcher, settings.uploads)
    try:
        yield Parts(settings, database, chosen, engine, projection, matcher, discovery, runtime)
    finally:
        engine.close()
        if encoder is None:
            chosen.close()
        database.close()
