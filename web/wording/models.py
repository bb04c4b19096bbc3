"""Wording of learned models: where they hold, how they stand, what their figures mean, why one was refused."""

from typing import Final

from web.i18n import N_, NP_

STATES: Final = {
    "candidate": NP_("model state", "Waits for a decision"),
    "refused": NP_("model state", "Refused"),
    "in_force": NP_("model state", "In force"),
    "retired": NP_("model state", "Was in force"),
}
REASONS: Final = {
    "too_few": N_("Too few verdicts to say anything of needs that were not learned from: at least 24, on at least 8 needs."),
    "not_better": N_("On needs that it had not seen it was not surely better than what is in force."),
    "worse_order": N_("On needs that it had not seen it put good pairs in a worse order than what is in force."),
    "worse_somewhere": N_("Better on the whole, but surely worse in one of the zones."),
    "person": N_("An administrator decided against it."),
    "overtaken": N_("A newer candidate took its place."),
}
ENCODER_REASONS: Final = {
    "too_few": N_("Too few verdicts to teach an encoder and judge it: at least 60, on at least 12 needs."),
    "not_better": N_("On needs that it had not seen it did not surely put good pairs in a better order."),
    "worse_levels": N_("A better order, but its levels surely miss people's verdicts more often."),
}
"""Where an encoder's differs from a ranker's."""
MEASURES: Final = {
    "log_likelihood": (
        N_("Foresight"),
        N_("mean logarithm of the chance that was given to each verdict; 0 would be certainty, higher is better"),
    ),
    "ndcg_at_10": (N_("Order of the first ten"), N_("nDCG@10: 1 where the best pairs of a need stand first, higher is better")),
    "distance": (
        N_("Distance in levels"),
        N_("by how many levels a pair misses its verdict on average, lower is better"),
    ),
}
SOURCES: Final = {"staff": N_("by staff and brokers"), "owner": N_("by owners, counting half")}
