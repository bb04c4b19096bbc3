"""What all commands share: settings, and printing for people or programs."""

import json
import locale
import sys
from typing import Annotated, Any

import typer

from api.settings import Settings
from matching.store import migrate as schema
from web import i18n

Json = Annotated[bool, typer.Option("--json", help="print one JSON value")]


def settings() -> Settings:
    return Settings()


def schema_problem(chosen: Settings) -> str | None:
    """What keeps the database from being used as it is, and how to mend it."""
    try:
        held, newest = schema.current(chosen.url), schema.head()
    except Exception as problem:  # whatever the driver raises
        return f"cannot be opened ({type(problem).__name__}): run `zonematch migrate`, or check ZONEMATCH_DATABASE_URL"
    return None if held == newest else f"schema is {held or 'empty'}, needed is {newest}: run `zonematch migrate`"


def migrated() -> Settings:
    """The settings, where the database is as this version needs it; else a sentence that says what to do, and the end."""
    chosen = settings()
    if problem := schema_problem(chosen):
        print(f"database: {problem}", file=sys.stderr)
        raise typer.Exit(2)
    return chosen


def terminal_language() -> i18n.Language:
    """English unless the locale is Chinese."""
    return "zh_CN" if (locale.getlocale(locale.LC_MESSAGES)[0] or "").startswith("zh") else "en"


def show(value: Any, *, as_json: bool) -> None:
    """Print a value: as one line of JSON, or as `name: value` lines."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, default=str))
    elif isinstance(value, dict):
        for name, part in value.items():
            print(f"{name}: {part}")
    else:
        print(value)
