"""The one error tree of the platform. No status codes and no wording: `api` and `web` each map it once.

`code` is the stable name by which the catalogue finds the wording; `params` fills it in.
"""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One refused input: the field's name as the form and the sheet know it, a code, and what the wording needs."""

    field: str
    code: str
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class ZoneMatchError(Exception):
    """Root of everything that is a decision of ours rather than a defect."""

    code = "error"

    def __init__(self, code: str | None = None, /, **params: str | int) -> None:
        self.code = code or type(self).code
        self.params: dict[str, str | int] = params
        super().__init__(f"{self.code} {params}" if params else self.code)


class InvalidInput(ZoneMatchError):
    """What was sent cannot be taken as it is; `fields` says where and why. Nothing was written."""

    code = "invalid_input"

    def __init__(self, *fields: FieldError) -> None:
        super().__init__()
        self.fields = fields

    def __str__(self) -> str:
        return ", ".join(f"{each.field}: {each.code}" for each in self.fields)


class NotFound(ZoneMatchError):
    """There is no such thing, or its existence is not the viewer's to know."""

    code = "not_found"


class MayNot(ZoneMatchError):
    """The actor is known and may not do this; `params["action"]` names what."""

    code = "may_not"


class SignInNeeded(ZoneMatchError):
    """Nobody is signed in, or the session has ended."""

    code = "sign_in_needed"


class PasswordNeeded(ZoneMatchError):
    """Whoever signed in with a password for one use chooses another before anything else."""

    code = "password_needed"


class BadCredentials(ZoneMatchError):
    code = "bad_credentials"


class TooManyAttempts(ZoneMatchError):
    """`params["minutes"]` says how long to wait."""

    code = "too_many_attempts"


class StaleRevision(ZoneMatchError):
    """Somebody changed it meanwhile; `params` carry `seen` and `current`."""

    code = "stale_revision"


class IllegalMove(ZoneMatchError):
    """The state machine has no such move from here; `params` carry `move` and `state`."""

    code = "illegal_move"


class UnusableFile(ZoneMatchError):
    """An uploaded file cannot be read; the code says why, one clear sentence each."""

    code = "file_unusable"


class NotReady(ZoneMatchError):
    """A part of the installation is missing or busy (encoder, engine, lock); `code` says which."""

    code = "not_ready"


class KeyReused(ZoneMatchError):
    """This idempotency key came with another request before."""

    code = "key_reused"


class KeyInUse(ZoneMatchError):
    """The first request under this idempotency key is still being worked on."""

    code = "key_in_use"
