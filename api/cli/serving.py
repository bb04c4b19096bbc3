"""`zonematch serve`, `zonematch worker`: the long-running processes."""

import logging
import sys

import structlog
import typer
import uvicorn

from api.app import Application, create_app
from api.boot import bring_up, check_encoder_choice, demo_is_loaded, prepare
from api.cli.shared import settings
from api.lock import DataLock
from api.readiness import Readiness
from api.settings import Settings
from api.wiring import Parts, assemble
from api.worker import Worker
from matching import people
from matching.demo.loader import ACCOUNTS
from matching.errors import NotReady
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
    demo = demo_is_loaded(parts.database)
    return Services(
        database=parts.database,
        settings=WebSettings(
            demo_accounts=tuple(DemoAccount(each.login, people.DEMO_PASSWORD, each.name, each.role.value) for each in ACCOUNTS)
            if demo
            else (),
            secure_cookies=parts.settings.secure_cookies,
            notice="hashing_encoder" if parts.settings.encoder == "hashing" else None,
        ),
        discovery=parts.discovery,
        engine=parts.engine.health,
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


def serve(chosen: Settings) -> None:
    """Serve pages with worker and embedded engine in this process until interrupted."""
    configure_logs(chosen)
    check_encoder_choice(chosen)
    with DataLock(chosen.lock_file):
        prepare(chosen, say=lambda line: print(f"  {line}", flush=True))
        with assemble(chosen) as parts:
            readiness = Readiness(parts.database, parts.engine, parts.encoder)
            worker = Worker(parts.runtime)
            app = create_app(Application(services_for(parts), readiness, chosen.upload_limit))
            bring_up(parts)
            worker.start()
            greet(chosen, parts)
            try:
                uvicorn.run(app, host=chosen.host, port=chosen.port, log_level="warning", timeout_graceful_shutdown=5)
            finally:
                # Whoever waits for a vector is let go at once; its job stays in the outbox.
                parts.encoder.close()
                worker.stop(timeout=10)


def register(app: typer.Typer) -> None:
    @app.command("serve")
    def serve_command(port: int | None = None, host: str | None = None) -> None:
        """Serve the platform: pages, worker and embedded engine in one process."""
        overrides = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
        serve(settings().model_copy(update=overrides))

    @app.command("worker")
    def worker_command() -> None:
        """Run a worker process of its own. With the embedded engine, whose index lives inside `serve`, it refuses."""
        raise NotReady("worker_needs_server_engine")
