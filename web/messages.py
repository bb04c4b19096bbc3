"""Wording of everything that the business names by code: errors, states, levels, parts, fields, roles, notices.

Tables hold English message ids marked for extraction; functions answer in the current language. A code that no table knows
gets the general wording: a page never fails for want of a text, and tests hold that every code of `matching` is known.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from matching.discovery import SearchHit
from matching.errors import FieldError, ZoneMatchError
from web.formats import as_written, joined, spaced
from web.i18n import N_, NP_, gettext, ngettext, pgettext
from web.wording import api, errors, fields, operations

__all__ = [
    "action_name", "error_text", "error_title", "field_error_text", "field_help", "field_label", "flash_text", "flash_tone",
    "hit_reason", "kind_name", "level_meaning", "level_name", "notice_text", "operation_text", "parameter_text",
    "part_meaning", "part_name", "role_name", "scope_meaning", "scope_name", "state_meaning", "state_name", "suggestions_title",
]  # fmt: skip

_WORDS_TOLD: Final = 8

LEVELS: Final = {
    3: NP_("level", "Strong"),
    2: NP_("level", "Fairly strong"),
    1: NP_("level", "Weak"),
    0: NP_("level", "None"),
}
_LEVEL_MEANINGS: Final = {
    3: N_("answers the need; worth talking now"),
    2: N_("answers much of the need; worth a look"),
    1: N_("touches the need in part"),
    0: N_("does not answer the need"),
}
PARTS: Final = {
    "meaning": NP_("part", "Meaning"),
    "terms": NP_("part", "Shared terms"),
    "indicators": NP_("part", "Indicators"),
    "industry": NP_("part", "Industry"),
    "maturity": NP_("part", "Maturity"),
    "ip": NP_("part", "Intellectual property"),
    "cooperation": NP_("part", "Cooperation"),
    "price": NP_("part", "Price"),
    "time": NP_("part", "Time"),
    "region": NP_("part", "Region"),
}
_PART_MEANINGS: Final = {
    "meaning": N_("how close the two texts are in meaning, also where they use other words"),
    "terms": N_("technical terms that stand in both texts, rare ones counting more"),
    "indicators": N_("figures asked for and figures given, compared in the same units"),
    "industry": N_("how firmly both stand in the zone's strategic industry"),
    "maturity": N_("technology readiness asked for and reached"),
    "ip": N_("the legal state of the rights behind the result"),
    "cooperation": N_("ways of working together that both sides accept"),
    "price": N_("the price against the budget"),
    "time": N_("how long both stay open, and what the need leaves"),
    "region": N_("same zone or same city: a small plus, distance costs nothing"),
}
STATES: Final = {
    "draft": NP_("state", "Draft"),
    "submitted": NP_("state", "Submitted"),
    "sent_back": NP_("state", "Sent back"),
    "published": NP_("state", "Published"),
    "expired": NP_("state", "Expired"),
    "withdrawn": NP_("state", "Withdrawn"),
}
_LAYERS: Final = {
    "public": N_("everyone"),
    "registered": N_("signed-in users"),
    "own": N_("owner and staff in charge"),
}
_LAYER_MEANINGS: Final = {
    "public": N_("Read by everyone, and by search engines."),
    "registered": N_("Read by signed-in users only."),
    "own": N_("Read by the owner's people and the staff in charge only; never searched, never matched."),
}
_STATE_MEANINGS: Final = {
    "draft": N_("Only your organisation sees it. Submit it when it is ready."),
    "submitted": N_("The zone's staff are reading it."),
    "sent_back": N_("The zone's staff ask for changes; their reasons stand at the fields."),
    "published": N_("Everyone may find it, and it is matched."),
    "expired": N_("Its time has run out. Renew it to be found again."),
    "withdrawn": N_("You took it back. It can be revised and submitted again."),
}
ROLES: Final = {
    "provider": NP_("role", "Provider"),
    "seeker": NP_("role", "Firm"),
    "broker": NP_("role", "Broker"),
    "zone_staff": NP_("role", "Zone staff"),
    "administrator": NP_("role", "Administrator"),
}
KINDS: Final = {"result": NP_("kind", "Result"), "need": NP_("kind", "Need")}
FLASHES: Final = {
    "signed_in": ("success", N_("You are signed in.")),
    "signed_out": ("success", N_("You are signed out.")),
    "draft_saved": ("success", N_("The draft is saved.")),
    "waiting_saved": ("success", N_("Saved. It keeps its place in the staff's queue.")),
    "submitted": ("success", N_("Submitted. The zone's staff will read it.")),
    "published": ("success", N_("Published. It can be found and is matched within seconds.")),
    "sent_back": ("success", N_("Sent back with your reasons.")),
    "returned_vague": (
        "warning",
        N_("Saved, but it came back: your zone asks needs to say more. Its questions stand at the fields."),
    ),
    "withdrawn": ("success", N_("Withdrawn. Nobody else can find it now.")),
    "changed_meanwhile": ("warning", N_("Somebody changed it meanwhile, so nothing was done. Look at it again.")),
    "renewed": ("success", N_("Renewed for another year.")),
    "form_forgotten": ("success", N_("What was typed is thrown away.")),
    "industries_saved": ("success", N_("The industries are saved.")),
    "verdict_kept": ("success", N_("Your grade is kept.")),
    "verdict_undone": ("success", N_("Your grade is undone.")),
    "work_begun": ("success", N_("It is asked for and begins in its turn.")),
    "model_promoted": ("success", N_("In force. Its zones are being matched again; one press here takes it back.")),
    "model_refused": ("success", N_("Refused. What is in force stays.")),
    "encoder_promoted": (
        "success",
        N_("In force. The index is being built anew beside the one that serves; then all zones are matched again."),
    ),
    "encoder_back": ("success", N_("What held before holds again. The index goes back to it, and all zones are matched again.")),
    "model_back": ("success", N_("What held before holds again. Its zones are being matched again.")),
    "weights_saved": ("success", N_("The weights are saved. The zone is being matched again.")),
    "index_dropped": ("success", N_("The index before is being dropped.")),
    "offered_again": ("success", N_("It is offered to the index once more.")),
    "work_cancelled": ("success", N_("It ends with the slice in hand, or at once where it has not begun.")),
    "record_saved": ("success", N_("Saved. The change stands in the history with your name.")),
    "record_made": ("success", N_("Added.")),
    "values_taken": ("success", N_("The values are in. Each stands in its history with your name.")),
    "record_retired": ("success", N_("Retired: it is no longer offered, and goes on naming what older entries say.")),
    "record_restored": ("success", N_("It is offered again.")),
    "record_undone": ("success", N_("Taken back.")),
    "organisation_saved": ("success", N_("The organisation is saved.")),
    "organisation_closed": ("success", N_("Deactivated: nobody acts for it; what it has published stays.")),
    "organisation_opened": ("success", N_("It is active again.")),
    "person_added": ("success", N_("Added. Hand the one-time password over; it is asked to be changed at the first sign-in.")),
    "person_saved": ("success", N_("The person is saved.")),
    "person_closed": ("success", N_("Deactivated and signed out everywhere.")),
    "person_opened": ("success", N_("The account is open again.")),
    "password_given": ("success", N_("The one-time password is set; all sessions of the person have ended.")),
    "password_chosen": ("success", N_("Your new password counts from now on.")),
    "role_given": ("success", N_("The role is given.")),
    "role_ended": ("success", N_("The role has ended.")),
    "last_administrator": ("warning", N_("Nobody could let others in any more: make another person administrator first.")),
    "cannot_undo": ("warning", N_("This cannot be taken back: newer changes stand on it, or its old values no longer fit.")),
    "zone_decided": ("success", N_("Decided. The zone is being matched anew in its industry.")),
    "token_revoked": ("success", N_("The token is revoked: it no longer works.")),
    "token_made": (
        "warning",
        N_("This token was made already, and its secret shown once. If it is lost, revoke it and make another."),
    ),
    "pool_taken": (
        "success",
        N_("Taken up. It stands on the zone's desk within seconds; its owner sees which zone has it."),
    ),
    "pool_given_back": ("success", N_("Given back. It stands in the pool again.")),
    "common_accepted": ("success", N_("Drafted. Complete it and submit it; its sources are kept.")),
    "common_dismissed": ("success", N_("Noted: it is not offered again.")),
    "twins_same": ("success", N_("Noted: the same matter. Neither entry was changed.")),
    "twins_different": ("success", N_("Noted: different matters. You will not be asked again.")),
    "word_said": ("success", N_("Noted. The zone's brokers and staff see it.")),
    "word_needs_reason": ("warning", N_("Choose why it does not fit; nothing was noted yet.")),
    "cannot_undo_word": ("warning", N_("This word was taken back or replaced already.")),
    "review_taken": ("success", N_("Yours to decide. The other zones see that you have it.")),
    "review_given_back": ("success", N_("Given back. Any of the zones in charge can decide.")),
    "import_started": ("success", N_("The import has begun. You may leave this page.")),
}
NOTICES: Final = {
    "words_only": N_("Search goes by words alone for the moment: the meaning of your text could not be read in time."),
    "index_rebuilding": N_(
        "The search index is being built anew: until that is done, search goes by words alone, without nearness of meaning."
    ),
    "titles_only": N_("Search is limited for the moment: only words in titles are found, the newest first."),
    "hashing_encoder": N_("This installation runs with a test encoder: nearness of meaning is not real here."),
}
_SUGGESTIONS: Final = {
    "industry": N_("Search for"),
    "organisation": N_("Organisations"),
    "title": N_("Results and needs"),
}
DEMO_LABELS: Final = {
    "provider": N_("University: posts results"),
    "seeker": N_("Firm: posts needs"),
    "broker": N_("Broker of a zone: grades pairs"),
    "zone_staff": N_("Zone staff: publish, import, grade"),
    "administrator": N_("Administrator"),
}


def _context(marked: tuple[str, str] | None, fallback: str) -> str:
    return pgettext(*marked) if marked else fallback


def suggestions_title(kind: str) -> str:
    """The head of a group of suggestions."""
    return gettext(_SUGGESTIONS[kind])


def level_name(level: int) -> str:
    return pgettext(*LEVELS[level])


def level_meaning(level: int) -> str:
    return gettext(_LEVEL_MEANINGS[level])


def part_name(code: str) -> str:
    return _context(PARTS.get(code), code)


def part_meaning(code: str) -> str:
    return gettext(_PART_MEANINGS[code]) if code in _PART_MEANINGS else ""


def state_name(state: str) -> str:
    return _context(STATES.get(state), state)


def state_meaning(state: str) -> str:
    return gettext(_STATE_MEANINGS[state]) if state in _STATE_MEANINGS else ""


def layer_name(layer: str) -> str:
    """Who reads a field."""
    return gettext(_LAYERS[layer]) if layer in _LAYERS else layer


def layer_meaning(layer: str) -> str:
    return gettext(_LAYER_MEANINGS[layer]) if layer in _LAYER_MEANINGS else ""


def role_name(role: str) -> str:
    return _context(ROLES.get(role), role)


def scope_name(scope: str) -> str:
    return _context(api.SCOPES.get(scope), scope)


def scope_meaning(scope: str) -> str:
    return gettext(api.SCOPE_MEANINGS[scope]) if scope in api.SCOPE_MEANINGS else ""


def operation_text(name: str) -> str:
    """What an operation of the API does."""
    return gettext(operations.OPERATIONS[name])


def parameter_text(operation: str, place: str, name: str) -> str:
    return gettext(operations.meaning(operation, place, name))


def kind_name(kind: str) -> str:
    return _context(KINDS.get(kind), kind)


def hit_reason(hit: SearchHit) -> str:
    """Why a search found this, in one line: an exact match, the words found, the sentence that is near in meaning."""
    told: list[str] = []
    if hit.pinned:
        told.append(gettext("exactly what you typed"))
    if hit.words:
        told.append(gettext("words found: %s") % _listed(hit.words, hit))
    if hit.related:
        told.append(gettext("in their place: %s") % _listed(hit.related, hit))
    if hit.is_semantic and hit.sentence:
        told.append(gettext("near in meaning: “%s”") % hit.sentence)
    elif hit.is_semantic:
        told.append(gettext("close in meaning") if hit.words or hit.pinned else gettext("other words, but close in meaning"))
    return spaced(pgettext("between clauses", "; ").join(told))


def _listed(words: Sequence[str], hit: SearchHit) -> str:
    """The first few."""
    return joined([as_written(each, hit.content) if each.isascii() else each for each in words[:_WORDS_TOLD]])


def demo_label(label: str) -> str:
    return gettext(DEMO_LABELS[label]) if label in DEMO_LABELS else label


def flash_text(code: str) -> str | None:
    """None for a code that is not ours: the cookie is the browser's to change."""
    return gettext(FLASHES[code][1]) if code in FLASHES else None


