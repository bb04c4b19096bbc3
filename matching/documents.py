"""From a listing's content to the documents that engines hold: pure, so that SQL and index can be compared at any time.

One document per audience, made of that audience's text only (law 3). The same passages serve search and pairing: the
title, and the body in chunks, each embedded with its title before it because a chunk alone has lost its subject.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from matching.access import AUDIENCE_LAYERS
from matching.content import Content, Indicator, restrict
from matching.model import ListingKind
from matching.model.fields import TAG_FIELDS, passage_fields
from matching.money import FEN_PER_YUAN
from matching.store.clock import SHANGHAI
from matching.surroundings import Surroundings
from matching.vectors import Key
from search.ports import Audience, Document, DocumentId, Kind, Passage, Role, Vector
from search.text import chunks, comparison_key, number_key, signs, terms

AUDIENCES: tuple[Audience, ...] = ("public", "registered")

BETWEEN_NUMBERS: Final = "¦"
"""No sign of any text: a phrase never runs from one number into the next."""
_OPEN_END: Final = 1e13
"""Yuan, more than any sum that is taken (`matching.money.MAX_FEN`): from such a price upwards."""

_terms = functools.lru_cache(maxsize=64)(terms)
_signs = functools.lru_cache(maxsize=64)(signs)
"""The two audiences of a listing mostly hold the same texts, one after the other: cut once."""

_OWN_ATTRIBUTES: Final = ("kind", "zone", "industry")
"""Attributes that a document has beside its facets."""
_SIGNS = {"<=": "≤", ">=": "≥", "range": "", "=": "="}


def figure(value: float) -> str:
    """A number as people write it: no trailing zeros, no exponent for everyday sizes."""
    return f"{value:.10g}"


def indicator_text(indicator: Indicator) -> str:
    """银耗 ≤ 70 mg"""
    if indicator.comparator == "range" and indicator.low is not None and indicator.high is not None:
        value = f"{figure(indicator.low)}–{figure(indicator.high)}"
    else:
        bound = indicator.low if indicator.low is not None else indicator.high
        sign = _SIGNS.get(indicator.comparator, indicator.comparator)
        value = f"{sign} {figure(bound)}" if bound is not None else ""
    return " ".join(part for part in (indicator.name, value.strip(), indicator.unit) if part)


@dataclass(frozen=True, slots=True)
class Described:
    """A document without its vectors. `passages` are what snippets show; `keys` what is embedded, one each; `texts` become
    the fields. Text is cut into terms only where a document is written: the gate compares digests."""

    id: DocumentId
    role: Role
    revision: int
    state_hash: str
    zones: frozenset[str]
    industries: frozenset[str]
    texts: Mapping[str, str]
    facets: Mapping[str, frozenset[str]]
    spans: Mapping[str, tuple[float, float]]
    numbers: tuple[str, ...]
    passages: tuple[str, ...]
    keys: tuple[Key, ...]

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        return {name: _terms(text) for name, text in self.texts.items()}

    @property
    def signs(self) -> dict[str, tuple[str, ...]]:
        return signs_of(self.texts, self.numbers)

    @property
    def kind(self) -> Kind:
        return "need" if self.role == "need" else "result"

    def without_vectors(self) -> Document:
        """The engine's document without passages: for a generation whose vectors cannot be compared with ours."""
        return replace(self, passages=(), keys=()).with_vectors({})

    def with_vectors(self, vectors: Mapping[Key, Vector]) -> Document:
        """The engine's document. Raises KeyError for a passage without a vector."""
        return Document(
            id=self.id,
            kind=self.kind,
            revision=self.revision,
            state_hash=self.state_hash,
            zones=self.zones,
            industries=self.industries,
            fields=self.fields,
            facets=self.facets,
            spans=self.spans,
            signs=self.signs,
            passages=tuple(Passage(text, vectors[key]) for text, key in zip(self.passages, self.keys, strict=True)),
        )


def as_registered(content: Content) -> Content:
    """What every signed-in user may read of it: what is paired, and what two listings are compared by."""
    return restrict(content, AUDIENCE_LAYERS["registered"])


class Worded(Protocol):
    """What has a listing's words: a `Content`, or a draft that is not stored yet."""

    @property
    def kind(self) -> ListingKind: ...
    @property
    def title(self) -> str: ...
    @property
    def texts(self) -> Mapping[str, str]: ...
    @property
    def indicators(self) -> tuple[Indicator, ...]: ...


def body_parts(content: Worded) -> tuple[tuple[str, str], ...]:
    """The body in reading order as (field, words): the passage fields that say something, then the indicators."""
    parts = [(field.code, content.texts.get(field.code, "")) for field in passage_fields(content.kind)]
    if content.indicators:
        parts.append(("indicators", "；".join(indicator_text(each) for each in content.indicators)))
    return tuple((code, text) for code, text in parts if text)


def body_of(content: Worded) -> str:
    """The words of the body, a line a part."""
    return "\n".join(text for _, text in body_parts(content))


