"""Documents that the engine refuses for good: they are set aside with what it said, and the rest goes on.

A refusal holds for one revision under one recipe. When either changes, or somebody asks for it, the document is tried again.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from matching.access import SYSTEM
from matching.model import Listing, SetAside
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from search.ports import DocumentId

log = structlog.get_logger("index")

_CHUNK: Final = 500
_LONGEST: Final = 500


def of(session: Session, listing_ids: Sequence[int], fingerprint: str) -> dict[tuple[int, str], int]:
    """(listing id, audience) → the revision that was refused under this recipe."""
    found: dict[tuple[int, str], int] = {}
    for start in range(0, len(listing_ids), _CHUNK):
        chunk = listing_ids[start : start + _CHUNK]
        rows = session.exec(select(SetAside).where(col(SetAside.listing_id).in_(chunk), SetAside.fingerprint == fingerprint))
        found |= {(row.listing_id, row.audience): row.revision for row in rows}
    return found


def note(database: Database, fingerprint: str, revisions: Mapping[DocumentId, int], refused: Mapping[DocumentId, str]) -> None:
    """Keep what was refused, of the revisions that were offered, with the engine's reasons."""
    with database.write() as unit:
        names = [each.listing for each in refused]
        rows = unit.session.exec(select(Listing.public_id, Listing.id).where(col(Listing.public_id).in_(names))).all()
        ids = dict(rows)
        for document, reason in sorted(refused.items(), key=lambda each: str(each[0])):
            listing_id = ids.get(document.listing)
            if listing_id is None:  # its row is gone meanwhile, and with it the document
                continue
            unit.session.merge(
                SetAside(
                    listing_id=listing_id, audience=document.audience, revision=revisions[document], fingerprint=fingerprint,
                    reason=reason[:_LONGEST], at=unit.now(),
                )
            )  # fmt: skip
            unit.audit(SYSTEM.public_id, "document.set_aside", "listing", document.listing, audience=document.audience)
        unit.commit()
    log.warning("index.set_aside", documents=len(refused))


def forget(database: Database, listing_ids: Sequence[int], taken: Collection[DocumentId]) -> None:
    """Rows of these listings that say no more: the engine has taken the document since, or it is not for anybody any more."""
    with database.read() as session:
        held = _rows(session, listing_ids)
    if not held:
        return
    with database.write() as unit:
        for row, public_id, revision in _rows(unit.session, listing_ids):
            is_taken = any(each.listing == public_id and each.audience == row.audience for each in taken)
            if is_taken or row.revision < revision:
                unit.session.delete(row)
        unit.commit()


def _rows(session: Session, listing_ids: Sequence[int]) -> list[tuple[SetAside, str, int]]:
    found: list[tuple[SetAside, str, int]] = []
    for start in range(0, len(listing_ids), _CHUNK):
        chunk = listing_ids[start : start + _CHUNK]
        query = select(SetAside, Listing.public_id, Listing.document_revision).join(
            Listing, col(Listing.id) == col(SetAside.listing_id)
        )
        found += session.exec(query.where(col(SetAside.listing_id).in_(chunk))).all()
    return found


def try_again(unit: UnitOfWork, public_ids: Sequence[str]) -> None:
    """Forget the refusals of these listings and ask for their documents once more."""
    ids = select(Listing.id).where(col(Listing.public_id).in_(public_ids))
    unit.session.execute(sa.delete(SetAside).where(col(SetAside.listing_id).in_(ids)))
    unit.enqueue_all("index", public_ids, lane="bulk")
