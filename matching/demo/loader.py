"""Puts the demonstration in and takes it out again. Everything it makes is marked `demo`; nothing else is touched."""

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.credit_code import make
from matching.demo.texts import DemoListing, DemoOrganisation, organisations
from matching.demo.texts import listings as texts
from matching.documents import name_key
from matching.drafts import known_codes
from matching.model import (
    FormReceipt,
    ImportBatch,
    Listing,
    ListingKind,
    LoginSession,
    Match,
    Membership,
    Note,
    Organisation,
    Person,
    Role,
    Verdict,
    Zone,
)
from matching.people import DEMO_PASSWORD, hash_password
from matching.store.database import Database
from matching.store.unit import UnitOfWork

_CREDIT_PREFIX = "99320000MA"
"""Registration authority 99 does not exist: a demonstration's code can never be a real organisation's."""


@dataclass(frozen=True, slots=True)
class Account:
    """`organisation` and `zone` are keys of the demonstration and codes of zones."""

    login: str
    name: str
    role: Role
    organisation: str | None = None
    zone: str | None = None


ACCOUNTS: tuple[Account, ...] = (
    Account("gaoxiao", "高校演示账号", Role.PROVIDER, organisation="u-jiangnan"),
    Account("qiye", "企业演示账号", Role.SEEKER, organisation="f-cz-cell"),
    Account("changzhou", "常州高新区演示账号", Role.ZONE_STAFF, zone="changzhou"),
    Account("jingjiren", "经纪人演示账号", Role.BROKER, zone="changzhou"),
    Account("kunshan", "昆山高新区演示账号", Role.ZONE_STAFF, zone="kunshan"),
    Account("guanli", "管理员演示账号", Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Figures:
    organisations: int
    results: int
    needs: int


def state(database: Database) -> str | None:
    """`loaded`, `removed`, `declined`, or None where nobody has decided yet."""
    with database.read() as session:
        note = session.get(Note, "demo")
        return note.value if note else None


def load(database: Database) -> Figures:
    """Everything in one transaction: an interrupted first start leaves nothing half loaded."""
    with database.write() as unit:
        ids = _organisations(unit, organisations())
        _people(unit, ids)
        figures = _listings(unit, ids, texts(unit.today()))
        unit.session.merge(Note(key="demo", value="loaded"))
        unit.audit("system", "demo.load", "demo", "demo", results=figures.results, needs=figures.needs)
        unit.commit()
    return figures


def _organisations(unit: UnitOfWork, rows: list[DemoOrganisation]) -> dict[str, Organisation]:
    zones = {zone.code: zone.id for zone in unit.session.exec(select(Zone)).all()}
    made: dict[str, Organisation] = {}
    for number, row in enumerate(rows):
        made[row.key] = Organisation(
            name=row.name,
            name_key=name_key(row.name)[:120],
            name_en=row.name_en,
            kind=row.kind,
            credit_code=make(f"{_CREDIT_PREFIX}{number:07d}"),
            zone_id=zones[row.zone] if row.zone else None,
            city=row.city,
            demo=True,
            created_at=unit.now(),
        )
    unit.session.add_all(made.values())
    unit.session.flush()
    return made


def _people(unit: UnitOfWork, ids: dict[str, Organisation]) -> None:
    zones = {zone.code: zone.id for zone in unit.session.exec(select(Zone)).all()}
    hashed = hash_password(DEMO_PASSWORD)
    for account in ACCOUNTS:
        person = Person(login=account.login, name=account.name, password_hash=hashed, demo=True, created_at=unit.now())
        unit.session.add(person)
        unit.session.flush()
        unit.session.add(
            Membership(
                person_id=person.id or 0,
                role=account.role,
                organisation_id=ids[account.organisation].id if account.organisation else None,
                zone_id=zones[account.zone] if account.zone else None,
                created_at=unit.now(),
            )
        )


def _listings(unit: UnitOfWork, owners: dict[str, Organisation], rows: list[DemoListing]) -> Figures:
    known = known_codes(unit.session)
    counts = {ListingKind.RESULT: 0, ListingKind.NEED: 0}
    for row in rows:
        saved = listings.save(
            unit, SYSTEM, replace(row.draft, organisation=owners[row.owner].public_id), known=known, lane="bulk"
        )
        reviews.publish(unit, SYSTEM, saved.public_id, known=known, lane="bulk")
        counts[row.draft.kind] += 1
    return Figures(len(owners), counts[ListingKind.RESULT], counts[ListingKind.NEED])


def remove(database: Database) -> Figures:
    """Take out every row marked as demonstration, and what hangs on it. Rows that are not marked stay as they are.

    The listings' documents leave the index by tombstones: their index jobs are enqueued before the rows go.
    """
    with database.write() as unit:
        session = unit.session
        demo_listings = select(Listing.id).where(col(Listing.demo))
        demo_people = select(Person.id).where(col(Person.demo))
        figures = Figures(
            _count(session, Organisation),
            len(session.exec(demo_listings.where(Listing.kind == ListingKind.RESULT)).all()),
            len(session.exec(demo_listings.where(Listing.kind == ListingKind.NEED)).all()),
        )
        of_pair = sa.or_(col(Verdict.need_id).in_(demo_listings), col(Verdict.result_id).in_(demo_listings))
        undoing = sa.and_(of_pair, col(Verdict.undoes_id).is_not(None))
        for table, scope in (
            (Verdict, undoing),
            (Verdict, of_pair),
            (Match, sa.or_(col(Match.need_id).in_(demo_listings), col(Match.result_id).in_(demo_listings))),
            (FormReceipt, col(FormReceipt.person_id).in_(demo_people)),
            (LoginSession, col(LoginSession.person_id).in_(demo_people)),
            (Membership, col(Membership.person_id).in_(demo_people)),
            (ImportBatch, col(ImportBatch.demo)),
        ):
            session.execute(sa.delete(table).where(scope))
        for public_id in session.exec(select(Listing.public_id).where(col(Listing.demo))).all():
            unit.enqueue("forget", public_id, lane="interactive")
        for table in (Listing, Person, Organisation):
            session.execute(sa.delete(table).where(col(table.demo)))
        session.merge(Note(key="demo", value="removed"))
        unit.audit("system", "demo.remove", "demo", "demo", results=figures.results, needs=figures.needs)
        unit.commit()
    return figures


def _count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(sa.func.count()).select_from(table).where(sa.text("demo"))).one()