def passages_of(content: Worded) -> tuple[tuple[str, ...], tuple[Key, ...]]:
    """Passage texts as a snippet shows them, and the keys that are embedded: title first, then titled chunks."""
    role: Role = "result" if content.kind == ListingKind.RESULT else "need"
    pieces = chunks(body_of(content))
    return (content.title, *pieces), ((role, content.title), *((role, f"{content.title}\n{piece}") for piece in pieces))


def spans_of(content: Content) -> dict[str, tuple[float, float]]:
    """Quantities of a restricted content: `price` (or budget) in yuan, `published` and `expires` as days (`date.toordinal`).

    By negotiation is no price, and meets no filter on it.
    """
    found: dict[str, tuple[float, float]] = {}
    low, high = content.offer
    if low is not None or high is not None:
        found["price"] = ((low or 0) / FEN_PER_YUAN, high / FEN_PER_YUAN if high is not None else _OPEN_END)
    if content.published_at is not None:
        day = float(content.published_at.astimezone(SHANGHAI).date().toordinal())
        found["published"] = (day, day)
    if content.valid_until is not None:
        day = float(content.valid_until.toordinal())
        found["expires"] = (day, day)
    return found


@dataclass(frozen=True, slots=True)
class Attributes:
    """What filters ask of a document: the values of each attribute (`kind`, `zone`, `industry` and the facets), the spans."""

    values: Mapping[str, frozenset[str]]
    spans: Mapping[str, tuple[float, float]]


def attributes_of(seen: Content, around: Surroundings) -> Attributes:
    """Of a restricted content. `matching.discovery.filters` lists what people filter by."""
    owner = seen.organisation
    year = str(seen.published_at.astimezone(SHANGHAI).year) if seen.published_at is not None else ""
    values = {
        "kind": frozenset({seen.kind.value}),
        "zone": frozenset(around.zones[each] for each in seen.zone_ids),
        "industry": frozenset(code for tag in seen.used_industries for code in around.industries[tag.id]),
        "maturity": around.stages(seen.maturity, seen.trl),
        "mode": frozenset(seen.modes),
        "ip_kind": frozenset(right.kind for right in seen.ip if right.kind),
        "ip_status": frozenset(right.status for right in seen.ip if right.status),
        "organisation_kind": frozenset({owner.kind}),
        "region": around.regions(owner.zone_id, owner.city),
        "year": frozenset({year} if year else ()),
    }
    return Attributes(values | {each.code: frozenset(seen.tags.get(each.code, ())) for each in TAG_FIELDS}, spans_of(seen))


def texts_of(seen: Content) -> dict[str, str]:
    """The text of every field of a document, of a restricted content."""
    numbers = numbers_of(seen)
    return {
        "title": seen.title,
        "keywords": seen.texts.get("keywords", ""),
        "body": "\n".join((*chunks(body_of(seen)), seen.texts.get("application", ""), seen.texts.get("field", ""))),
        "owner": f"{seen.organisation.name} {seen.organisation.name_en}",
        "numbers": " ".join([*numbers, *(number_key(each) for each in numbers)]),
    }


def numbers_of(seen: Content) -> list[str]:
    """Its own number and those of its rights, as written."""
    return [number for number in (seen.number, *(right.number for right in seen.ip)) if number]


def signs_of(texts: Mapping[str, str], numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What phrases are looked up in, by field, of the `texts_of` and `numbers_of` a content."""
    return {name: _number_signs(numbers) if name == "numbers" else _signs(text) for name, text in texts.items()}


def _number_signs(numbers: Sequence[str]) -> tuple[str, ...]:
    """By their keys, so that a number is found in any grouping."""
    found: list[str] = []
    for number in numbers:
        found += [*signs(number_key(number)), BETWEEN_NUMBERS]
    return tuple(found)


def describe(content: Content, audience: Audience, around: Surroundings, *, fingerprint: str) -> Described:
    """What `audience` may find of a published listing; `fingerprint` is the index's recipe, part of the state's digest: raise
    `search.recipe.SCHEMA_VERSION` with any change of what is said here."""
    seen = restrict(content, AUDIENCE_LAYERS[audience])
    passages, keys = passages_of(seen)
    attributes, texts = attributes_of(seen, around), texts_of(seen)
    zones, industries = attributes.values["zone"], attributes.values["industry"]
    facets = {name: values for name, values in attributes.values.items() if name not in _OWN_ATTRIBUTES}
    state = [
        fingerprint,
        content.kind.value,
        sorted(zones),
        sorted(industries),
        {name: sorted(values) for name, values in facets.items()},
        attributes.spans,
        texts,
        passages,
    ]
    return Described(
        id=DocumentId(content.public_id, audience),
        role=keys[0][0],
        revision=content.document_revision,
        state_hash=hashlib.sha256(json.dumps(state, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32],
        zones=zones,
        industries=industries,
        texts=texts,
        facets=facets,
        spans=attributes.spans,
        numbers=tuple(numbers_of(seen)),
        passages=passages,
        keys=keys,
    )


def name_key(text: str) -> str:
    """The key under which titles and names are compared (see `search.text.comparison_key`), cut to the column's length."""
    return comparison_key(text)[:200]
