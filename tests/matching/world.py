"""What the tests of this room stand on: a clock that is moved, and a small world of organisations and people."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlmodel import select

from matching import listings, reviews
from matching.access import SYSTEM, Actor, actor_of
from matching.drafts import ListingDraft
from matching.listing_rows import Saved
from matching.model import Job, Listing, ListingKind, Membership, Organisation, Person, Role, Zone
from matching.store.clock import SHANGHAI, Clock
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from search.text import comparison_key

P = ParamSpec("P")
R = TypeVar("R")

START = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.astimezone(SHANGHAI).date()

    def move(self, **step: float) -> None:
        self.at += timedelta(**step)


class World:
    """Writes rows by the shortest way; what a test is about goes through the use-cases (`do`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._made = 0

    def do(self, job: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **named: P.kwargs) -> R:
        """The use-case in a unit of work of its own, committed as the edge does."""
        with self.database.write() as unit:
            answer = job(unit, *args, **named)
            unit.commit()
        return answer

    def organisation(
        self, name: str = "", *, zone: str | None = None, kind: str = "enterprise", city: str = "常州", demo: bool = False
    ) -> Organisation:
        self._made += 1
        name = name or f"单位{self._made}"
        with self.database.write() as unit:
            row = Organisation(
                name=name,
                name_key=comparison_key(name),
                kind=kind,
                city=city,
                zone_id=self.zone_id(zone) if zone else None,
                demo=demo,
                created_at=self.clock.now(),
            )
            unit.session.add(row)
            unit.commit()
        return row

    def zone_id(self, code: str) -> int:
        with self.database.read() as session:
            found = session.exec(select(Zone.id).where(Zone.code == code)).one()
        assert found is not None
        return found

    def person(
        self,
        role: Role,
        *,
        organisation: Organisation | None = None,
        zone: str | None = None,
        demo: bool = False,
    ) -> Actor:
        self._made += 1
        with self.database.write() as unit:
            row = Person(
                login=f"person{self._made}",
                name=f"人员{self._made}",
                password_hash="none",
                demo=demo,
                created_at=self.clock.now(),
            )
            unit.session.add(row)
            unit.session.flush()
            unit.session.add(
                Membership(
                    person_id=row.id or 0,
                    role=role,
                    organisation_id=organisation.id if organisation else None,
                    zone_id=self.zone_id(zone) if zone else None,
                    created_at=self.clock.now(),
                )
            )
            unit.session.flush()
            actor = actor_of(unit.session, row)
            unit.commit()
        return actor

    def listing(self, public_id: str) -> Listing:
        with self.database.read() as session:
            return session.exec(select(Listing).where(Listing.public_id == public_id)).one()

    def jobs(self, *kinds: str) -> list[Job]:
        with self.database.read() as session:
            rows = session.exec(select(Job).order_by(Job.id)).all()  # type: ignore[arg-type]  # a column of the class
        return [row for row in rows if not kinds or row.kind in kinds]

    def drop_jobs(self) -> None:
        with self.database.write() as unit:
            for row in unit.session.exec(select(Job)).all():
                unit.session.delete(row)
            unit.commit()

    def published(self, owner: Organisation, draft: ListingDraft | None = None, **changes: Any) -> Saved:
        """A published listing of `owner`, written by the system."""
        draft = draft or need(organisation=owner.public_id, **changes)
        made = self.do(listings.save, SYSTEM, draft)
        return self.do(reviews.publish, SYSTEM, made.public_id)


def need(**changes: Any) -> ListingDraft:
    """A complete need; `changes` replace its fields."""
    fields: dict[str, Any] = {
        "kind": ListingKind.NEED,
        "title": "电池片正面银浆单耗再降三成",
        "texts": {"detail": "两条线的正面栅线仍用含铝浆，开压卡在721毫伏。", "basis": "产线可停半天做对比。"},
    }
    return ListingDraft(**(fields | changes))


def result(**changes: Any) -> ListingDraft:
    """A complete result; `changes` replace its fields."""
    fields: dict[str, Any] = {
        "kind": ListingKind.RESULT,
        "title": "低铝银浆与激光辅助接触",
        "texts": {"summary": "浆料中的铝含量压到0.3 wt%以下，随后用激光沿栅线扫描。", "market": "年需求约三百吨。"},
    }
    return ListingDraft(**(fields | changes))
