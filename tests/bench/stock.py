"""A database of any number of published listings out of a seeded generator, written in bulk with its vectors.

Texts are drawn by Zipf's law from words that are cut again as they were drawn; a topic has words of its own and a place among
the vectors, in clusters as in `synthetic`. Zones, industries, maturity, cooperation, rights, prices, owners, days: all that
search filters by is filled. Nothing is embedded: a passage's vector lies near its listing's, which lies near its topic's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session, select

from matching.content import Indicator
from matching.documents import passages_of
from matching.model import (
    Industry,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Revision,
    RevisionIp,
    RevisionTag,
    StoredVector,
    TagState,
    Zone,
)
from matching.reference import codes
from matching.store.database import Database
from matching.vectors import Key, content_hash
from search.ports import Matrix, Vector
from search.text import comparison_key, number_key, terms
from tests.bench.synthetic import TODAY, Shape, Words, around, seen, unit

NOW: Final = datetime(2026, 11, 23, 4, tzinfo=UTC)
OWNERS: Final = 2_000
_BLOCK: Final = 2_000
_NEEDS: Final = 0.1
_CITIES: Final = ("南京", "苏州", "无锡", "常州", "南通", "徐州", "扬州", "镇江")


@dataclass(frozen=True, slots=True)
class Texts:
    """A listing's words, as `passages_of` asks for them."""

    kind: ListingKind
    title: str
    texts: Mapping[str, str]
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person may type, and the vector that the encoder would give if it knew these words."""

    text: str
    vector: Vector


class Generator:
    """Texts and vectors; the same for the same seed, on every machine with this numpy."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.chance = np.random.default_rng(shape.seed)
        self.words = Words(shape, self.chance, whole_words(shape.words, self.chance))
        fields = unit(self.chance.standard_normal((shape.fields, shape.dimension), np.float32))
        self.centres = around(fields[self.chance.integers(0, shape.fields, shape.topics)], shape.near_field, self.chance)

    def texts(self, topics: NDArray[np.intp], kinds: Sequence[ListingKind]) -> list[Texts]:
        """A title of 5 to 9 words, three key words, a body of some 60 to 230 words in sentences."""
        count = len(topics)
        titles = self.words.draw(topics, self.chance.integers(5, 10, count).astype(np.intp), 0.5)
        keys = self.words.draw(topics, np.full(count, 3, np.intp), 1.0)
        bodies = self.words.draw(topics, self.chance.integers(60, 230, count).astype(np.intp), 0.25)
        return [
            Texts(
                kind,
                "".join(title),
                {"keywords": "；".join(key), "summary" if kind is ListingKind.RESULT else "detail": prose(body)},
            )
            for kind, title, key, body in zip(kinds, titles, keys, bodies, strict=True)
        ]

    def vectors(self, topics: NDArray[np.intp], passages: Sequence[int]) -> Iterator[Matrix]:
        """For each listing a row for its title and one for each passage behind it."""
        titles = around(self.centres[topics], self.shape.near_topic, self.chance)
        counts = np.array(passages, np.intp) - 1
        bodies = around(np.repeat(titles, counts, axis=0), self.shape.near_listing, self.chance)
        ends = np.cumsum(counts)
        for at, (end, count) in enumerate(zip(ends.tolist(), counts.tolist(), strict=True)):
            yield np.vstack([titles[at][None], bodies[end - count : end]])

    def queries(self, count: int) -> list[Asked]:
        """One to five words of a topic, no two queries alike."""
        found: dict[str, Asked] = {}
        while len(found) < count:
            topics = self.chance.integers(0, self.shape.topics, count).astype(np.intp)
            drawn = self.words.draw(topics, self.chance.integers(1, 6, count).astype(np.intp), 0.8)
            near = around(self.centres[topics], 0.6, self.chance)
            for words, vector in zip(drawn, near, strict=True):
                found.setdefault(" ".join(words), Asked(" ".join(words), vector))
        return list(found.values())[:count]


