"""Records from the command line: people, sheets, the demonstration. The machine's own operator acts as the system."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from api.cli.shared import Json, migrated, settings, show, terminal_language
from api.wiring import make_database
from matching import organisations, people
from matching.access import SYSTEM
from matching.demo import loader
from matching.errors import FieldError, InvalidInput
from matching.model import Role
from matching.people import Grant
from matching.store.database import Database
from web import i18n


def _password() -> str:
    """Typed twice on a terminal, one line where input is piped."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


def _demo(database: Database, action: str, as_json: bool) -> None:
    try:
        if action in ("remove", "reset"):
            show({"removed": vars_of(loader.remove(database))}, as_json=as_json)
        if action in ("load", "reset"):
            if loader.state(database) == "loaded":
                raise InvalidInput(FieldError("demo", "taken"))
            show({"loaded": vars_of(loader.load(database))}, as_json=as_json)
    finally:
        database.close()


def vars_of(figures: loader.Figures) -> dict[str, int]:
    return {"organisations": figures.organisations, "results": figures.results, "needs": figures.needs}


def register(app: typer.Typer) -> None:
    user = typer.Typer(help="People who may sign in.", no_args_is_help=True)
    demo = typer.Typer(help="The demonstration data, all marked 演示.", no_args_is_help=True)
    app.add_typer(user, name="user")
    app.add_typer(demo, name="demo")

    @user.command("add")
    def add(
        login: str,
        name: Annotated[str, typer.Option(help="the person's name; the login where it is left out")] = "",
        role: Annotated[list[Role] | None, typer.Option(help="may be given several times")] = None,
        zone: Annotated[str | None, typer.Option(help="code of the zone, for brokers and zone staff")] = None,
        organisation: Annotated[str | None, typer.Option(help="name or credit code, for providers and seekers")] = None,
        as_json: Json = False,
    ) -> None:
        """Add a person; the password is asked for, or read from standard input. The first one is an administrator."""
        database = make_database(migrated())
        try:
            with database.write() as unit:
                owner = None
                if organisation:
                    found = organisations.find(unit.session, code=organisation) or organisations.find(
                        unit.session, name=organisation
                    )
                    if found is None:
                        raise InvalidInput(FieldError("organisation", "unknown_code", {"value": organisation}))
                    owner = found.public_id
                grants = [
                    Grant(
                        each,
                        owner if each in (Role.PROVIDER, Role.SEEKER) else None,
                        zone if each in (Role.BROKER, Role.ZONE_STAFF) else None,
                    )
                    for each in (role or [Role.ADMINISTRATOR])
                ]
                made = people.add_person(unit, SYSTEM, login=login, name=name or login, password=_password(), grants=grants)
                unit.commit()
        finally:
            database.close()
        show({"login": made.login, "name": made.name, "roles": [each.role.value for each in grants]}, as_json=as_json)

    @demo.command("load")
    def load(as_json: Json = False) -> None:
        """Load the demonstration."""
        _demo(make_database(migrated()), "load", as_json)

    @demo.command("remove")
    def remove(as_json: Json = False) -> None:
        """Take out every row marked 演示 and nothing else."""
        _demo(make_database(migrated()), "remove", as_json)

    @demo.command("reset")
    def reset(as_json: Json = False) -> None:
        """Take the demonstration out and load it afresh."""
        _demo(make_database(migrated()), "reset", as_json)

    sheets = typer.Typer(help="Import a sheet of results or needs (XLSX or CSV).", no_args_is_help=True)
    app.add_typer(sheets, name="import")
    for kind in ("results", "needs"):
        _register_import(sheets, kind)


def _register_import(sheets: typer.Typer, kind: str) -> None:
    @sheets.command(kind)
    def import_command(
        file: Path,
        zone: Annotated[str, typer.Option(help="code of the zone in whose name the sheet is imported")],
        commit: Annotated[bool, typer.Option("--commit", help="write the rows; without it only the plan is shown")] = False,
        unit: Annotated[str, typer.Option(help="元 or 万元, for amounts whose unit neither heading nor cell says")] = "",
        as_json: Json = False,
    ) -> None:
        """Show the plan of a sheet; with --commit write it. `serve` indexes and matches what was written."""
        from api.sheets import import_file

        console = Console(stderr=True)
        with i18n.speaking(terminal_language()), Progress(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task(kind, total=None)
            report = import_file(
                settings(),
                kind,
                file,
                zone,
                commit=commit,
                unit_of_money=unit,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        show(report, as_json=as_json)
