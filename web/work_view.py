"""A long work as pages and the command line say it: names, how far it is, how long it still takes, what came of it."""

import math
from typing import Final

from matching import long_work
from matching.long_work import WorkView
from web import formats, paths
from web.context import RequestContext
from web.i18n import gettext as _
from web.i18n import ngettext, pgettext
from web.wording import errors, works

_MINUTE: Final = 60
_HOUR: Final = 3600
_TOLD_FIGURES: Final = tuple(works.FIGURES)


def running(context: RequestContext) -> tuple[WorkView, ...]:
    """What goes on and is the reader's to see: for the bar in the head of pages."""
    database = context.services.database
    with database.read() as session:
        return long_work.running(session, context.actor, database.clock.now())


def name(view: WorkView) -> str:
    return pgettext(*works.KINDS[view.kind])


def kind_name(kind: str) -> str:
    return pgettext(*works.KINDS[kind])


def meaning(kind: str) -> str:
    return _(works.MEANINGS[kind])


def state_name(view: WorkView) -> str:
    return pgettext(*works.STATES[view.state]) if view.state in works.STATES else view.state


def stage_name(view: WorkView) -> str:
    return pgettext(*works.STAGES[view.stage]) if view.stage in works.STAGES else ""


def href(view: WorkView) -> str:
    """An import has a page of its own; everything else stands on the page of long work."""
    return f"{paths.IMPORTS}/{view.public_id}" if view.kind == "import" else paths.work(view.public_id)


def how_far(view: WorkView) -> str:
    """120 of 300 needs; nothing where that is not known."""
    if not view.total or view.unit not in works.UNITS:
        return ""
    return formats.spaced(
        _(works.UNITS[view.unit]) % {"done": formats.number(view.done), "total": formats.number(view.total)}
    )  # fmt: skip


def span(seconds: float) -> str:
    """A stretch of time as people say it: seconds below a minute, minutes below two hours, else hours."""
    if seconds < _MINUTE:
        n = max(1, round(seconds))
        return ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n}
    if seconds < 2 * _HOUR:
        n = round(seconds / _MINUTE)
        return ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}
    n = round(seconds / _HOUR)
    return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}


def remaining_text(view: WorkView) -> str:
    """How long this step still takes, as a span that the measured pace allows; or why nobody knows."""
    if view.state == "cancelling":
        return _("ends with the slice in hand")
    if view.state == "waiting":
        if view.problem:
            return _("tried again soon: %(why)s") % {"why": problem_text(view)}
        if view.ahead:
            return ngettext("%(n)s other work goes first", "%(n)s other works go first", view.ahead) % {"n": view.ahead}
        return _("begins in a moment")
    if view.state != "running":
        return ""
    if view.remaining is None:
        return _("remaining time not known yet")
    low, high = view.remaining.low, view.remaining.high
    if high < _MINUTE:
        return _("less than a minute left in this step")
    if high < 2 * _HOUR:
        first, last = max(1, math.floor(low / _MINUTE)), math.ceil(high / _MINUTE)
        if first == last:
            return ngettext("about %(n)s minute left in this step", "about %(n)s minutes left in this step", last) % {"n": last}
        return _("%(low)s to %(high)s minutes left in this step") % {"low": first, "high": last}
    first, last = max(1, math.floor(low / _HOUR)), math.ceil(high / _HOUR)
    if first == last:
        return ngettext("about %(n)s hour left in this step", "about %(n)s hours left in this step", last) % {"n": last}
    return _("%(low)s to %(high)s hours left in this step") % {"low": first, "high": last}


def problem_text(view: WorkView) -> str:
    if not view.problem:
        return ""
    if view.kind == "import":
        return _(errors.TEXTS.get(view.problem, errors.GENERAL_TEXT))
    return _(works.PROBLEMS.get(view.problem, works.GENERAL_PROBLEM))


def outcome(view: WorkView) -> str:
    """The figures of what came of it, in one line."""
    told = [
        _(works.FIGURES[each]) % {"n": formats.number(view.figures[each])} for each in _TOLD_FIGURES if each in view.figures
    ]  # fmt: skip
    return formats.joined(told)
