"""Names of a listing's fields and the line of help beside them, by the code of the field catalogue.

`need.price` goes before `price` where both kinds have a field and call it otherwise.
"""

from typing import Final

from web.i18n import N_

LABELS: Final = {
    "title": N_("Title"),
    "keywords": N_("Keywords"),
    "problem": N_("Problem solved"),
    "summary": N_("Description"),
    "advantage": N_("Compared with today's practice"),
    "detail": N_("What is needed"),
    "difficulty": N_("Technical difficulty"),
    "basis": N_("What you already have"),
    "indicators_text": N_("Indicators in words"),
    "application": N_("Fields of use"),
    "field": N_("Technical field"),
    "market": N_("Market analysis"),
    "awards": N_("Awards"),
    "funding": N_("Funding"),
    "obtained": N_("How the result came about"),
    "partners": N_("Wanted partners"),
    "experts": N_("Wanted experts"),
    "remark": N_("Remarks"),
    "industries": N_("Strategic industry"),
    "indicators": N_("Indicators"),
    "ip": N_("Intellectual property"),
    "ip_kind": N_("Kind of right"),
    "ip_status": N_("Legal status"),
    "maturity": N_("Maturity"),
    "need.maturity": N_("Maturity required"),
    "modes": N_("Cooperation"),
    "price": N_("Price"),
    "need.price": N_("Budget"),
    "need_type": N_("Kind of need"),
    "completed_on": N_("Completed"),
    "valid_until": N_("Valid until"),
    "wanted_by": N_("Wanted by"),
    "organisation": N_("Organisation"),
    "zone": N_("High-tech zone"),
    "person": N_("Contact person"),
    "legal_person": N_("Legal representative"),
    "owner_phone": N_("Owner's telephone"),
    "mobile": N_("Mobile"),
    "phone": N_("Telephone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "login": N_("Account"),
    "password": N_("Password"),
}

HELP: Final = {
    "title": N_("What it is and what it does, in one line. This line is always public."),
    "keywords": N_("A few words that a searcher would type, separated by semicolons."),
    "problem": N_("Whose problem, where it shows, what it costs today."),
    "summary": N_("How it works and how far it has come. Numbers with units find partners."),
    "advantage": N_("What is better than the usual way, and by how much."),
    "detail": N_("Product, present process, what should change, and how you would accept it."),
    "difficulty": N_("What you have tried, and where it stops."),
    "basis": N_("Equipment, people, data you can bring in. Read by signed-in users only."),
    "indicators_text": N_("As in your papers; single figures can go into the rows of indicators."),
    "market": N_("Read by signed-in users only."),
    "maturity": N_("How far it has been shown to work."),
    "need.maturity": N_("The least you can work with. Leave open if you would develop it together."),
    "price": N_("In 10,000 yuan. Leave both empty for “negotiable”."),
    "need.price": N_("In 10,000 yuan. Leave both empty for “negotiable”."),
    "valid_until": N_("One year from publication unless you say otherwise."),
    "industries": N_("We suggest some from your text; confirm what fits."),
}
