"""People: signing in and out, who is asking, and adding people with their roles.

A session's token is known to the browser only; the database keeps its SHA-256. Attempts are counted in SQL, by account and
by address, so that all processes count together; neither login nor address is stored readably.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import passwords
from matching.access import VISITOR, Actor, actor_of, require, require_mark
from matching.draft_rows import Problems
from matching.errors import BadCredentials, InvalidInput, MayNot, NotFound, SignInNeeded, TooManyAttempts
from matching.model import Attempt, LoginSession, Membership, Note, Organisation, Person, Role, Zone
from matching.passwords import DEMO_PASSWORD, hash_password
from matching.store import attempts
from matching.store.attempts import digest as _digest
from matching.store.unit import UnitOfWork, fresh_token
from matching.typed_text import clean_line, is_broken, shown

__all__ = [
    "DEMO_PASSWORD", "Grant", "PersonView", "SignedIn", "actor_for", "add_membership", "add_person",
    "choose_password", "clean_identity", "hash_password", "is_demo_loaded", "normal_login", "session_for",
    "sign_in", "sign_out", "slide_session", "sweep",
]  # fmt: skip

WINDOW: Final = timedelta(minutes=15)
ACCOUNT_LIMIT: Final = 5
ADDRESS_LIMIT: Final = 30
"""Higher than the account's: a whole university can sit behind one address."""

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
SLIDE_AFTER: Final = timedelta(minutes=30)
"""A session is prolonged when this much of its time is used: not one write for every page."""

DEMO_NOTE: Final = "demo"
"""Key of the `Note` that says `loaded` while the demonstration is in."""

_ORGANISATION_ROLES: Final = (Role.PROVIDER, Role.SEEKER)
_ZONE_ROLES: Final = (Role.BROKER, Role.ZONE_STAFF)


@dataclass(frozen=True, slots=True)
class PersonView:
    public_id: str
    login: str
    name: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A role to give: providers and seekers for an organisation (its public id), brokers and staff for a zone (its
    code), administrators for neither."""

    role: Role
    organisation: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks. `slide` says that the edge should call `slide_session` (a write, now and then), `one_time` that the person
    signed in with a password for one use and must choose another first."""

    actor: Actor
    expires_at: datetime | None
    slide: bool = False
    one_time: bool = False


def normal_login(login: str) -> str:
    """The form in which logins are stored and compared."""
    return unicodedata.normalize("NFKC", clean_line(login)).lower().strip()


def is_demo_loaded(session: Session) -> bool:
    note = session.get(Note, DEMO_NOTE)
    return note is not None and note.value == "loaded"


def sign_in(unit: UnitOfWork, login: str, password: str, address: str) -> tuple[str, PersonView]:
    """A new session: its token, for a cookie, and the person. Raises `BadCredentials`, `TooManyAttempts`.

    Commits the attempt before it looks at the password: attempts that run at once count each other, a refusal does not
    roll its count back, and no lock is held while the password is hashed. The edge commits the session itself.
    """
    session, account = unit.session, normal_login(login)[:200]
    keys = (f"account:{_digest(account)}", f"address:{_digest(address)}")
    limits = zip(keys, (ACCOUNT_LIMIT, ADDRESS_LIMIT), strict=True)
    minutes = max(attempts.count(unit, key, limit, WINDOW) for key, limit in limits)
    person = session.exec(select(Person).where(Person.login == account)).first()
    usable = person is not None and person.active
    if password in passwords.DEMO_PASSWORDS and not is_demo_loaded(session):
        usable = False
    unit.commit()
    if minutes:
        raise TooManyAttempts(minutes=minutes)
    fits = passwords.fits(password, person.password_hash if person is not None and usable else None)
    if person is None or not fits:
        raise BadCredentials()
    _forgive(session, *keys)
    token, now = fresh_token(), unit.now()
    session.add(LoginSession(token_digest=_digest(token), person_id=person.id or 0, created_at=now, expires_at=now + IDLE))
    unit.audit(person.public_id, "session.begin", "person", person.public_id)
    return token, _view(person)


