"""Wording of the search index: its generations, and what may be wrong with the engine."""

from typing import Final

from web.i18n import N_, NP_

STATES: Final = {
    "building": NP_("index", "Being built"),
    "serving": NP_("index", "In service"),
    "previous": NP_("index", "Kept"),
    "gone": NP_("index", "Dropped"),
    "aborted": NP_("index", "Given up"),
}
PROBLEMS: Final = {
    "down": N_("The search engine cannot be reached. Look whether it runs, and whether its address in the settings is right."),
    "slow": N_("The search engine does not answer in time. Look at its load and its memory."),
    "refused": N_("The search engine does not know our user or password. Compare the settings with its own."),
    "read_only": N_("The search engine answers, but takes no changes: mostly its disk is nearly full. New entries wait."),
    "version": N_("The search engine is of a version that this platform is not known to work with."),
    "mapping": N_("There is an index under our name that we did not make. Rename or remove it, or choose another prefix."),
    "filling": N_("The index is being filled after the start; this takes a moment."),
    "closed": N_("The search engine is being shut down."),
}
GENERAL_PROBLEM: Final = N_("The search engine is not well; the log says more.")
