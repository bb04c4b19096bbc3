"""People as administrators keep them: found, added with a one-time password, joined to organisations and zones, closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access, passwords, people
from matching.access import Actor
from matching.draft_rows import Problems
from matching.errors import IllegalMove, InvalidInput, NotFound, StaleRevision
from matching.model import LoginSession, Membership, Organisation, Person, Role, Zone
from matching.people import Grant, clean_identity, is_demo_loaded
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line

Which = Literal["active", "inactive", "all"]
_MOST_CHOICES = 2000


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A role, and what it is held for: an organisation, a zone (its code), or everything."""

    id: int
    role: Role
    organisation: str | None
    organisation_name: str
    organisation_name_en: str
    organisation_active: bool
    zone: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """`one_time` says that the password is one that the administrator gave out and that is still to be changed."""

    public_id: str
    login: str
    name: str
    active: bool
    demo: bool
    one_time: bool
    created_at: datetime
    memberships: tuple[MembershipView, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    items: tuple[Account, ...]
    total: int


def accounts_for(
    session: Session, actor: Actor, *, words: str = "", which: Which = "active", role: str = "", offset: int = 0, limit: int = 20
) -> AccountPage:
    """By name; every word in the name or the account. Raises `SignInNeeded`, `MayNot`."""
    access.require(actor, "people.read")
    query = select(Person)
    if which != "all":
        query = query.where(col(Person.active) if which == "active" else ~col(Person.active))
    if role in list(Role):
        holders = select(Membership.person_id).where(Membership.role == Role(role))
        query = query.where(col(Person.id).in_(holders))
    for word in clean_line(words[:200]).lower().split():
        query = query.where(
            sa.or_(
                sa.func.lower(col(Person.name)).contains(word, autoescape=True),
                col(Person.login).contains(word, autoescape=True),
            )
        )
    total = session.exec(select(sa.func.count()).select_from(query.subquery())).one()
    rows = session.exec(query.order_by(col(Person.name), col(Person.id)).offset(offset).limit(limit)).all()
    return AccountPage(_accounts(session, actor, list(rows)), total)


def account_for(session: Session, actor: Actor, public_id: str) -> Account:
    """Raises `NotFound`, `SignInNeeded`, `MayNot`."""
    access.require(actor, "people.read")
    row = session.exec(select(Person).where(Person.public_id == public_id)).first()
    if row is None:
        raise NotFound(kind="person")
    return _accounts(session, actor, [row])[0]


def change(unit: UnitOfWork, actor: Actor, public_id: str, *, login: str, name: str, seen: tuple[str, str] | None = None) -> None:
    """`seen` are account and name as the form was filled with them.

    Raises `InvalidInput` (all fields at once), `StaleRevision`, `NotFound`, `SignInNeeded`, `MayNot`.
    """
    row = _held(unit.session, actor, public_id)
    if seen is not None and seen != (row.login, row.name):
        raise StaleRevision()
    problems = Problems()
    account, display = clean_identity(unit.session, login, name, problems, own=row.id)
    if problems.found:
        raise InvalidInput(*problems.found)
    if (account, display) == (row.login, row.name):
        return
    row.login, row.name = account, display
    unit.session.add(row)
    unit.audit(actor.public_id, "person.change", "person", row.public_id)


def give_password(unit: UnitOfWork, actor: Actor, public_id: str, password: str) -> None:
    """A password for one use: whoever signs in with it chooses another first. All sessions of the person end.

    Raises `InvalidInput`, `NotFound`, `SignInNeeded`, `MayNot`.
    """
    row = _held(unit.session, actor, public_id)
    problems = Problems()
    passwords.check(password, row.login, allow_demo=row.demo and is_demo_loaded(unit.session), problems=problems)
    if problems.found:
        raise InvalidInput(*problems.found)
    row.password_hash = passwords.hash_password(password)
    row.one_time_password = password not in passwords.DEMO_PASSWORDS
    unit.session.add(row)
    _end_sessions(unit, row)
    unit.audit(actor.public_id, "person.give_password", "person", row.public_id)


def set_active(unit: UnitOfWork, actor: Actor, public_id: str, *, active: bool) -> None:
    """Close an account, which ends its sessions, or open it again. Again the same changes nothing.

    Raises `IllegalMove` (`last_administrator`), `NotFound`, `SignInNeeded`, `MayNot`.
    """
    row = _held(unit.session, actor, public_id)
    if row.active == active:
        return
    if not active:
        _keep_one_administrator(unit.session, row)
        _end_sessions(unit, row)
    row.active = active
    unit.session.add(row)
    unit.audit(actor.public_id, "person.activate" if active else "person.deactivate", "person", row.public_id)


def join(unit: UnitOfWork, actor: Actor, public_id: str, grant: Grant) -> None:
    """`people.add_membership`; an organisation that somebody joins is claimed."""
    people.add_membership(unit, actor, public_id, grant)
    unit.session.execute(
        sa.update(Organisation)
        .where(col(Organisation.public_id) == grant.organisation, col(Organisation.shadow))
        .values(shadow=False, version=col(Organisation.version) + 1)
        .execution_options(synchronize_session="fetch")
    )


def end_membership(unit: UnitOfWork, actor: Actor, public_id: str, membership_id: int) -> None:
    """Take a role away. One that is gone already changes nothing.

    Raises `IllegalMove` (`last_administrator`), `NotFound`, `SignInNeeded`, `MayNot`.
    """
    session = unit.session
    row = _held(session, actor, public_id)
    held = session.get(Membership, membership_id)
    if held is None or held.person_id != row.id:
        return
    if held.role == Role.ADMINISTRATOR:
        _keep_one_administrator(session, row)
    session.delete(held)
    session.flush()
    unit.audit(
        actor.public_id, "person.end_grant", "person", row.public_id, role=held.role.value,
        organisation=held.organisation_id, zone=held.zone_id,
    )  # fmt: skip


def _held(session: Session, actor: Actor, public_id: str) -> Person:
    access.require(actor, "people.write")
    row = session.exec(select(Person).where(Person.public_id == public_id).with_for_update()).first()
    if row is None:
        raise NotFound(kind="person")
    access.require_mark(actor, "people.write", demo=row.demo)
    return row


def _keep_one_administrator(session: Session, leaving: Person) -> None:
    """Somebody must be left who can let others in; a demonstration account cannot."""
    if leaving.demo or not leaving.active:
        return
    administrators = (
        select(Person.id)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.role == Role.ADMINISTRATOR, col(Person.active), ~col(Person.demo))
        .with_for_update()  # two who remove each other at once
    )
    left = set(session.exec(administrators).all())
    if leaving.id in left and left == {leaving.id}:
        raise IllegalMove("last_administrator", move="remove", state="active")


