"""From a listing's content to the documents that engines hold: pure, so that SQL and index can be compared at any time.

One document per audience, made of that audience's text only (law 3). The same passages serve search and pairing: the
title, and the body in chunks, each embedded with its title before it because a chunk alone has lost its subject.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from matching.content import Content, Indicator, restrict
from matching.model import Layer, ListingKind
from matching.model.fields import TAG_FIELDS, passage_fields
from matching.vectors import Key
from search.ports import Audience, Document, DocumentId, Passage, Role, Vector
from search.text import chunks, comparison_key, number_key, terms

AUDIENCE_LAYERS: dict[Audience, frozenset[Layer]] = {
    "public": frozenset({Layer.PUBLIC}),
    "registered": frozenset({Layer.PUBLIC, Layer.REGISTERED}),
}
AUDIENCES: tuple[Audience, ...] = ("public", "registered")

_terms = functools.lru_cache(maxsize=64)(terms)
"""The two audiences of a listing mostly hold the same texts, one after the other: cut once."""

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
    passages: tuple[str, ...]
    keys: tuple[Key, ...]

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        return {name: _terms(text) for name, text in self.texts.items()}

    def without_vectors(self) -> Document:
        """The engine's document without passages: for a generation whose vectors cannot be compared with ours."""
        return replace(self, passages=(), keys=()).with_vectors({})

    def with_vectors(self, vectors: Mapping[Key, Vector]) -> Document:
        """The engine's document. Raises KeyError for a passage without a vector."""
        return Document(
            id=self.id,
            kind="need" if self.role == "need" else "result",
            revision=self.revision,
            state_hash=self.state_hash,
            zones=self.zones,
            industries=self.industries,
            fields=self.fields,
            facets=self.facets,
            passages=tuple(Passage(text, vectors[key]) for text, key in zip(self.passages, self.keys, strict=True)),
        )


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


def levels_of(trl: tuple[int, int] | None) -> frozenset[str]:
    """The values of the facet `maturity` by which a range of levels meets another, whatever scale it was told in."""
    return frozenset(f"level-{each}" for each in range(trl[0], trl[1] + 1)) if trl is not None else frozenset()


def describe(
    content: Content,
    audience: Audience,
    *,
    zone_codes: Mapping[int, str],
    industry_lines: Mapping[int, Sequence[str]],
    fingerprint: str,
) -> Described:
    """What `audience` may find of a published listing. `industry_lines` maps an industry to its own and its ancestors'
    codes; `fingerprint` is the index's recipe, part of the state's digest: raise `search.recipe.SCHEMA_VERSION` with any
    change of what is said here."""
    seen = restrict(content, AUDIENCE_LAYERS[audience])
    passages, keys = passages_of(seen)
    zones = frozenset(zone_codes[each] for each in seen.zone_ids)
    industries = frozenset(code for tag in seen.used_industries for code in industry_lines[tag.id])
    facets = {
        "maturity": frozenset({seen.maturity} if seen.maturity else ()) | levels_of(seen.trl),
        "mode": frozenset(seen.modes),
        "ip_kind": frozenset(right.kind for right in seen.ip),
        "organisation_kind": frozenset({seen.organisation.kind}),
    } | {each.code: frozenset(seen.tags.get(each.code, ())) for each in TAG_FIELDS}
    numbers = [number for number in (seen.number, *(right.number for right in seen.ip)) if number]
    texts = {
        "title": seen.title,
        "keywords": seen.texts.get("keywords", ""),
        "body": "\n".join((*passages[1:], seen.texts.get("application", ""), seen.texts.get("field", ""))),
        "owner": f"{seen.organisation.name} {seen.organisation.name_en}",
        "numbers": " ".join([*numbers, *(number_key(each) for each in numbers)]),
    }
    state = [
        fingerprint,
        content.kind.value,
        sorted(zones),
        sorted(industries),
        {name: sorted(values) for name, values in facets.items()},
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
        passages=passages,
        keys=keys,
    )


def name_key(text: str) -> str:
    """The key under which titles and names are compared (see `search.text.comparison_key`), cut to the column's length."""
    return comparison_key(text)[:200]
