"""What is in the database while a zone moves in: the pages' words are not believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlmodel import Session, col, select

from matching.model import (
    Contact,
    ImportBatch,
    Industry,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Match,
    Organisation,
    Person,
    PoolTaking,
    Revision,
    RevisionAmount,
    TagState,
    Verdict,
    Zone,
    ZoneIndustry,
)
from matching.money import parse
from tests.browser.sheets import OLD, STRANGER, UNKNOWN, Sheet
from tests.browser.site import Site

ZONE: Final = "nantong"


class Moved:
    """Asserts. `settle` waits until the worker has done what is due."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.settle = site.settle

    @contextmanager
    def _read(self) -> Iterator[tuple[Session, int]]:
        with self._site.parts.database.read() as session:
            yield session, session.exec(select(Zone.id).where(Zone.code == ZONE)).one() or 0

    def check_decision(self, industry: str) -> None:
        with self._read() as (session, zone):
            rows = session.exec(
                select(ZoneIndustry, Industry, Person)
                .join(Industry, col(Industry.id) == col(ZoneIndustry.industry_id))
                .join(Person, col(Person.id) == col(ZoneIndustry.decided_by_id))
                .where(ZoneIndustry.zone_id == zone)
            ).all()
            assert [(row.active, node.code, person.login) for row, node, person in rows] == [(True, industry, "li")]
            assert rows[0][0].source == "通高新管〔2026〕12号"
            assert not session.exec(select(Organisation).where(col(Organisation.demo))).all()
            assert not session.exec(select(Person).where(col(Person.demo))).all()

    def check_listings(self, results: Sheet, needs: Sheet, *besides: str) -> None:
        """What stands there is what the sheets meant, each once, published and in the zone's charge; and `besides` these
        titles nothing else."""
        expected = {
            **{(row["成果名称"], row["单位名称"]): (row[UNKNOWN], row["合作价格"], row["手机号码"]) for row in results.meant()},
            **{
                (row["技术需求名称"], row["单位名称"]): (row["拟解决的技术难题"], row["预算金额(万元)"], row["联系人电话"])
                for row in needs.meant()
            },
        }
        with self._read() as (session, zone):
            rows = session.exec(
                select(Listing, Revision, Organisation)
                .join(Revision, col(Revision.listing_id) == col(Listing.id))
                .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
                .where(Revision.number == Listing.revision)
            ).all()
            budgets = {each.revision_id: each for each in session.exec(select(RevisionAmount)).all()}
            mobiles = dict(session.exec(select(Contact.listing_id, Contact.value).where(Contact.kind == "mobile")).all())
        found = {}
        others = []
        for listing, revision, owner in rows:
            assert listing.state == ListingState.PUBLISHED
            if (revision.title, owner.name) not in expected:
                others.append(revision.title)
                continue
            assert zone in (owner.zone_id, listing.addressed_zone_id)
            is_need = listing.kind == ListingKind.NEED
            budget = budgets.get(revision.id or 0)
            low, high = revision.price_min_fen, revision.price_max_fen
            if is_need:
                low, high = (budget.low_fen, budget.high_fen) if budget else (None, None)
            text = revision.texts["difficulty" if is_need else "problem"]
            found[revision.title, owner.name] = (text, low, high, mobiles.get(listing.id))
        meant = {key: (parse(price), text, mobile) for key, (text, price, mobile) in expected.items()}
        assert found == {
            key: (text, price.low if price else None, price.high if price else None, mobile)
            for key, (price, text, mobile) in meant.items()
        }
        assert sorted(others) == sorted(besides)
        numbers = [listing.number for listing, _, _ in rows]
        assert len(set(numbers)) == len(numbers)

    def check_industries(self, confirmed: int, rejected: int) -> None:
        """So many suggestions were decided in bulk, all confirmed ones in the zone's own field."""
        with self._read() as (session, _):
            rows = session.exec(
                select(ListingIndustry, Industry.code)
                .join(Industry, col(Industry.id) == col(ListingIndustry.industry_id))
                .where(ListingIndustry.source == "staff", col(ListingIndustry.confidence) < 1)
            ).all()
        decided = [(row.state, code) for row, code in rows]
        assert sum(state == TagState.CONFIRMED for state, _ in decided) == confirmed
        assert sum(state == TagState.REJECTED for state, _ in decided) == rejected
        assert {code for state, code in decided if state == TagState.CONFIRMED} <= {"equipment", "robotics"}

    def check_graded(self, lane: str, grade: int) -> None:
        """The last grade was given by staff to a pair of this lane."""
        with self._read() as (session, zone):
            verdict = session.exec(select(Verdict).order_by(col(Verdict.id).desc())).first()
            assert verdict is not None
            assert (verdict.zone_id, verdict.source, verdict.grade) == (zone, "staff", grade)
            pair = Match.need_id == verdict.need_id, Match.result_id == verdict.result_id, Match.zone_id == zone
            assert session.exec(select(Match.lane).where(*pair)).one() == lane

    def check_taken(self, title: str) -> None:
        """The need belongs to the zone, which took it, and is matched there."""
        with self._read() as (session, zone):
            revision = select(Revision.listing_id).where(Revision.title == title)
            need = session.exec(select(Listing).where(col(Listing.id).in_(revision))).one()
            taking = session.exec(select(PoolTaking).where(PoolTaking.listing_id == need.id)).one()
            assert (taking.zone_id, taking.given_back_at, need.addressed_zone_id) == (zone, None, zone)
            assert set(session.exec(select(Match.zone_id).where(Match.need_id == need.id)).all()) == {zone}

    def pair_of_the_wrong_batch(self) -> tuple[str, str, str]:
        """The best pair of the desk with one of its results: public ids of need and result, and the result's title."""
        with self._read() as (session, zone):
            row = session.exec(
                select(Match, Revision.title)
                .join(Revision, col(Revision.listing_id) == col(Match.result_id))
                .where(Match.zone_id == zone, Match.lane == "industry", col(Revision.title).endswith(OLD))
                .order_by(col(Match.score).desc(), col(Match.id))
            ).first()
            assert row is not None
            match, title = row
            need, result = session.get_one(Listing, match.need_id), session.get_one(Listing, match.result_id)
            return need.public_id, result.public_id, title

    def check_undone(self, *kept: str) -> None:
        """Nothing else of the wrong batch is left: no entry, no owner of its own, nothing to be found, no document; and the
        index is what the database says."""
        with self._read() as (session, _):
            batch = session.exec(select(ImportBatch).order_by(col(ImportBatch.id).desc())).first()
            assert batch is not None
            assert (batch.state, batch.counts["kept"]) == ("undone", len(kept))
            titles = session.exec(select(Revision.title).where(col(Revision.title).endswith(OLD))).all()
            assert set(titles) == set(kept)
            owners = select(Organisation.id).where(Organisation.name == STRANGER)
            left = session.exec(select(Listing.id).where(col(Listing.organisation_id).in_(owners))).all()
            assert bool(session.exec(owners).first()) == bool(left)
        assert not self._site.parts.gate.compare()