def _end_sessions(unit: UnitOfWork, row: Person) -> None:
    unit.session.exec(sa.delete(LoginSession).where(col(LoginSession.person_id) == row.id))


def _accounts(session: Session, actor: Actor, rows: list[Person]) -> tuple[Account, ...]:
    held: dict[int, list[MembershipView]] = {}
    query = (
        select(Membership, Organisation, Zone.code)
        .outerjoin(Organisation, col(Organisation.id) == col(Membership.organisation_id))
        .outerjoin(Zone, col(Zone.id) == col(Membership.zone_id))
        .where(col(Membership.person_id).in_([row.id for row in rows]))
        .order_by(col(Membership.id))
    )
    for each, owner, zone in session.exec(query).all():
        view = MembershipView(
            each.id or 0, each.role, owner.public_id if owner else None, owner.name if owner else "",
            owner.name_en if owner else "", owner.active if owner else True, zone, each.created_at,
        )  # fmt: skip
        held.setdefault(each.person_id, []).append(view)
    may = access.is_allowed(actor, "people.write")
    return tuple(
        Account(
            row.public_id, row.login, row.name, row.active, row.demo, row.one_time_password, row.created_at,
            tuple(held.get(row.id or 0, ())), may and (row.demo or not actor.demo),
        )
        for row in rows
    )  # fmt: skip


def organisation_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(public id, name) of those that a person can join: active ones, of the demonstration for its administrators."""
    access.require(actor, "people.read")
    query = select(Organisation.public_id, Organisation.name).where(col(Organisation.active))
    if actor.demo:
        query = query.where(col(Organisation.demo))
    return list(session.exec(query.order_by(col(Organisation.name)).limit(_MOST_CHOICES)).all())