def whole_words(count: int, chance: np.random.Generator) -> list[str]:
    """Different words that `terms` leaves whole, most frequent first: the demonstration's own, then those that its characters
    make where they meet by chance."""
    words, characters = seen()
    found = dict.fromkeys(word for word in words if terms(word) == (word,))
    while len(found) < count:
        line = "".join(chance.choice(characters, 100_000))
        found.update(dict.fromkeys(word for word in dict.fromkeys(terms(line)) if len(word) == 2 and terms(word) == (word,)))
    return list(found)[:count]


def prose(words: Sequence[str]) -> str:
    """A clause of seven words, three clauses a sentence."""
    text = ""
    for at in range(0, len(words), 7):
        text += "".join(words[at : at + 7]) + ("。" if at // 7 % 3 == 2 else "，")
    return text[:-1] + "。"


@dataclass(frozen=True, slots=True)
class _Lists:
    """Ids and codes to draw from."""

    industries: Sequence[int]
    owners: Sequence[int]
    maturity: Sequence[tuple[str, int | None, int | None]]
    modes: Sequence[str]
    rights: Sequence[str]
    statuses: Sequence[str]


def fill(database: Database, recipe: str, dimension: int, listings: int) -> Generator:
    """Write so many listings and their vectors into a migrated database that holds the reference data."""
    generator = Generator(replace(Shape(), dimension=dimension))
    with database.write() as work:
        lists = _lists(work.session, generator.chance)
        work.commit()
    for start in range(0, listings, _BLOCK):
        with database.write() as work:
            _write(work.session, generator, lists, recipe, start, min(_BLOCK, listings - start))
            work.commit()
    with database.write() as work:
        work.session.execute(sa.text("ANALYZE"))
        work.commit()
    return generator


def _lists(session: Session, chance: np.random.Generator) -> _Lists:
    zones = [each for each in session.exec(select(Zone.id)).all() if each is not None]
    kinds = list(codes(session, "organisation_kind"))
    rows: list[dict[str, Any]] = []
    for at in range(OWNERS):
        name = f"测试单位{at}号有限公司"
        city = _CITIES[at % len(_CITIES)]
        zone = zones[int(chance.integers(len(zones)))] if at % 3 else None
        rows.append(
            {"public_id": f"o{at:08d}", "name": name, "name_key": comparison_key(name), "name_en": "", "zone_id": zone}
            | {"kind": kinds[at % len(kinds)], "city": city, "active": True, "shadow": False}
            | {"version": 1, "demo": False, "created_at": NOW}
        )  # fmt: skip
    session.execute(sa.insert(Organisation), rows)
    owners = session.exec(select(Organisation.id).where(sa.func.substr(Organisation.name, 1, 4) == "测试单位")).all()
    levels = [(code, each.facts.get("trl_low"), each.facts.get("trl_high")) for code, each in codes(session, "maturity").items()]
    return _Lists(
        [each for each in session.exec(select(Industry.id)).all() if each is not None],
        [each for each in owners if each is not None],
        [(code, low if isinstance(low, int) else None, high if isinstance(high, int) else None) for code, low, high in levels],
        list(codes(session, "cooperation")),
        list(codes(session, "ip_kind")),
        list(codes(session, "ip_status")),
    )


def _write(session: Session, generator: Generator, lists: _Lists, recipe: str, start: int, count: int) -> None:
    chance, shape = generator.chance, generator.shape
    topics = chance.integers(0, shape.topics, count).astype(np.intp)
    kinds = [ListingKind.NEED if draw < _NEEDS else ListingKind.RESULT for draw in chance.random(count)]
    texts = generator.texts(topics, kinds)
    keys: list[tuple[Key, ...]] = [passages_of(each)[1] for each in texts]
    vectors = generator.vectors(topics, [len(each) for each in keys])
    first = (session.execute(sa.select(sa.func.max(Listing.id))).scalar() or 0) + 1
    first_revision = (session.execute(sa.select(sa.func.max(Revision.id))).scalar() or 0) + 1
    tables: dict[type, list[dict[str, Any]]] = {
        table: [] for table in (Listing, Revision, RevisionTag, RevisionIp, ListingIndustry, StoredVector)
    }
    held: set[str] = set()
    for at, (each, own_keys, own_vectors) in enumerate(zip(texts, keys, vectors, strict=True)):
        dice = chance.random(8)
        listing, revision = first + at, first_revision + at
        moment = NOW - timedelta(days=float(dice[0]) * 700)
        tables[Listing].append(_listing(each, listing, lists, dice, start + at, moment))
        tables[Revision].append(_revision(each, listing, revision, lists, dice, moment))
        for code in {lists.modes[int(draw * len(lists.modes))] for draw in dice[2 : 3 + int(dice[2] * 2)]}:
            tables[RevisionTag].append({"revision_id": revision, "list_code": "cooperation", "code": code})
        if each.kind is ListingKind.RESULT and dice[3] < 0.7:
            tables[RevisionIp].append(_right(revision, lists, dice, start + at))
        tables[ListingIndustry].append(
            {"listing_id": listing, "industry_id": lists.industries[int(topics[at]) % len(lists.industries)]}
            | {"state": TagState.CONFIRMED, "source": "stated", "confidence": 1.0, "reason": {}}
        )
        for key, vector in zip(own_keys, own_vectors, strict=True):
            digest = content_hash(key)
            if digest not in held:
                held.add(digest)
                row = {"content_hash": digest, "recipe": recipe, "vector": np.ascontiguousarray(vector, "<f4").tobytes()}
                tables[StoredVector].append(row)
    for table, rows in tables.items():
        if rows:
            session.execute(sa.insert(table), rows)


def _listing(each: Texts, id_: int, lists: _Lists, dice: NDArray[np.float64], at: int, moment: datetime) -> dict[str, Any]:
    letter = each.kind.value[0]
    return {
        "id": id_, "public_id": f"{letter}{at:08d}", "kind": each.kind, "number": f"{letter.upper()}-2026-{at:06d}",
        "organisation_id": lists.owners[int(dice[1] * len(lists.owners))], "state": ListingState.PUBLISHED, "revision": 1,
        "published_revision": 1, "document_revision": 1, "version": 1, "published_at": moment, "created_at": moment,
        "valid_until": TODAY + timedelta(days=int(dice[4] * 500)), "updated_at": moment, "demo": False,
    }  # fmt: skip


def _revision(each: Texts, listing: int, id_: int, lists: _Lists, dice: NDArray[np.float64], moment: datetime) -> dict[str, Any]:
    code, low, high = lists.maturity[int(dice[5] * len(lists.maturity))]
    price = round(float(np.exp(11 + 4 * dice[6]))) * 100 if dice[7] < 0.6 else None
    is_result = each.kind is ListingKind.RESULT
    return {
        "id": id_, "listing_id": listing, "number": 1, "title": each.title[:200], "title_key": comparison_key(each.title)[:200],
        "texts": dict(each.texts), "layers": {}, "maturity": code if is_result else None, "trl_low": low if is_result else None,
        "trl_high": high if is_result else None, "price_min_fen": price, "price_max_fen": price * 2 if price else None,
        "declined": [], "created_at": moment,
    }  # fmt: skip


def _right(revision: int, lists: _Lists, dice: NDArray[np.float64], at: int) -> dict[str, Any]:
    number = f"ZL2023{1 + int(dice[4] * 3)}{at:07d}.{at % 10}"
    return {
        "revision_id": revision, "position": 0, "kind": lists.rights[int(dice[5] * len(lists.rights))], "title": "",
        "number": number, "number_key": number_key(number), "holders": "",
        "status": lists.statuses[int(dice[6] * len(lists.statuses))],
        "ipc": "",
    }  # fmt: skip


def save_queries(path: Path, queries: Sequence[Asked]) -> None:
    np.savez(path, texts=json.dumps([each.text for each in queries]), vectors=np.stack([each.vector for each in queries]))


def load_queries(path: Path) -> list[Asked]:
    with np.load(path) as held:
        return [Asked(text, vector) for text, vector in zip(json.loads(str(held["texts"])), held["vectors"], strict=True)]
