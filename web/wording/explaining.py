"""Wording of what would raise a pair (questions, never advice), and of what keeps a need and a result apart."""

from typing import Final

from web.i18n import N_

EDITS: Final = {
    "state_maturity": N_("Has the result reached TRL %(trl)s? If so, state it as its maturity."),
    "accept_maturity": N_("Would TRL %(trl)s be enough for the need? If so, ask for that."),
    "give_figure": N_("%(name)s: does the result reach %(asked)s? If it does, list the figure."),
    "accept_figure": N_("%(name)s: would %(given)s be enough instead of %(asked)s? If so, ask for that."),
    "add_mode": N_("Is one of these ways of cooperation possible, too: %(modes)s? If so, tick it."),
    "confirm_industry": N_("Is the suggested industry right? If so, confirm it."),
    "tag_industry": N_("Does it belong to the industry %(industry)s? If so, choose that industry."),
    "state_price": N_("Can it be had for %(high)s at most? If so, state the price."),
    "state_budget": N_("Does the budget reach %(high)s? If so, state it."),
    "state_right": N_("Is there a granted right behind the result? If so, list it with its number."),
    "give_number": N_("Do the rights have numbers that can be looked up? If so, add them."),
    "stay_open": N_("Is it open until %(until)s or longer? If so, extend its time."),
    "wait_longer": N_("Is it early enough by %(until)s? If so, state that date."),
}
BARRIERS: Final = {
    "closed": N_("The %(side)s is not published now: %(state)s. Only published entries are matched."),
    "zone_undecided": N_("%(zone)s has not decided on its strategic industry, so nothing is matched there."),
    "other_zone": N_("The need belongs to %(zones)s, not to %(zone)s; it is matched where it belongs."),
    "in_pool": N_("The need belongs to no zone. It stands in the pool and is matched here once %(zone)s takes it up."),
    "outside_industry": N_("The %(side)s is not in the industry %(industry)s: the two stand outside the field."),
    "outside_pool": N_("The result stands in none of the need's industries; the pool compares only within them."),
    "no_vectors": N_("One of the texts has not been read for its meaning yet. That takes seconds after publication: look again."),
    "held_back": N_("The two are compared, but reach only “%(level)s”. What keeps them below: %(parts)s."),
    "crowded_out": N_("%(kept)s results are nearer to this need, and no more are kept."),
    "crowded_out_at": N_("%(kept)s results are kept of each need, and this one comes in place %(rank)s."),
    "not_matched": N_("The two would be a pair at “%(level)s” and are not matched yet: the next run of the matching finds them."),
    "unshared": N_(
        "Of the %(side)s only its owner and the staff in charge read %(fields)s: what others may not read counts for nothing."
    ),
}
FIGURES: Final = {
    "met": N_("met"),
    "failed": N_("not met"),
    "open": N_("cannot be told"),
    "missing": N_("not given"),
}
