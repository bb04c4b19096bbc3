"""What all commands share: settings, and printing for people or programs."""

import json
import locale
from typing import Annotated, Any

import typer

from api.settings import Settings
from web import i18n

Json = Annotated[bool, typer.Option("--json", help="print one JSON value")]


def settings() -> Settings:
    return Settings()


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
