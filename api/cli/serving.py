"""`zonematch serve`, `zonematch worker`: the long-running processes."""

import logging
import signal
import sys
import threading
from functools import partial
from typing import Annotated

import structlog
import typer
import uvicorn

from api.app import Application, create_app
from api.boot import bring_up, check_encoder_choice, demo_is_loaded, prepare
from api.cli.shared import settings
from api.encoders import EncoderInForce
from api.lock import place
from api.readiness import Readiness
from api.settings import Settings
from api.wiring import Parts, assemble, make_database, make_encoder
from api.worker import Worker
from matching import people
from matching.demo.loader import ACCOUNTS
from matching.embedding import embed_once
from matching.errors import NotReady
from matching.store.database import is_shared
from matching.store.migrate import migrate
from matching.vectors import VectorStore
from matching.work import run_once
from search.encoder.changing import ChangingEncoder
from search.ports import Encoder
from web.services import DemoAccount, Services, SheetSettings, WebSettings


def configure_logs(chosen: Settings) -> None:
    """Events to standard error: for people on a terminal, as JSON for machines. No titles, queries or vectors, ever."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if chosen.log_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _demo_accounts() -> tuple[DemoAccount, ...]:
    return tuple(DemoAccount(each.login, people.DEMO_PASSWORD, each.name, each.role.value) for each in ACCOUNTS)


def services_for(parts: Parts) -> Services:
    """What the pages get."""
    return Services(
        database=parts.database,
        settings=WebSettings(
            demo_accounts=_demo_accounts() if demo_is_loaded(parts.database) else (),
            secure_cookies=parts.settings.secure_cookies,
            notice="hashing_encoder" if parts.settings.encoder == "hashing" else None,
        ),
        discovery=parts.discovery,
        engine=parts.engine.health,
        synonym_effects=parts.synonym_effects,
        sides=parts.matcher.sides,
        sheets=SheetSettings(parts.settings.uploads, parts.settings.row_limit, parts.settings.upload_limit),
    )


def greet(chosen: Settings, parts: Parts) -> None:
    print(f"\n  ZoneMatch 区业通  http://{chosen.host}:{chosen.port}\n")
    if demo_is_loaded(parts.database):
        print(f"  Demonstration accounts (password {people.DEMO_PASSWORD}):")
        for account in ACCOUNTS:
            print(f"    {account.login:<12} {account.name}")
        print()
    sys.stdout.flush()


def serve(chosen: Settings, *, works: bool = True) -> None:
    """Serve pages until interrupted; with `works`, do what is filed beside it, which the embedded engine needs."""
    configure_logs(chosen)
    check_encoder_choice(chosen)
    if not works and not chosen.is_shared:
        raise NotReady("worker_inside")
    with place(chosen):
        prepare(chosen, say=lambda line: print(f"  {line}", flush=True))
        with assemble(chosen) as parts:
            readiness = Readiness(parts.database, parts.engine, parts.encoder)
            worker = Worker(partial(run_once, parts.runtime))
            app = create_app(Application(services_for(parts), readiness, chosen.upload_limit))
            bring_up(parts)
            if works:
                worker.start()
            greet(chosen, parts)
            try:
                uvicorn.run(app, host=chosen.host, port=chosen.port, log_level="warning", timeout_graceful_shutdown=5)
            finally:
                # Whoever waits for a vector is let go at once; its job stays in the outbox.
                parts.encoder.close()
                worker.stop(timeout=10)


def work(chosen: Settings) -> None:
    """Do what is filed until interrupted. Raises `NotReady` where the index lives inside another process."""
    configure_logs(chosen)
    if not chosen.is_shared:
        raise NotReady("worker_needs_server_engine")
    check_encoder_choice(chosen)
    with place(chosen):
        prepare(chosen, say=lambda line: print(f"  {line}", flush=True))
        with assemble(chosen) as parts:
            bring_up(parts)
            _until_told(Worker(partial(run_once, parts.runtime)), parts.encoder)


def embed(chosen: Settings) -> None:
    """Make vectors for listings until interrupted. Sees nothing but the database and its own model."""
    configure_logs(chosen)
    if not is_shared(chosen.url):
        raise NotReady("worker_needs_server_database")
    check_encoder_choice(chosen)
    migrate(chosen.url)
    database, encoder = make_database(chosen), ChangingEncoder(make_encoder(chosen))
    in_force = EncoderInForce(chosen, database, encoder, partial(make_encoder, chosen))
    try:
        _until_told(Worker(in_force.before(partial(embed_once, database, VectorStore(database, encoder)))), encoder)
    finally:
        database.close()


def _until_told(worker: Worker, encoder: Encoder) -> None:
    """Work until a signal asks for the end; the batch in hand stays in the outbox if it takes too long."""
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    worker.start()
    print("  worker: ready", flush=True)
    is_over.wait()
    encoder.close()
    worker.stop(timeout=10)


def register(app: typer.Typer) -> None:
    @app.command("serve")
    def serve_command(
        port: int | None = None,
        host: str | None = None,
        works: Annotated[bool, typer.Option("--worker/--no-worker", help="without: `zonematch worker` does the work")] = True,
    ) -> None:
        """Serve the platform: pages and worker in one process. With PostgreSQL and Elasticsearch, any number of them."""
        overrides = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
        serve(settings().model_copy(update=overrides), works=works)

    @app.command("worker")
    def worker_command(
        only_embed: Annotated[bool, typer.Option("--embed", help="only make vectors; needs nothing but the database")] = False,
    ) -> None:
        """Run a worker process of its own. With the embedded engine, whose index lives inside `serve`, it refuses."""
        (embed if only_embed else work)(settings())
