"""What only a request of the API can do wrong: decisions of the edge, in the one error tree, worded in `web.wording.api`."""

from matching.errors import SignInNeeded, ZoneMatchError


class TokenNeeded(SignInNeeded):
    """No token was sent where visitors may not ask."""

    code = "token_needed"


class BadToken(ZoneMatchError):
    """A token was sent and is nobody's, or works no longer."""

    code = "bad_token"


class ScopeNeeded(ZoneMatchError):
    """`params["scope"]` says which scope the token lacks."""

    code = "scope_needed"


class VersionNeeded(ZoneMatchError):
    """A change of a listing without If-Match."""

    code = "version_needed"


class WrongMedia(ZoneMatchError):
    """`params["media"]` says what should have been sent."""

    code = "wrong_media"


class TooLarge(ZoneMatchError):
    """`params["limit"]` is in bytes."""

    code = "too_large"


class NoSuchMethod(ZoneMatchError):
    code = "no_such_method"


class CrossSite(ZoneMatchError):
    code = "cross_site"


REFUSALS = (TokenNeeded, BadToken, ScopeNeeded, VersionNeeded, WrongMedia, TooLarge, NoSuchMethod, CrossSite)
