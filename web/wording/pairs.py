"""Names of the lanes, of the ages that pairs are filtered by, and of what staff make of an owner's word."""

from typing import Final

from web.i18n import N_

LANES: Final = {
    "industry": N_("in the field"),
    "outside_result": N_("Results outside"),
    "outside_need": N_("Needs outside"),
}
LANE_MEANINGS: Final = {
    "industry": N_("needs and results in the zone's field"),
    "outside_result": N_("needs in the zone's field with results from outside it"),
    "outside_need": N_("needs of the zone outside its field with any result"),
}
AGES: Final = {
    "1": N_("within a day"),
    "7": N_("within 7 days"),
    "30": N_("within 30 days"),
    "older": N_("more than 30 days ago"),
}
ANSWERS: Final = {
    "confirmed": N_("confirmed by staff"),
    "rejected": N_("rejected by staff"),
    "regraded": N_("regraded by staff"),
}
