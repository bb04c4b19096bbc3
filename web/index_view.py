"""The index as its page says it."""

from collections.abc import Mapping
from typing import Final

from matching.gate import FAULTS
from search.ports import Health
from web import formats
from web.i18n import gettext as _
from web.i18n import pgettext
from web.wording import index, works

WORKS: Final = ("reindex", "gate", "reindex_back")


def state_name(state: str) -> str:
    return pgettext(*index.STATES[state]) if state in index.STATES else state


def problem_text(health: Health) -> str:
    """What is wrong with the engine and what to do; empty where nothing is."""
    return "" if health.ok else _(index.PROBLEMS.get(health.code, index.GENERAL_PROBLEM))


def found_text(found: Mapping[str, int]) -> str:
    """What the gate found: nothing, or the faults that it repaired, and what is set aside."""
    told = [each for each in (*FAULTS, "left", "set_aside") if found.get(each)]
    if not any(each in told for each in (*FAULTS, "left")):
        told.insert(0, "")
    return formats.joined(
        [_(works.FIGURES[each]) % {"n": formats.number(found[each])} if each else _("no difference") for each in told]
    )
