"""Wording of tokens and of what only the API has to say: its scopes and its refusals."""

from typing import Final

from web.i18n import N_, NP_

SCOPES: Final = {
    "read": NP_("scope", "Read"),
    "write": NP_("scope", "Post and keep entries"),
    "desk": NP_("scope", "Matching desk"),
    "import": NP_("scope", "Import sheets"),
}
SCOPE_MEANINGS: Final = {
    "read": N_("Read what you may read: entries with all fields open to you, your own ones in any state, their pairs, search."),
    "write": N_("Post, change, submit, publish, withdraw and renew what you may."),
    "desk": N_("Read the desks of your zones and grade their pairs."),
    "import": N_("Upload sheets, read their plans, commit them."),
}
TITLES: Final = {
    "KeyReused": N_("Another request under the same key"),
    "KeyInUse": N_("Still being worked on"),
    "TokenNeeded": N_("A token is needed"),
    "BadToken": N_("This token does not work"),
    "ScopeNeeded": N_("This token may not do that"),
    "VersionNeeded": N_("Say which version you saw"),
    "WrongMedia": N_("Another kind of body is needed"),
    "TooLarge": N_("The body is too large"),
    "NoSuchMethod": N_("There is no such method here"),
    "CrossSite": N_("Refused: it comes from another site"),
}
TEXTS: Final = {
    "key_reused": N_("This Idempotency-Key came with another request before. Take a new key for a new request."),
    "key_in_use": N_("The first request with this Idempotency-Key is not finished. Ask again in a moment."),
    "token_needed": N_("Send a token as “Authorization: Bearer …”. You make one on the page “Tokens”."),
    "bad_token": N_("The token is unknown, revoked or has expired. Make a new one on the page “Tokens”."),
    "scope_needed": N_("This needs a token with the scope “%(scope)s”."),
    "version_needed": N_("Send If-Match with the ETag of the version that you saw."),
    "wrong_media": N_("Send the body as %(media)s."),
    "too_large": N_("At most %(limit)s bytes can be sent here."),
    "no_such_method": N_("The address exists, but not with this method."),
    "cross_site": N_("A page of another site sent this. The API takes requests of programs and of this site only."),
}
FIELD_TEXTS: Final = {
    "bad_cursor": N_("This cursor belongs to another list or other filters. Begin without one."),
    "unknown_parameter": N_("There is no such parameter here."),
    "wrong_type": N_("This should be of another type: %(expected)s."),
    "not_json": N_("This is not JSON."),
}
