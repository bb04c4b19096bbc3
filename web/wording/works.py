"""Wording of long work: what it is, how it stands, what is being done, what came of it."""

from typing import Final

from web.i18n import N_, NP_

KINDS: Final = {
    "import": NP_("work", "Import of a sheet"),
    "match_zone": NP_("work", "Matching a zone again"),
    "reindex": NP_("work", "Building the index anew"),
    "gate": NP_("work", "Comparing index and database"),
    "reindex_back": NP_("work", "Going back to the index before"),
    "learn": NP_("work", "Learning from verdicts"),
    "teach": NP_("work", "Teaching the encoder"),
}
MEANINGS: Final = {
    "import": N_("Rows of a sheet are read, written and made findable."),
    "match_zone": N_("All pairs of the zone are computed anew from today's texts."),
    "reindex": N_(
        "The search index is built anew beside the serving one, which answers until it is done. Texts are read again where the"
        " model that reads them was changed."
    ),
    "gate": N_("Every document of the index is compared with the database; what differs is repaired."),
    "reindex_back": N_("The index that served before serves again at once; then it is brought what has changed since."),
    "learn": N_(
        "Weights and levels are learned again from people's verdicts and tried on needs that they were not learned from."
        " Nothing in force changes before an administrator says so."
    ),
    "teach": N_(
        "A copy of the encoder learns from people's verdicts to bring together what fits, and is tried on needs that it was not"
        " taught with. That takes a quarter of an hour and more, at a low priority; nothing in force changes before an"
        " administrator says so."
    ),
}
STATES: Final = {
    "waiting": NP_("work state", "Waiting"),
    "running": NP_("work state", "Running"),
    "cancelling": NP_("work state", "Being cancelled"),
    "planned": NP_("work state", "Waits for you"),
    "done": NP_("work state", "Done"),
    "failed": NP_("work state", "Failed"),
    "cancelled": NP_("work state", "Cancelled"),
    "undone": NP_("work state", "Undone"),
    "replaced": NP_("work state", "Planned anew"),
}
STAGES: Final = {
    "reading": NP_("work stage", "reading texts"),
    "scoring": NP_("work stage", "scoring pairs"),
    "writing": NP_("work stage", "writing pairs"),
    "filling": NP_("work stage", "filling the index"),
    "scanning": NP_("work stage", "reading the index"),
    "comparing": NP_("work stage", "comparing"),
    "embedding": NP_("work stage", "reading texts anew"),
    "import_read": NP_("work stage", "reading rows"),
    "import_commit": NP_("work stage", "writing rows"),
    "import_undo": NP_("work stage", "taking rows back"),
    "indexing": NP_("work stage", "making findable"),
    "reading_pairs": NP_("work stage", "reading judged pairs"),
    "learning": NP_("work stage", "learning and judging"),
    "teaching": NP_("work stage", "teaching and judging"),
}
UNITS: Final = {
    "rows": N_("%(done)s of %(total)s rows"),
    "needs": N_("%(done)s of %(total)s needs"),
    "listings": N_("%(done)s of %(total)s entries"),
    "pairs": N_("%(done)s of %(total)s pairs"),
    "steps": N_("%(done)s of %(total)s steps"),
}
FIGURES: Final = {
    "pairs": N_("pairs: %(n)s"),
    "written": N_("entries: %(n)s"),
    "expected": N_("documents: %(n)s"),
    "missing": N_("missing: %(n)s"),
    "stale": N_("out of date: %(n)s"),
    "misplaced": N_("for others to read: %(n)s"),
    "extra": N_("too many: %(n)s"),
    "left": N_("could not be repaired: %(n)s"),
    "pending": N_("on their way: %(n)s"),
    "set_aside": N_("set aside: %(n)s"),
    "buried": N_("tidied away: %(n)s"),
    "suggestions": N_("suggestions put right: %(n)s"),
    "verdicts": N_("verdicts: %(n)s"),
    "left_out": N_("left out, their texts having changed: %(n)s"),
    "judged": N_("models judged: %(n)s"),
    "better": N_("better: %(n)s"),
    "new": N_("new: %(n)s"),
    "update": N_("updated: %(n)s"),
    "skip": N_("left out: %(n)s"),
    "error": N_("with errors: %(n)s"),
    "undone": N_("taken back: %(n)s"),
    "kept": N_("kept: %(n)s"),
}
PROBLEMS: Final = {
    "EncoderUnavailable": N_("The model that reads texts did not answer."),
    "EngineUnavailable": N_("The search index did not answer."),
    "Superseded": N_("Others kept changing the same zone meanwhile."),
    "EncoderTimeout": N_("The model that reads texts did not answer."),
    "no_previous": N_("No index is kept to go back to."),
    "nothing_to_teach": N_("This encoder cannot be taught here."),
    "overtaken": N_("A newer work of the same kind took its place."),
}
GENERAL_PROBLEM: Final = N_("An unforeseen fault stopped it. The operator finds the reason in the log.")