def _forgive(session: Session, account: str, address: str) -> None:
    """A success ends the account's count and takes its own attempt from the address's."""
    session.execute(sa.delete(Attempt).where(col(Attempt.key) == account))
    session.execute(
        sa.update(Attempt)
        .where(col(Attempt.key) == address, col(Attempt.count) > 0)
        .values(count=col(Attempt.count) - 1)
        .execution_options(synchronize_session=False)
    )


def session_for(session: Session, token: str | None, now: datetime) -> SignedIn:
    """The actor behind a token, with today's roles; the visitor for none, an unknown or ended one."""
    if not token:
        return SignedIn(VISITOR, None)
    row = session.get(LoginSession, _digest(token))
    person = session.get(Person, row.person_id) if row is not None and row.expires_at > now else None
    if row is None or person is None or not person.active:
        return SignedIn(VISITOR, None)
    slide = _until(row, now) - row.expires_at >= SLIDE_AFTER
    return SignedIn(actor_of(session, person), row.expires_at, slide, person.one_time_password)


def actor_for(session: Session, token: str | None, now: datetime) -> Actor:
    """`session_for`'s actor alone."""
    return session_for(session, token, now).actor


def slide_session(unit: UnitOfWork, token: str) -> None:
    """Prolong a session that is in use: twelve hours from now, seven days from its beginning at most."""
    row, now = unit.session.get(LoginSession, _digest(token)), unit.now()
    if row is not None and row.expires_at > now:
        row.expires_at = _until(row, now)


def _until(row: LoginSession, now: datetime) -> datetime:
    return min(now + IDLE, row.created_at + LONGEST)


def sign_out(unit: UnitOfWork, token: str | None) -> None:
    """End the session; nothing happens when there is none."""
    row = unit.session.get(LoginSession, _digest(token)) if token else None
    if row is not None:
        person = unit.session.get_one(Person, row.person_id)
        unit.session.delete(row)
        unit.audit(person.public_id, "session.end", "person", person.public_id)


def sweep(unit: UnitOfWork) -> int:
    """Forget ended sessions and windows that are over. Returns how many rows went."""
    ended = unit.session.exec(sa.delete(LoginSession).where(col(LoginSession.expires_at) <= unit.now())).rowcount
    over = unit.session.exec(sa.delete(Attempt).where(col(Attempt.window_began_at) <= unit.now() - WINDOW)).rowcount
    return ended + over


def add_person(
    unit: UnitOfWork,
    actor: Actor,
    *,
    login: str,
    name: str,
    password: str,
    grants: Sequence[Grant] = (),
    demo: bool = False,
    one_time: bool = False,
) -> PersonView:
    """A new person with roles; with `one_time` the password is to be changed at the first sign-in.

    A demonstration password is taken for a demonstration person only, while the
    demonstration is loaded. Raises `InvalidInput` (all fields at once), `SignInNeeded`, `MayNot`."""
    require(actor, "people.write")
    require_mark(actor, "people.write", demo=demo)
    session, problems = unit.session, Problems()
    account, display = clean_identity(session, login, name, problems)
    passwords.check(password, account, allow_demo=demo and is_demo_loaded(session), problems=problems)
    if problems.found:
        raise InvalidInput(*problems.found)
    person = Person(
        login=account, name=display, password_hash=hash_password(password), one_time_password=one_time, demo=demo,
        created_at=unit.now(),
    )  # fmt: skip
    session.add(person)
    session.flush()
    unit.audit(actor.public_id, "person.add", "person", person.public_id, demo=demo)
    for grant in grants:
        add_membership(unit, actor, person.public_id, grant)
    return _view(person)


