"""Bringing an installation up: schema, reference data, demonstration, engine. Every step is done once and can be resumed."""

import threading
from collections.abc import Callable

import structlog

from api.settings import Settings
from api.wiring import Parts, make_database
from matching import completions, prints
from matching.demo import loader
from matching.errors import NotReady
from matching.index_work import CARE_AT_START
from matching.model import Note
from matching.seed import load_reference
from matching.store.database import Database
from matching.store.migrate import migrate
from matching.store.outbox import recover
from matching.store.together import preparing
from matching.tasks import noted_vectors, vectors_noted

log = structlog.get_logger("boot")
Say = Callable[[str], None]


def prepare(settings: Settings, say: Say = lambda _: None) -> None:
    """Schema to the newest, reference data in, the demonstration on the first start of an installation that wants it.

    An installation that began without the demonstration (`DEMO=0`) never gets it by a later start.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with preparing(settings.url):
        _prepare(settings, say)


def _prepare(settings: Settings, say: Say) -> None:
    if migrate(settings.url):
        say("database: schema brought up to date")
    database = make_database(settings)
    try:
        with database.write() as unit:
            fresh = load_reference(unit)
            if fresh and not settings.demo:
                unit.session.add(Note(key="demo", value="declined"))
            unit.commit()
        if fresh:
            say("database: reference data loaded (zones, industries, code lists)")
        if settings.demo and loader.state(database) is None:
            figures = loader.load(database)
            say(f"demonstration: {figures.organisations} organisations, {figures.results} results, {figures.needs} needs")
    finally:
        database.close()


def check_encoder_choice(settings: Settings) -> None:
    """The hashing encoder knows no meaning: it serves only who asks for it by name (and every page then says so)."""
    if settings.encoder != "hashing" and not (settings.encoder_folder / "modules.json").exists():
        raise NotReady("encoder_missing", folder=str(settings.encoder_folder))


def bring_up(parts: Parts) -> threading.Thread:
    """What is done beside the serving: the embedded engine is filled from SQL, searches go by titles until then and say so;
    the worker is asked to look at the generations of the index; the model is loaded.

    The start never waits for the engine, and Elasticsearch need not be there: the worker tries until it is.
    """
    is_embedded = not parts.settings.is_on_elasticsearch
    if is_embedded:
        parts.engine.filled.clear()

    def fill() -> None:
        try:
            freed = 0 if parts.settings.is_shared else recover(parts.database)
            written = 0
            if is_embedded:
                written = parts.projection.fill()
                parts.engine.filled.set()
            with parts.database.write() as unit:
                if noted_vectors(unit.session) is None:
                    vectors_noted(unit, parts.encoder.fingerprint)
                unit.enqueue("expire", "hourly", lane="bulk")
                unit.enqueue("index_care", CARE_AT_START if is_embedded else "hourly", lane="bulk")
                completions.ask(unit)
                prints.ask(unit)
                unit.commit()
            # Load the model now: the first person to search should not be the one who waits for it.
            parts.encoder.encode(["区业通"], "query")
            log.info("boot.filled", listings=written, leases_freed=freed, recipe=parts.projection.fingerprint)
        except Exception:
            log.exception("boot.fill_failed")

    parts.in_force.watch()
    thread = threading.Thread(target=fill, name="fill", daemon=True)
    thread.start()
    return thread


def demo_is_loaded(database: Database) -> bool:
    return loader.state(database) == "loaded"
