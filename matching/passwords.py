"""Passwords: argon2id through pwdlib, and what may be one. One setting for all, cheap enough for a small server."""

from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from matching.draft_rows import Problems

SHORTEST: Final = 10
LONGEST: Final = 128
"""Hashing is work that a stranger can ask for: its input has an end."""

DEMO_PASSWORD: Final = "demo-2026"  # noqa: S105 - public on purpose, and refused where the demonstration is not loaded
DEMO_PASSWORDS: Final = frozenset({DEMO_PASSWORD})
"""Printed on the sign-in page of the demonstration, and good for nothing where it is not loaded."""

_HASHER: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
"""The least that OWASP asks for (19 MiB, two passes): 20 to 40 ms on the two cores of a small server."""


def hash_password(password: str) -> str:
    return _HASHER.hash(_bytes(password))


def fits(password: str, stored: str | None) -> bool:
    """Whether it is the password behind `stored`. Without one the work is done all the same, so that the time does not
    tell whether a login exists."""
    matches = _HASHER.verify(_bytes(password[: LONGEST + 1]), stored or _nobody())
    return matches and stored is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


def check(password: str, login: str, *, allow_demo: bool, problems: Problems) -> None:
    """The rules for a new password: 10 to 128 characters, not the login, none of the demonstration's."""
    if password in DEMO_PASSWORDS:
        if not allow_demo:
            problems.add("password", "demo_password")
        return
    if len(password) < SHORTEST:
        problems.add("password", "too_short", limit=SHORTEST)
    elif len(password) > LONGEST:
        problems.add("password", "too_long", limit=LONGEST, length=len(password))
    if login and password.strip().lower() in (login, login.split("@")[0]):
        problems.add("password", "same_as_login")
    if len(set(password)) < 4 and len(password) >= SHORTEST:
        problems.add("password", "too_simple")
