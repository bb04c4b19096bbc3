"""What the operations of the API do and their parameters mean: for its OpenAPI document and for the page that explains it."""

from typing import Final

from web.i18n import N_, NP_

TAGS: Final = {
    "Results": NP_("group of operations", "Results"),
    "Needs": NP_("group of operations", "Needs"),
    "Search": NP_("group of operations", "Search"),
    "Matches": NP_("group of operations", "Matches"),
    "Desk": NP_("group of operations", "Matching desk"),
    "Imports": NP_("group of operations", "Imports"),
    "Long work": NP_("group of operations", "Long work"),
    "Organisations": NP_("group of operations", "Organisations"),
    "Reference": NP_("group of operations", "Zones, industries, code lists"),
}
"""In the order in which they are explained."""

OPERATIONS: Final = {
    "list_zones": N_("All zones with their strategic industry and what anyone may know of them."),
    "read_zone": N_("One zone."),
    "list_industries": N_("The tree of industries, parents by their codes."),
    "read_industry": N_("One industry."),
    "list_code_lists": N_("The names of the code lists."),
    "read_code_list": N_("The values of a code list in its order, with those that are retired."),
    "list_own_organisations": N_(
        "Those that you may post for: your own; for staff those of their zones too; for administrators all. At most 200."
    ),
    "read_organisation": N_("One that owns something published, or that you may post for."),
    "list_results": N_("Published results, the newest first."),
    "list_needs": N_("Published needs, the newest first."),
    "read_result": N_("One result, with what you can do with it."),
    "read_need": N_("One need, with what you can do with it."),
    "read_result_contacts": N_("Contact data, for those whose own the result is."),
    "read_need_contacts": N_("Contact data, for those whose own the need is."),
    "list_my_results": N_("Your own results in any state, the last changed first."),
    "list_my_needs": N_("Your own needs in any state, the last changed first."),
    "list_result_matches": N_(
        "The needs that a result of yours may answer, the best first, with reasons. Empty for a result that is not yours."
    ),
    "list_need_matches": N_(
        "The results that may answer a need of yours, the best first, with reasons. Empty for a need that is not yours."
    ),
    "search": N_("Results and needs for a text, the best first. Values of one filter are alternatives, filters add up."),
    "create_result": N_("A new result. With `then` it is submitted or published at once, else it is a draft."),
    "create_need": N_("A new need. With `then` it is submitted or published at once, else it is a draft."),
    "edit_result": N_(
        "A new text for a result, whole: what is left out is empty. "
        "A published result keeps its old text until the new one is published."
    ),
    "edit_need": N_(
        "A new text for a need, whole: what is left out is empty. "
        "A published need keeps its old text until the new one is published."
    ),
    "submit_result": N_("Ask the staff to read and publish it."),
    "submit_need": N_("Ask the staff to read and publish it."),
    "publish_result": N_("Publish the newest text, for the staff in charge."),
    "publish_need": N_("Publish the newest text, for the staff in charge."),
    "send_back_result": N_("Send it back to its owner with reasons by field, for the staff in charge."),
    "send_back_need": N_("Send it back to its owner with reasons by field, for the staff in charge."),
    "withdraw_result": N_("Take it back: nobody else finds it any more."),
    "withdraw_need": N_("Take it back: nobody else finds it any more."),
    "renew_result": N_("Open for another year, or until the day you give."),
    "renew_need": N_("Open for another year, or until the day you give."),
    "decide_result_industries": N_("Confirm and reject industries; what you do not name stays as it is."),
    "decide_need_industries": N_("Confirm and reject industries; what you do not name stays as it is."),
    "explain_pair": N_(
        "Any need and any result compared as of now: what the score rests on, what would raise it, and what keeps the two apart. "
        "For the owners of either, and the desks."
    ),
    "say_of_result": N_("Say of a pair of yours that it fits, or that it does not fit and why; or take your word back."),
    "say_of_need": N_("Say of a pair of yours that it fits, or that it does not fit and why; or take your word back."),
    "list_waiting": N_("Texts that wait for the staff of your zones, the longest waiting first."),
    "read_desk": N_("A zone's desk: its needs, those with the most pairs to judge first."),
    "list_desk_matches": N_("All kept pairs of one need on the desk, the best first, with reasons and verdicts."),
    "give_verdict": N_("Grade a pair from 3 (strong) to 0 (none). A later verdict stands in the place of an earlier one."),
    "undo_verdict": N_("Take back your last verdict in this zone that still stands."),
    "begin_import": N_("Upload a sheet: it is read and planned row by row; nothing is written before you commit the plan."),
    "list_imports": N_("The imports that you may read, the newest first."),
    "read_import": N_("How far an import is, and what its plan holds."),
    "list_import_rows": N_("The rows of the plan in the sheet's order: what becomes of each, and why."),
    "commit_import": N_("Do what the plan says. Asked for twice, it is done once."),
    "cancel_import": N_("Go no further: what is written stays and can be undone."),
    "change_import_policy": N_("Another policy is another plan: it stands in the place of this one, which stays as it was."),
    "retry_import": N_("The same sheet once more, as a new plan: what was written meanwhile is there now."),
    "undo_import": N_("Take back what the import wrote; what people have touched since stays and is listed."),
    "list_work": N_("Long works that you may see, the newest first: imports, zones matched anew, the index built anew."),
    "read_work": N_("How far a long work is, and how long it will take."),
    "begin_work": N_("Ask for a zone to be matched anew; administrators also for a new index or its comparison."),
    "cancel_work": N_("Ask a long work to end: at once while it waits, else with its next slice."),
    "retry_work": N_("Begin it once more after it failed or was cancelled; what is done stays done."),
    "read_import_errors": N_("The rows that could not be taken as a sheet with the reasons, for whoever uploaded it."),
}

