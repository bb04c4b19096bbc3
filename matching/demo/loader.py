"""Puts the demonstration in and takes it out again. Everything it makes is marked `demo`; nothing else is touched."""

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from matching import listings, organisations, people, reviews
from matching.access import SYSTEM
from matching.content import OrganisationRef
from matching.credit_code import make
from matching.demo import texts
from matching.demo.texts import DemoListing, DemoOrganisation
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
)
from matching.organisations import OrganisationDraft
from matching.people import DEMO_NOTE
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
        note = session.get(Note, DEMO_NOTE)
        return note.value if note else None


def load(database: Database) -> Figures:
    """Everything in one transaction: an interrupted first start leaves nothing half loaded."""
    with database.write() as unit:
        unit.session.merge(Note(key=DEMO_NOTE, value="loaded"))
        owners = {
            row.key: organisations.add(unit, SYSTEM, _organisation(row, at)) for at, row in enumerate(texts.organisations())
        }
        for account in ACCOUNTS:
            owner = owners[account.organisation].public_id if account.organisation else None
            people.add_person(
                unit, SYSTEM, login=account.login, name=account.name, password=people.DEMO_PASSWORD, demo=True,
                grants=[people.Grant(account.role, owner, account.zone)],
            )  # fmt: skip
        figures = _listings(unit, owners, texts.listings(unit.today()))
        unit.audit("system", "demo.load", "demo", "demo", results=figures.results, needs=figures.needs)
        unit.commit()
    return figures


def _organisation(row: DemoOrganisation, at: int) -> OrganisationDraft:
    return OrganisationDraft(
        name=row.name, kind=row.kind, name_en=row.name_en, credit_code=make(f"{_CREDIT_PREFIX}{at:07d}"[:17]),
        zone=row.zone, city=row.city, demo=True,
    )  # fmt: skip


def _listings(unit: UnitOfWork, owners: dict[str, OrganisationRef], rows: list[DemoListing]) -> Figures:
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
        session.execute(sa.delete(Listing).where(col(Listing.demo)))
        session.execute(sa.delete(Person).where(col(Person.demo)))
        session.execute(sa.delete(Organisation).where(col(Organisation.demo)))
        session.merge(Note(key=DEMO_NOTE, value="removed"))
        unit.audit("system", "demo.remove", "demo", "demo", results=figures.results, needs=figures.needs)
        unit.commit()
    return figures


def _count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(sa.func.count()).select_from(table).where(sa.text("demo"))).one()
