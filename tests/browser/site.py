"""The whole platform in this process, as `zonematch serve` puts it together, with or without the demonstration."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import uvicorn
from sqlmodel import Session, col, select

from api.app import Application, create_app
from api.boot import bring_up, prepare
from api.cli.serving import services_for
from api.readiness import Readiness
from api.settings import Settings
from api.wiring import Parts, assemble
from api.worker import Worker
from matching.model import Job, Listing, Match, Organisation
from matching.work import run_once

PATIENCE = 240.0
"""Seconds: two slow cores embed and match the demonstration in a fraction of it."""


@dataclass(frozen=True, slots=True)
class Site:
    """`base` is the address without a slash at the end."""

    base: str
    parts: Parts

    def settle(self, seconds: float = PATIENCE) -> None:
        """Wait until the worker has done everything that is due within the next seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.parts.database.read() as session:
                waiting = session.execute(
                    sa.select(sa.func.count()).select_from(Job).where(col(Job.kind) != "expire")
                ).scalar_one()
            if not waiting:
                return
            time.sleep(0.2)
        raise TimeoutError(f"{waiting} jobs still wait")

    def best_pair(self, zone_id: int) -> tuple[str, str]:
        """Public ids of the need and the result of a zone's strongest pair."""
        with self.parts.database.read() as session:
            inside = select(Match).where(Match.zone_id == zone_id, Match.lane == "industry")
            row = session.exec(inside.order_by(col(Match.score).desc())).first()
            if row is None:
                raise LookupError(f"no pair in zone {zone_id}")
            return _public_id(session, row.need_id), _public_id(session, row.result_id)

    def own_listing(self, owner: str, *, published: bool = True) -> str:
        """The public id of a listing of the organisation with this name, one with pairs where there is any."""
        with self.parts.database.read() as session:
            paired = sa.exists().where(sa.or_(col(Match.need_id) == col(Listing.id), col(Match.result_id) == col(Listing.id)))
            query = (
                select(Listing.public_id)
                .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
                .where(Organisation.name == owner, col(Listing.published_revision).is_not(None) == published)
                .order_by(paired.desc(), col(Listing.id))
            )
            return session.exec(query).first() or ""


def _public_id(session: Session, listing_id: int) -> str:
    return session.get_one(Listing, listing_id).public_id


@contextmanager
def serving(folder: Path, *, encoder: str = "hashing", demo: bool = True) -> Iterator[Site]:
    """The site on a free port, everything embedded and matched."""
    settings = Settings(data=folder, encoder=encoder, demo=demo)
    prepare(settings)
    with socket.socket() as listening, assemble(settings) as parts:
        listening.bind(("127.0.0.1", 0))
        readiness = Readiness(parts.database, parts.engine, parts.encoder)
        worker = Worker(partial(run_once, parts.runtime))
        app = create_app(Application(services_for(parts), readiness, settings.upload_limit))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        bring_up(parts).join()
        worker.start()
        thread.start()
        try:
            site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}", parts)
            site.settle()
            yield site
        finally:
            server.should_exit = True
            thread.join(10)
            worker.stop()