PARAMETERS: Final = {
    "kind": N_("`result` or `need`."),
    "industry": N_("The code of an industry; it holds its branches."),
    "zone": N_("The code of a zone: what its organisations own and what is addressed to it."),
    "maturity": N_("A code of the list `maturity`."),
    "q": N_("Words, a sentence, a pasted paragraph, or a number."),
    "verdict": N_(
        "What becomes of a row: `new`, `update`, `skip`, `error`; `flagged` rows are like something that is there, "
        "`kept` ones an undo has left."
    ),
    "explain_pair need": N_("The id, the number or the address of a need."),
    "explain_pair result": N_("The id, the number or the address of a result."),
    "explain_pair zone": N_("The code of the zone to compare them in; without it where the need stands."),
    "path zone": N_("The code of a zone."),
    "begin_import zone": N_("The code of the zone in whose name it is imported; who has but one may leave it out."),
    "begin_import organisation": N_("The id of the organisation in whose name it is imported, in the place of a zone."),
    "search q": N_("Words, a sentence, a pasted paragraph, a number; commands as on the page. Beside a filter not needed."),
    "search outside": N_("The code of an industry: what is in it or in its branches is left out."),
    "search maturity": N_("A code of the list `maturity`; what was told on another scale is found by its level."),
    "mode": N_("A code of the list `cooperation`."),
    "price_from": N_("In 10,000 yuan: prices and budgets that reach so far. What is negotiable has none."),
    "price_to": N_("In 10,000 yuan: prices and budgets that begin no higher."),
    "region": N_("The code of a region: where the owner sits, or its zone."),
    "owner": N_("A code of the list `organisation_kind`."),
    "ip": N_("A code of the list `ip_kind`."),
    "ip_status": N_("A code of the list `ip_status`."),
    "expiring": N_("Valid for no more than so many days from today."),
    "year": N_("The year of publication."),
    "technology_type": N_("A code of the list `technology_type`."),
    "landmark": N_("A code of the list `landmark`."),
    "chain": N_("A code of the list `chain`."),
    "policy": N_("A code of the list `policy`."),
    "overseas": N_("A code of the list `overseas`."),
    "languages": N_("A code of the list `language`."),
    "exact": N_("`1`: the words as you write them, without synonyms beside them."),
    "sort": N_("`relevance`, `newest` or `expiring`: the order of the best hits. Without words the newest come first."),
    "list_work kind": N_("`import`, `match_zone`, `reindex`, `gate` or `encoder`."),
    "path industry": N_("The code of an industry."),
    "limit": N_("How many items at most."),
    "cursor": N_("`next_cursor` of the page before; without it the list begins."),
    "latest": N_("The newest text instead of the published one, for those who may read it."),
    "level": N_("Pairs of this level alone, from 0 to 3."),
    "lane": N_("`industry`, or outside it `outside_result` or `outside_need`."),
    "show": N_("`waiting`: pairs that nobody has judged; `judged`: those that somebody has."),
    "age": N_("Pairs found within so many days (1, 7, 30), or `older`."),
    "outside": N_("The pairs outside the industry instead of those in it."),
    "fresh": N_("In the first ten pairs new entries stand higher, and `moved` says so."),
    "diverse": N_("In the first ten pairs those of one organisation, or with much the same title, stand apart; `moved` says so."),
    "other": N_("The id of the other side of the pair."),
    "listing": N_("The id of the entry."),
    "need": N_("The id of a need."),
    "organisation": N_("The id of an organisation."),
    "code_list": N_("The name of a code list."),
    "batch": N_("The id of an import."),
    "work": N_("The id of a long work."),
    "unit": N_("What amounts without a unit are in: `yuan`, or `wan` for 10,000 yuan. Without it they are errors of their rows."),
    "file_name": N_("The name of the file; its ending tells what it is (.xlsx or .csv)."),
    "If-Match": N_("The ETag of the version that you saw; `*` does without the comparison."),
    "Idempotency-Key": N_("A text of your own for each thing to be done: sent again with the same body, it is not done again."),
}
"""Name of a parameter, or where it means something of its own the operation's or the place's with it → what it means."""


def meaning(operation: str, place: str, name: str) -> str:
    """What a parameter of an operation means, not yet translated; `place` is where it stands (`path`, `query`, `header`)."""
    return next(PARAMETERS[each] for each in (f"{operation} {name}", f"{place} {name}", name) if each in PARAMETERS)
