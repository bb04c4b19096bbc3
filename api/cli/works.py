"""Long work from the command line: what goes on, one of them, end it, do it again; and the two that an operator asks for."""

import itertools
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from api.cli.shared import Json, migrated, settings, show, terminal_language
from api.lock import is_served
from api.settings import Settings
from api.wiring import make_database
from matching import long_work
from matching.access import SYSTEM
from matching.errors import FieldError, InvalidInput, NotReady
from matching.gate import FAULTS
from matching.long_work import WorkView
from matching.store.database import Database
from matching.typed_text import shown
from web import i18n, work_view

_LOOK_SECONDS = 0.2
_LOOKS_A_LOCK = 10


def register(app: typer.Typer) -> None:
    work = typer.Typer(help="Long work: imports, re-matching, the index, the encoder.", no_args_is_help=True)
    app.add_typer(work, name="work")

    @work.command("list")
    def list_(
        kind: Annotated[str, typer.Option(help=f"one of {', '.join(long_work.KINDS)}; all without it")] = "",
        active: Annotated[bool, typer.Option("--active", help="only what goes on now")] = False,
        limit: int = 20,
        as_json: Json = False,
    ) -> None:
        """What goes on and what has been done, the newest first."""
        if kind and kind not in long_work.KINDS:
            raise InvalidInput(FieldError("kind", "unknown_code", {"value": shown(kind)}))
        database = make_database(migrated())
        try:
            now = database.clock.now()
            with database.read() as session:
                found = long_work.running(session, SYSTEM, now) if active else ()
                items = (
                    tuple(each for each in found if not kind or each.kind == kind)
                    if active
                    else long_work.history(session, SYSTEM, now, kind=kind, limit=limit).items
                )
        finally:
            database.close()
        if as_json:
            show([told(each) for each in items], as_json=True)
        else:
            for each in items:
                print(line(each))

    @work.command("show")
    def show_(id_: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
        """One of them, with its progress or its outcome."""
        database = make_database(migrated())
        try:
            with database.read() as session:
                view = long_work.show(session, SYSTEM, id_, database.clock.now())
        finally:
            database.close()
        show(told(view) if as_json else {name: part for name, part in told(view).items() if part}, as_json=as_json)

    @work.command()
    def cancel(id_: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
        """Ask it to end: at once while it waits, else with its next slice."""
        database = make_database(migrated())
        try:
            with database.write() as unit:
                long_work.cancel(unit, SYSTEM, id_)
                view = long_work.show(unit.session, SYSTEM, id_, unit.now())
                unit.commit()
        finally:
            database.close()
        show({"id": id_, "state": view.state}, as_json=as_json)

    @work.command()
    def retry(id_: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
        """Do again what failed or was cancelled, as a work of its own."""
        database = make_database(migrated())
        try:
            with database.write() as unit:
                again = long_work.retry(unit, SYSTEM, id_)
                unit.commit()
        finally:
            database.close()
        show({"id": again}, as_json=as_json)

    @app.command()
    def reindex(
        back: Annotated[bool, typer.Option("--back", help="let the index before serve again, and bring it up to date")] = False,
        as_json: Json = False,
    ) -> None:
        """Build a new generation of the index from the database; with --back, return to the one before. The serving process
        or a worker does it; this waits for its outcome."""
        _file("reindex_back" if back else "reindex", as_json)

    @app.command()
    def gate(as_json: Json = False) -> None:
        """Compare database and index, repair, and exit with 1 when there was something to repair."""
        report = _file("gate", as_json)
        if any(report[each] for each in FAULTS):
            raise typer.Exit(1)


def told(view: WorkView) -> dict[str, Any]:
    """For programs: plain values by name."""
    left = view.remaining
    return {
        "id": view.public_id, "kind": view.kind, "state": view.state, "title": view.title, "zone": view.zone, "by": view.by,
        "stage": view.stage, "done": view.done, "total": view.total, "unit": view.unit, "ahead": view.ahead,
        "remaining_seconds": [round(left.low), round(left.high)] if left else None, "attempts": view.attempts,
        "asked_at": view.asked_at.isoformat(), "started_at": view.started_at.isoformat() if view.started_at else None,
        "finished_at": view.finished_at.isoformat() if view.finished_at else None, "figures": dict(view.figures),
        "problem": view.problem,
    }  # fmt: skip


def line(view: WorkView) -> str:
    """For people, in the terminal's language."""
    with i18n.speaking(terminal_language()):
        parts = (
            view.public_id,
            work_view.name(view),
            view.zone,
            view.title,
            work_view.state_name(view),
            work_view.how_far(view),
        )
        return "  ".join(each for each in parts if each)


def _file(kind: str, as_json: bool) -> dict[str, Any]:
    chosen = settings()
    database = make_database(chosen)
    try:
        view = asked(chosen, database, kind, quiet=as_json)
    finally:
        database.close()
    if view.state != "done":
        show({"id": view.public_id, "state": view.state, "problem": view.problem}, as_json=as_json)
        raise typer.Exit(2)
    report = {"at": (view.finished_at or view.asked_at).isoformat(), **view.figures}
    show(report, as_json=as_json)
    return report


def asked(chosen: Settings, database: Database, kind: str, *, quiet: bool) -> WorkView:
    """Ask for a work that the serving process does, and wait until it has ended, with its progress on a terminal.

    Raises `NotReady` when nobody serves, or stops serving: the work then waits for the next start.
    """
    if not is_served(chosen):
        # The embedded index lives in the serving process: without one there is nothing to compare or rebuild.
        raise NotReady("not_serving")
    with database.write() as unit:
        public_id = long_work.begin(unit, SYSTEM, kind)
        unit.commit()
    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        shown_bar = bar.add_task(kind, total=None)
        for look in itertools.count(1):
            with database.read() as session:
                view = long_work.show(session, SYSTEM, public_id, database.clock.now())
            if not view.is_active:
                return view
            bar.update(shown_bar, description=view.state, completed=view.done, total=view.total or None)
            if look % _LOOKS_A_LOCK == 0 and not is_served(chosen):
                break
            time.sleep(_LOOK_SECONDS)
    raise NotReady("not_serving")
