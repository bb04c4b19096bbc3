"""Which stored listing a row means: same owner, same title in any spelling, and the same patent where both name one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from matching.errors import FieldError, InvalidInput
from matching.model import NEWEST_WORDS, Listing, ListingKind, ListingState, Revision, RevisionIp
from search.text import number_key

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Identity:
    """`owner` is an organisation's id, `title` a comparison key, `numbers` keys of patent numbers."""

    owner: int
    title: str
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    id: int
    public_id: str
    number: str | None
    state: ListingState
    version: int
    numbers: frozenset[str]


Targets = dict[tuple[int, str], list[Target]]
"""(owner, title key) → the listings of that name, oldest first."""


def numbers_of(numbers: Iterable[str]) -> frozenset[str]:
    """As `RevisionIp.number_key` holds them."""
    return frozenset(number_key(each)[:60] for each in numbers if each)


def load_targets(session: Session, kind: ListingKind, wanted: Collection[Identity]) -> Targets:
    """The listings that the identities could mean, by their newest words, in a few SELECTs."""
    titles = sorted({each.title for each in wanted})
    owners = {each.owner for each in wanted}
    pairs = {(each.owner, each.title) for each in wanted}
    found: dict[int, tuple[Listing, str]] = {}
    for start in range(0, len(titles), _CHUNK):
        rows = session.exec(
            select(Listing, Revision.id, Revision.title_key)
            .join(Revision, NEWEST_WORDS)
            .where(col(Revision.title_key).in_(titles[start : start + _CHUNK]), Listing.kind == kind)
            .order_by(col(Listing.id))
        ).all()
        found |= {
            revision_id or 0: (listing, title)
            for listing, revision_id, title in rows
            if listing.organisation_id in owners and (listing.organisation_id, title) in pairs
        }
    numbers = _numbers(session, sorted(found))
    targets: Targets = {}
    for revision_id, (row, title) in found.items():
        targets.setdefault((row.organisation_id, title), []).append(
            Target(row.id or 0, row.public_id, row.number, row.state, row.version, frozenset(numbers.get(revision_id, ())))
        )
    return targets


def _numbers(session: Session, revision_ids: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for start in range(0, len(revision_ids), _CHUNK):
        rows = session.exec(
            select(RevisionIp.revision_id, RevisionIp.number_key).where(
                col(RevisionIp.revision_id).in_(revision_ids[start : start + _CHUNK]), RevisionIp.number_key != ""
            )
        ).all()
        for revision_id, number in rows:
            found.setdefault(revision_id, set()).add(number)
    return found


def choose(targets: Targets, wanted: Identity) -> Target | None:
    """The one meant: with the same numbers, else with one in common, else where either names none. None for a new listing.

    Raises `InvalidInput` (`ambiguous_target`) where several fit equally well.
    """
    held = targets.get((wanted.owner, wanted.title), [])
    for fitting in (
        [each for each in held if each.numbers == wanted.numbers],
        [each for each in held if each.numbers & wanted.numbers],
        [each for each in held if not each.numbers or not wanted.numbers],
    ):
        open_ones = [each for each in fitting if each.state != ListingState.WITHDRAWN] or fitting
        if len(open_ones) > 1:
            raise InvalidInput(FieldError("title", "ambiguous_target", {"count": len(open_ones)}))
        if open_ones:
            return open_ones[0]
    return None
