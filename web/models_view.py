"""Learned models as their pages say them."""

import math
from collections.abc import Mapping
from typing import Any, Final

from matching.agreement import GRADES
from web.i18n import gettext as _
from web.i18n import pgettext
from web.messages import level_name
from web.wording import models

MEASURES: Final = tuple(models.MEASURES)


def state_name(state: str) -> str:
    return pgettext(*models.STATES[state]) if state in models.STATES else state


def reason_text(reason: str) -> str:
    return _(models.REASONS[reason]) if reason in models.REASONS else ""


def encoder_reason_text(reason: str) -> str:
    return _(models.ENCODER_REASONS[reason]) if reason in models.ENCODER_REASONS else reason_text(reason)


def measure_name(code: str) -> str:
    return _(models.MEASURES[code][0])


def measure_meaning(code: str) -> str:
    return _(models.MEASURES[code][1])


def source_name(code: str) -> str:
    return _(models.SOURCES[code]) if code in models.SOURCES else code


def figure(value: float | None) -> str:
    """Three decimals; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}".replace("-", "−")


def signed(value: float) -> str:
    return ("+" if value >= 0 else "−") + f"{abs(value):.3f}"


def difference(measure: Mapping[str, Any]) -> str:
    """After less before, with its interval at 95 % where there is one."""
    if "after" not in measure:
        return "–"
    told = signed(measure["after"] - measure["before"])
    return f"{told} ({signed(measure['low'])} … {signed(measure['high'])})" if "low" in measure else told


def grades_text(grades: list[int]) -> str:
    """How many verdicts of each level, the highest first."""
    return " · ".join(f"{level_name(grade)} {grades[grade]}" for grade in reversed(range(GRADES)))


def kappa_text(kappa: float | None) -> str:
    """The weighted kappa with the word for it (Landis and Koch 1977)."""
    if kappa is None:
        return _("not known yet")
    words = (_("slight"), _("fair"), _("moderate"), _("substantial"), _("almost perfect"))
    return _("%(kappa)s (%(word)s)") % {"kappa": figure(kappa), "word": words[min(4, max(0, math.floor(kappa * 5)))]}
