"""The command `zonematch`. Each command prints for people, or with `--json` for programs, and exits non-zero on failure."""

import contextlib
import locale
import sys

import typer

from api.cli.shared import terminal_language
from matching.errors import InvalidInput, ZoneMatchError
from web import i18n
from web.messages import error_text, field_error_text, field_label

app = typer.Typer(
    name="zonematch",
    help="ZoneMatch (区业通): explained technology-transfer matching.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def problem_text(problem: ZoneMatchError) -> str:
    """The sentence a person reads; the terminal's language is English unless the locale is Chinese."""
    with i18n.speaking(terminal_language()):
        if isinstance(problem, InvalidInput):
            return "; ".join(f"{field_label(each.field)}: {field_error_text(each)}" for each in problem.fields)
        return error_text(problem)


def main() -> None:
    """Run a command. A decision of ours is one sentence on standard error and exit code 2, never a stack of frames."""
    from api.cli import quality, records, serving, upkeep, works

    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_MESSAGES, "")
    for module in (serving, records, works, quality, upkeep):
        module.register(app)
    try:
        app()
    except ZoneMatchError as problem:
        print(problem_text(problem), file=sys.stderr)
        sys.exit(2)