def clean_identity(session: Session, login: str, name: str, problems: Problems, *, own: int | None = None) -> tuple[str, str]:
    """The login in its stored form and the name, checked; `own` is the person who has the login already."""
    account, display = normal_login(login), clean_line(name)
    for field, text, typed, limit in (("login", account, login, 120), ("name", display, name, 60)):
        if is_broken(typed):
            problems.add(field, "control_characters")
        elif not problems.fit(field, text, limit):
            problems.add(field, "required")
    if any(c.isspace() for c in account):
        problems.add("login", "has_spaces")
    taken = select(Person.id).where(Person.login == account, col(Person.id).is_distinct_from(own))
    if session.exec(taken).first() is not None:
        problems.add("login", "taken")
    return account, display


def choose_password(unit: UnitOfWork, token: str | None, old: str, new: str, again: str) -> None:
    """The person behind a session chooses a new password; the old one is asked for unless it was for one use. Every other
    session of the person ends. Raises `InvalidInput`, `SignInNeeded`."""
    session = unit.session
    row = session.get(LoginSession, _digest(token)) if token else None
    person = session.get(Person, row.person_id) if row is not None and row.expires_at > unit.now() else None
    if row is None or person is None or not person.active:
        raise SignInNeeded()
    problems = Problems()
    if not person.one_time_password and not passwords.fits(old, person.password_hash):
        problems.add("old_password", "wrong_password")
    passwords.check(new, person.login, allow_demo=False, problems=problems)
    if new != again:
        problems.add("password_again", "not_the_same")
    elif not problems.found and passwords.fits(new, person.password_hash):
        problems.add("password", "same_as_before")
    if person.demo:
        raise MayNot(action="people.write")
    if problems.found:
        raise InvalidInput(*problems.found)
    person.password_hash, person.one_time_password = hash_password(new), False
    session.add(person)
    others = sa.delete(LoginSession).where(
        col(LoginSession.person_id) == person.id, col(LoginSession.token_digest) != row.token_digest
    )
    session.exec(others)
    unit.audit(person.public_id, "person.choose_password", "person", person.public_id)


def add_membership(unit: UnitOfWork, actor: Actor, public_id: str, grant: Grant) -> None:
    """Give a person a role; giving it twice changes nothing. A demonstration person acts only for demonstration
    organisations. Raises `InvalidInput`, `NotFound`, `SignInNeeded`, `MayNot`."""
    require(actor, "people.write")
    session = unit.session
    person = session.exec(select(Person).where(Person.public_id == public_id)).first()
    if person is None:
        raise NotFound(kind="person")
    require_mark(actor, "people.write", demo=person.demo)
    organisation = session.exec(select(Organisation).where(Organisation.public_id == grant.organisation)).first()
    zone = session.exec(select(Zone).where(Zone.code == grant.zone)).first()
    problems = Problems()
    for field, named, found, roles in (
        ("organisation", grant.organisation, organisation, _ORGANISATION_ROLES),
        ("zone", grant.zone, zone, _ZONE_ROLES),
    ):
        if named and found is None:
            problems.add(field, "unknown_code", value=shown(named))
        elif not named and grant.role in roles:
            problems.add(field, "required")
        elif named and grant.role not in roles:
            problems.add(field, "not_for_role")
    if organisation is not None and person.demo and not organisation.demo:
        problems.add("organisation", "not_demo")
    if problems.found:
        raise InvalidInput(*problems.found)
    scope = {"organisation_id": organisation.id if organisation else None, "zone_id": zone.id if zone else None}
    held = session.exec(select(Membership).where(Membership.person_id == person.id, Membership.role == grant.role)).all()
    if any((row.organisation_id, row.zone_id) == tuple(scope.values()) for row in held):
        return
    session.add(Membership(person_id=person.id or 0, role=grant.role, created_at=unit.now(), **scope))
    session.flush()
    unit.audit(
        actor.public_id,
        "person.grant",
        "person",
        person.public_id,
        role=grant.role.value,
        organisation=grant.organisation,
        zone=grant.zone,
    )


def _view(person: Person) -> PersonView:
    return PersonView(person.public_id, person.login, person.name, person.demo)
