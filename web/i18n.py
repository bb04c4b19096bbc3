"""Texts in the reader's language. Message ids are English; the catalogue of zh_CN is read and compiled in memory.

`speaking` sets the language for a block of code (a context variable: thread and task safe); `gettext` and its kin answer in it.
Rendering does this for every page, so templates and `web.messages` just call them. `N_` and `NP_` mark texts in tables for
extraction and return them unchanged. `python -m web.i18n update` extracts and keeps translations; `check` lists what is missing;
`translate FILE.json` updates and fills in the texts of the file.
"""

import fcntl
import gettext as stdlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

Language = Literal["zh_CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
DEFAULT_LANGUAGE: Final[Language] = "zh_CN"
HTML_LANG: Final[dict[Language, str]] = {"zh_CN": "zh-CN", "en": "en"}
OWN_NAME: Final[dict[Language, str]] = {"zh_CN": "中文", "en": "English"}
COOKIE: Final = "lang"

_ROOM: Final = Path(__file__).parent
CATALOGUE: Final = _ROOM / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
_METHODS: Final = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS: Final = {"templates/**.html": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}}
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "NP_": ((1, "c"), 2)}

_UNSTABLE: Final = tuple(
    f'"{name}'
    for name in (
        "POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Project-Id", "Report-Msgid", "Last-Translator", "Language-Team"
    )
)  # fmt: skip

_speaking: ContextVar[Language] = ContextVar("language", default=DEFAULT_LANGUAGE)


def language_of(value: str | None) -> Language:
    """The language a cookie or a link names; Chinese for anything unknown, and never guessed from the browser."""
    return next((each for each in LANGUAGES if each == value), DEFAULT_LANGUAGE)


def current() -> Language:
    return _speaking.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def read_catalogue(path: Path = CATALOGUE) -> Catalog:
    """The zh_CN catalogue as committed."""
    with path.open("rb") as file:
        return read_po(file, locale="zh_CN")


@cache
def _translations(language: Language) -> stdlib.NullTranslations:
    if language == "en":
        return stdlib.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue())
    compiled.seek(0)
    return stdlib.GNUTranslations(compiled)


def gettext(message: str) -> str:
    return _translations(current()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    return _translations(current()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    return _translations(current()).pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, count: int) -> str:
    return _translations(current()).npgettext(context, singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name by which babel finds marked texts
    return message


def NP_(context: str, message: str) -> tuple[str, str]:  # noqa: N802 - as above, with the context that tells homonyms apart
    return context, message


def extract() -> Catalog:
    """Every text of templates and code, untranslated."""
    found = Catalog(charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        _ROOM,
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
    ):
        found.add(message, locations=[(Path(name).as_posix(), 0)], auto_comments=comments, context=context)
    return found


def _with_translations(old: Catalog | None, template: Catalog) -> Catalog:
    new = Catalog(locale="zh_CN", charset="utf-8", fuzzy=False, header_comment="# Chinese texts of ZoneMatch.")
    for message in template:
        if not message.id:
            continue
        held = old.get(_key(message), context=message.context) if old else None
        kept = held.string if held is not None and _same_shape(held, message) else ""
        new.add(message.id, kept, locations=message.locations, auto_comments=message.auto_comments, context=message.context)
    return new


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _same_shape(one: Message, other: Message) -> bool:
    return isinstance(one.id, str) == isinstance(other.id, str)


def missing(catalogue: Catalog | None = None) -> list[str]:
    """What is used and has no sure translation, and what is kept and no longer used, as one line each."""
    held = catalogue or read_catalogue()
    wanted = extract()
    problems: list[str] = []
    for message in wanted:
        if not message.id:
            continue
        translated = held.get(_key(message), context=message.context)
        strings = () if translated is None else _strings(translated)
        if not strings or not all(strings) or (translated is not None and translated.fuzzy):
            problems.append(
                f"untranslated: {message.context or ''} {_key(message)!r} in {[each[0] for each in message.locations]}"
            )
    problems += [
        f"no longer used: {_key(message)!r}"
        for message in held
        if message.id and wanted.get(_key(message), context=message.context) is None
    ]
    return problems


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One at a time writes the catalogue: two updates at once would lose the translations of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def update(path: Path = CATALOGUE, texts: Mapping[str, str] | None = None) -> int:
    """Rewrite the catalogue from templates and code, keeping translations. The number of texts still without one.

    `texts` are translations to fill in, by message id; of homonyms by `context\\x04id`, of plurals by the singular. Those
    that no template and no code uses are left out.
    """
    with _alone(path):
        old = read_catalogue(path) if path.exists() else None
        new = _with_translations(old, extract())
        for message in new:
            text = (texts or {}).get(f"{message.context}\x04{_key(message)}" if message.context else _key(message))
            if message.id and text:
                message.string = text if isinstance(message.id, str) else (text,)
        _write(new, path)
        return len([line for line in missing(new) if line.startswith("untranslated")])


def _write(new: Catalog, path: Path) -> None:
    written = io.BytesIO()
    write_po(written, new, width=120, sort_output=True, include_lineno=False, omit_header=False)
    lines = written.getvalue().decode("utf-8").splitlines(keepends=True)
    # dates, tool versions and placeholders in the header would make every update a change
    stable = [line for line in lines if not line.startswith(_UNSTABLE)]
    path.write_text("".join(stable), "utf-8")


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        sys.stdout.write(f"{update()} texts without a translation\n")
        return 0
    if arguments == ["check"]:
        problems = missing()
        sys.stdout.write("".join(f"{line}\n" for line in problems))
        return 1 if problems else 0
    if arguments[:1] == ["translate"] and len(arguments) == 2:
        left = update(texts=json.loads(Path(arguments[1]).read_text("utf-8")))
        sys.stdout.write(f"{left} texts without a translation\n")
        return 0
    sys.stdout.write("usage: python -m web.i18n update|check|translate FILE.json\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
