"""Wording of the reference data: kinds of records, their fields, and what was done to them (`matching.records`)."""

from typing import Final

from web.i18n import N_, NP_

KINDS: Final = {
    "zones": N_("High-tech zones"),
    "industries": N_("Industries"),
    "regions": N_("Regions"),
    "groupings": N_("Core areas, centres, alliances and parks"),
    "synonyms": N_("Synonyms of the search"),
}
MEANINGS: Final = {
    "zones": N_("Where each lies, its level, what it strives for, and the field it is matched in until it decides."),
    "industries": N_("The tree that everything is matched in: names, key words and patent classes."),
    "regions": N_("Administrative divisions by their six-digit codes."),
    "groupings": N_("What clauses 7, 9 and 10 name beside the zones."),
    "synonyms": N_("Words that are searched beside those that somebody typed, by industry. A change is in force at once."),
}
ADD: Final = {
    "zones": N_("Add a zone"),
    "industries": N_("Add an industry"),
    "regions": N_("Add a region"),
    "groupings": N_("Add a core area, centre, alliance or park"),
    "synonyms": N_("Add synonyms"),
}
ACTIONS: Final = {
    "create": NP_("change", "Added"),
    "change": NP_("change", "Changed"),
    "retire": NP_("change", "Retired"),
    "restore": NP_("change", "Offered again"),
    "undo": NP_("change", "Taken back"),
    "decide": NP_("change", "Industry decided"),
}
LABELS: Final = {
    "record.code": N_("Code"),
    "record.name": N_("Name"),
    "record.name_en": N_("English name"),
    "record.level": N_("Level"),
    "record.region": N_("Region"),
    "record.city": N_("City as shown"),
    "record.target_title": N_("Strives to become"),
    "record.pilots": N_("Pilots"),
    "record.candidate": N_("Candidate field"),
    "record.need_quality": N_("Needs say at least (0 to 100)"),
    "record.returns_vague": N_("Send vaguer needs back at once"),
    "record.source": N_("Source"),
    "record.words": N_("Means the same"),
    "record.one_way": N_("One way only"),
    "record.place_source": N_("Source of level and place"),
    "record.text": N_("Values, one a line"),
    "record.emerging": N_("Strategic emerging industries, suggested"),
    "record.link_source": N_("Source of the suggested classes"),
    "record.unit": N_("Unit"),
    "record.years": N_("Years"),
    "record.hours": N_("Hours"),
    "record.position": N_("Place in the list"),
    "record.parent": N_("Belongs below"),
    "record.keywords": N_("Key words"),
    "record.aliases": N_("Other names"),
    "record.description": N_("Explanation"),
    "record.description_en": N_("Explanation in English"),
    "record.ipc": N_("Patent classes (IPC), suggested"),
    "record.kind": N_("Kind"),
    "record.zone": N_("High-tech zone"),
    "record.industry": N_("Industry"),
    "record.clause": N_("Clause"),
    "record.valid_from": N_("Valid from"),
    "record.valid_until": N_("Retired on"),
    "record.version": N_("Edition of the list"),
    "organisation.name": N_("Name"),
    "organisation.name_en": N_("English name"),
    "organisation.kind": N_("Kind"),
    "organisation.city": N_("City"),
    "person.name": N_("Full name"),
    "person.role": N_("Role"),
    "person.password": N_("One-time password"),
    "old_password": N_("Present password"),
    "password_again": N_("The new password again"),
    "record.began_on": N_("Decided on"),
    "record.decided_on": N_("Decided on"),
    "record.trl_low": N_("Readiness level from"),
    "record.trl_high": N_("Readiness level to"),
    "record.scale": N_("Scale"),
    "record.teaches": N_("Teaches the matching"),
    "record.needs_source": N_("Values need a source"),
}
HELP: Final = {
    "record.code": N_("Set once; entries and sheets keep it for good."),
    "record.candidate": N_(
        "For a zone that has not decided: its pairs are found in this field, and every page says that it is a candidate only."
    ),
    "record.need_quality": N_(
        "A need whose text has fewer points is proposed for sending back, with questions. 0 asks for nothing."
    ),
    "record.returns_vague": N_(
        "Without anybody reading it: the owner gets the questions as soon as he submits. Leave it off, and your staff decide "
        "each time."
    ),
    "record.keywords": N_("Words by which an entry is recognised. Separate them by commas or new lines."),
    "record.words": N_("Whoever searches for the name also finds these, and the other way round. Separate them by semicolons."),
    "record.one_way": N_("The name also finds the other words, but they do not find it: a wider word and narrower ones."),
    "record.aliases": N_("What sheets and people call it as well."),
    "record.ipc": N_("Beginnings of patent classes, as a suggestion: H01L 31, B25J."),
    "record.description": N_("One or two sentences. An industry's is what the meaning of texts is compared with."),
    "record.source": N_("The document it comes from, with its number."),
    "record.emerging": N_("Codes of the classification, as a suggestion: 1.1, 6.3."),
    "record.place_source": N_("The policy names the zone; its level and place come from elsewhere."),
    "record.valid_from": N_("Since when the document counts; the value is offered from its entry on."),
    "record.position": N_("Small numbers come first."),
    "record.trl_low": N_("1 to 13. Applies to what is saved from now on."),
    "person.login": N_("An e-mail address or a short name, used to sign in."),
    "person.password": N_("Hand it over yourself; it has to be changed at the first sign-in."),
    "organisation.credit_code": N_("Eighteen characters; it identifies the organisation in sheets."),
    "record.teaches": N_("A pair declined for this reason counts as not relevant."),
}
