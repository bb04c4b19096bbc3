"""Wording of the search page: names of filters, sorts and commands, and how a question was read."""

from typing import Final

from web.i18n import N_, NP_

FILTERS: Final = {
    "kind": NP_("filter", "Kind"),
    "industry": NP_("filter", "Industry"),
    "outside": NP_("filter", "Outside the industry"),
    "maturity": NP_("filter", "Maturity"),
    "mode": NP_("filter", "Cooperation"),
    "price_from": NP_("filter", "Price"),
    "price_to": NP_("filter", "Price"),
    "price": NP_("filter", "Price"),
    "zone": NP_("filter", "High-tech zone"),
    "region": NP_("filter", "Region of the owner"),
    "owner": NP_("filter", "Kind of organisation"),
    "ip": NP_("filter", "Intellectual property"),
    "ip_status": NP_("filter", "Legal status"),
    "expiring": NP_("filter", "Ends within"),
    "year": NP_("filter", "Year of publication"),
    "technology_type": NP_("filter", "Type of technology"),
    "landmark": NP_("filter", "Landmark"),
    "chain": NP_("filter", "Link of the chain"),
    "policy": NP_("filter", "Direction of the policy"),
    "overseas": NP_("filter", "Overseas"),
    "languages": NP_("filter", "Working languages"),
    "organisation": NP_("filter", "Organisation"),
    "number": NP_("filter", "Number"),
    "title": NP_("filter", "Title"),
}
SORTS: Final = {
    "relevance": NP_("sort", "Best first"),
    "newest": NP_("sort", "Newest first"),
    "expiring": NP_("sort", "Ending soonest first"),
}
PROBLEMS: Final = {
    "unknown_field": N_("There is no “%(text)s:” to search by; it was read as words."),
    "no_value": N_("Nothing stands behind “%(text)s:”; it was read as a word."),
    "unclosed_quote": N_("A quotation mark is not closed: everything behind it was read as one phrase."),
    "empty_phrase": N_("There is no word between the quotation marks: they were passed over."),
    "too_many": N_("Too many commands: from “%(text)s” on it was read as words."),
    "unknown_value": N_("“%(text)s” is none of the values of “%(field)s”; it was read as words."),
    "bad_value": N_("“%(text)s” cannot be read as “%(field)s”; it was read as words."),
}
NEAR: Final = N_("Did you mean %(near)s?")
PROSE: Final = N_("This was read as running text: quotation marks and minus signs are no commands in it.")
HELP: Final = (
    (N_("“exact words”"), N_("as they stand, side by side")),
    (N_("-word"), N_("without the word")),
)
