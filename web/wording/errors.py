"""Wording of the error tree (`matching.errors`): titles by class, sentences by code, field errors by code, actions by name."""

from typing import Final

from web.i18n import N_

GENERAL_TITLE: Final = N_("This did not work")
GENERAL_TEXT: Final = N_("This could not be done. Nothing was changed.")
GENERAL_FIELD_TEXT: Final = N_("This cannot be taken as it is.")

TITLES: Final = {
    "InvalidInput": N_("Please look at what you sent"),
    "NotFound": N_("There is no such page"),
    "MayNot": N_("This is not yours to do"),
    "SignInNeeded": N_("Please sign in"),
    "BadCredentials": N_("Account or password is not right"),
    "TooManyAttempts": N_("Too many attempts"),
    "StaleRevision": N_("Somebody changed this meanwhile"),
    "IllegalMove": N_("Not possible in this state"),
    "UnusableFile": N_("This file cannot be read"),
    "NotReady": N_("Not ready yet"),
}

TEXTS: Final = {
    "error": GENERAL_TEXT,
    "internal": N_("The fault is ours, not yours. Nothing you sent was lost on the way to your browser: go back and try again."),
    "invalid_input": N_("Something in the form needs your attention. Nothing was saved."),
    "not_found": N_("The address is wrong, or what was here has been withdrawn, or it is not open to you."),
    "may_not": N_("Your account may not %(action)s."),
    "sign_in_needed": N_("This page is for people who are signed in."),
    "bad_credentials": N_("Check the account and the password. Capital letters count in the password."),
    "too_many_attempts": N_("There were too many attempts. Wait %(wait)s, then try again."),
    "stale_revision": N_("You saw version %(seen)s, the newest is version %(current)s. Look at the change, then decide again."),
    "illegal_move": N_("In the state “%(state)s” this step is not possible."),
    "file_unusable": N_("The file cannot be read as a sheet. Nothing was changed."),
    "not_ready": N_("A part of this installation is starting or busy. Try again in a minute."),
}

FIELD_TEXTS: Final = {
    "invalid": GENERAL_FIELD_TEXT,
    "required": N_("Please fill this in."),
    "too_long": N_("At most %(limit)s characters; you wrote %(length)s."),
    "too_short": N_("At least %(limit)s characters, please."),
    "control_characters": N_("There are invisible control characters in this text. Delete them, or type it anew."),
    "unknown_code": N_("“%(value)s” is not in the list."),
    "not_a_number": N_("“%(value)s” is not a number."),
    "negative": N_("This cannot be less than 0."),
    "too_large": N_("This number is too large."),
    "min_above_max": N_("The first number is larger than the second."),
    "not_a_date": N_("“%(value)s” is not a date. Write 2026-11-23."),
    "date_past": N_("This date has passed."),
    "date_too_far": N_("This date is too far away: at most %(days)s days from today."),
    "too_many": N_("At most %(limit)s entries."),
    "bad_credit_code": N_("The check character of this credit code does not fit. Compare it with the certificate."),
}

ACTIONS: Final = {
    "listing.read_unpublished": N_("read what is not published"),
    "listing.create": N_("post for this organisation"),
    "listing.write": N_("change this entry"),
    "listing.publish": N_("publish or send back here"),
    "listing.industries": N_("decide on these industries"),
    "contact.read": N_("see this contact data"),
    "match.read": N_("see these pairs"),
    "verdict.give": N_("grade pairs in this zone"),
    "desk.read": N_("open this zone's desk"),
    "review.read": N_("open this publishing list"),
    "import.create": N_("import sheets here"),
    "import.read": N_("see this import"),
    "reference.write": N_("change reference data"),
}
