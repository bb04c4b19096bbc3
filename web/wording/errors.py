"""Wording of the error tree (`matching.errors`): titles by class, sentences by code, field errors by code, actions by name."""

from typing import Final

from web.i18n import N_
from web.wording import imports

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
    **imports.FILE_TEXTS,
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
    "pair_gone": N_("This pair is no longer on the desk: one of its two texts was changed, withdrawn or has expired."),
    "encoder_missing": N_("The model that reads texts is not installed yet. The operator finds the way with “zonematch doctor”."),
    "means_missing": N_("This model needs its means estimated once: run “zonematch encoder means”."),
    "data_locked": N_("Process %(pid)s holds the data folder. Stop it first."),
    "not_serving": N_("Nothing is serving: start “zonematch serve”, which builds the index anew from the database."),
    "job_not_taken": N_("The running process has not taken the job up. Try again in a minute."),
    "worker_needs_server_engine": N_("With the embedded engine the worker runs inside “serve”; a second one cannot."),
    "not_ready": N_("A part of this installation is starting or busy. Try again in a minute."),
}

FIELD_TEXTS: Final = {
    **imports.ROW_TEXTS,
    "invalid": GENERAL_FIELD_TEXT,
    "required": N_("Please fill this in."),
    "meaningless": N_("There is no word in this yet."),
    "too_long": N_("At most %(limit)s characters; you wrote %(length)s."),
    "control_characters": N_("There are control characters in this text. Delete them, or type it anew."),
    "unknown_code": N_("“%(value)s” is not in the list."),
    "unknown_field": N_("There is no such field."),
    "not_for_kind": N_("This field does not exist for this kind of entry."),
    "always_public": N_("This is always public."),
    "fixed": N_("This can no longer be changed."),
    "both": N_("An industry cannot be confirmed and rejected at once."),
    "bad_number": N_("This is not a number."),
    "not_a_number": N_("“%(value)s” is not a number."),
    "one_value": N_("Give one value."),
    "comparator": N_("Choose how the value is to be read (at most, at least, from … to …)."),
    "negative_money": N_("Money cannot be less than 0."),
    "too_large": N_("This number is too large."),
    "min_over_max": N_("The first number is larger than the second."),
    "out_of_range": N_("Between %(low)s and %(high)s, please."),
    "not_a_date": N_("“%(value)s” is not a date. Write 2026-11-23."),
    "date_in_past": N_("This date has passed."),
    "date_in_future": N_("This date is still to come."),
    "too_far": N_("At most %(years)s years from today."),
    "granted_before_filed": N_("Granted before it was filed: compare the two dates."),
    "too_many": N_("At most %(limit)s entries."),
    "too_short": N_("At least %(limit)s characters, please."),
    "too_simple": N_("Too simple: mix more different characters."),
    "same_as_login": N_("The password must not be the account's name."),
    "demo_password": N_("This is the password of the demonstration. Choose another."),
    "has_spaces": N_("No spaces, please."),
    "taken": N_("This is already taken."),
    "not_for_role": N_("This does not go with the role."),
    "not_demo": N_("A demonstration account acts for demonstration organisations only."),
    "bad_email": N_("This is not an e-mail address."),
    "bad_credit_code": N_("The check character of this credit code does not fit. Compare it with the certificate."),
    "reason_required": N_("Give at least one reason: what should the owner change?"),
    "foreign": N_("This form belongs to somebody else. Open it anew."),
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
    "organisation.write": N_("change organisations"),
    "people.write": N_("manage people"),
    "reference.write": N_("change reference data"),
}
