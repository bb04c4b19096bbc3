"""What a group of synonyms would change, before it is saved: for each of its words, how many hits without and with it, and
the first titles that come in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from matching import access
from matching.access import Actor, audience_of, readable
from matching.model import PUBLISHED_WORDS, Listing, ListingKind, ListingState, Revision
from matching.store.database import Database
from matching.synonyms import Group, expand, read_groups
from search.errors import EngineUnavailable
from search.ports import Engine, Query
from search.text import terms

_LOOKED_AT: Final = 200
_SHOWN: Final = 5
MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Incoming:
    kind: ListingKind
    public_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Effect:
    """Of a question that is this one word, by words alone. `before` counts with the other groups in force, `after` with this
    one, too; `also` is what the group looks for beside it."""

    word: str
    before: int
    after: int
    also: tuple[str, ...]
    incoming: tuple[Incoming, ...]


class SynonymEffects:
    """Thread safe."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine

    def of(self, actor: Actor, group: Group) -> tuple[Effect, ...] | None:
        """For the first `MOST_WORDS` words that ask for others. `group.code` is that of the record that would be replaced.
        None where the engine is away. Raises `SignInNeeded`, `MayNot` for whoever writes no synonyms at all."""
        if not access.is_allowed_anywhere(actor, "synonym.write"):
            access.require(actor, "synonym.write")
        with self._database.read() as session:
            others = tuple(each for each in read_groups(session) if each.code != group.code)
        try:
            asking = dict.fromkeys(word for word in group.asking if terms(word))
            return tuple(self._effect(actor, word, others, group) for word in list(asking)[:MOST_WORDS])
        except EngineUnavailable:
            return None

    def _effect(self, actor: Actor, word: str, others: Sequence[Group], group: Group) -> Effect:
        query = Query(audience=audience_of(actor), terms=terms(word), limit=_LOOKED_AT)
        before = self._engine.rank(replace(query, related=expand(others, word).terms))
        after = self._engine.rank(replace(query, related=expand((*others, group), word).terms))
        known = {hit.listing for hit in before.lexical}
        new = [hit.listing for hit in after.lexical if hit.listing not in known]
        with self._database.read() as session:
            incoming = _incoming(session, actor, new)
        return Effect(word, before.matched, after.matched, expand((group,), word).words, incoming)


def _incoming(session: Session, actor: Actor, public_ids: Sequence[str]) -> tuple[Incoming, ...]:
    rows = session.execute(
        sa.select(col(Listing.kind), col(Listing.public_id), col(Revision.title))
        .join(Revision, PUBLISHED_WORDS)
        .where(col(Listing.public_id).in_(public_ids), col(Listing.state) == ListingState.PUBLISHED, readable(actor))
    ).all()
    found = {public_id: Incoming(kind, public_id, title) for kind, public_id, title in rows}
    return tuple(found[each] for each in public_ids if each in found)[:_SHOWN]