def flash_tone(code: str) -> str:
    return FLASHES[code][0] if code in FLASHES else "info"


def notice_text(code: str) -> str:
    return gettext(NOTICES[code]) if code in NOTICES else gettext(N_("A part of this installation is not working fully."))


def action_name(action: str) -> str:
    return gettext(errors.ACTIONS[action]) if action in errors.ACTIONS else gettext(N_("do this"))


class _Filled(dict[str, object]):
    """A wording asks for a value that the error did not bring: better a dash than a failing error page."""

    def __missing__(self, key: str) -> str:
        return "–"


def _fill(text: str, params: Mapping[str, object]) -> str:
    return text % _Filled(params) if "%" in text else text


def error_title(error: ZoneMatchError) -> str:
    """A heading of a few words for the page of an error."""
    for kind in type(error).__mro__:
        if kind.__name__ in errors.TITLES:
            return gettext(errors.TITLES[kind.__name__])
    return gettext(errors.GENERAL_TITLE)


def error_text(error: ZoneMatchError) -> str:
    """One or two sentences: what happened, and what to do."""
    params: dict[str, object] = dict(error.params)
    if "action" in params:
        params["action"] = action_name(str(params["action"]))
    if "state" in params:
        params["state"] = state_name(str(params["state"]))
    if "minutes" in params:
        minutes = int(str(params["minutes"]))
        params["wait"] = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    text = errors.TEXTS.get(error.code)
    if text is None:
        codes = (getattr(kind, "code", "") for kind in type(error).__mro__)
        text = next((errors.TEXTS[code] for code in codes if code in errors.TEXTS), None)
    return _fill(gettext(text or errors.GENERAL_TEXT), params)


def field_error_text(error: FieldError) -> str:
    """What is wrong with one field, and what to write instead."""
    text = errors.FIELD_TEXTS.get(error.code, errors.GENERAL_FIELD_TEXT)
    return _fill(gettext(text), error.params)


def field_label(code: str, kind: str | None = None) -> str:
    """The name of a field; some are called otherwise on a need than on a result."""
    label = fields.LABELS.get(f"{kind}.{code}") or fields.LABELS.get(code)
    return gettext(label) if label else code


def field_help(code: str, kind: str | None = None) -> str:
    """One line beside the field, or nothing."""
    text = fields.HELP.get(f"{kind}.{code}") or fields.HELP.get(code)
    return gettext(text) if text else ""
