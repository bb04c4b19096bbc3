"""From what was typed and chosen to what an engine is asked: one value that says how both were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from matching.discovery.filters import BY_NAME, FILTERS, Chosen, Vocabulary, money
from matching.discovery.language import Parsed, Piece, Problem, parse
from matching.errors import InvalidInput
from matching.money import FEN_PER_YUAN
from matching.money import parse as parse_money
from matching.synonyms import Expansion, expand
from search.ports import Audience, Filters, Interval, Kind, Phrase, Query, Vector
from search.text import number_key, signs, terms

LONGEST_QUERY = 5000


@dataclass(frozen=True, slots=True)
class Part:
    """One command as it was read: a phrase, or a field with the values (codes) it stands for; `text` as typed."""

    piece: Piece
    codes: tuple[str, ...] = ()

    @property
    def filter(self) -> str:
        """The filter of a field that is one."""
        return self.piece.field if self.piece.field in BY_NAME else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """`words` are searched by words and meaning (phrases that are wanted are among them), `terms` are theirs.

    `exact` is a text that may be a title, a number or an owner's name as a whole; empty where more than that was typed.
    """

    text: str
    chosen: Chosen
    parsed: Parsed
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    words: str
    terms: tuple[str, ...]
    exact: str
    kinds: frozenset[Kind]
    filters: Filters
    phrases: tuple[Phrase, ...]
    no_phrases: tuple[Phrase, ...]
    sort: str = "relevance"
    also: Expansion = field(default=Expansion())
    """What is looked for beside it, unless it is `literal`: as typed."""
    literal: bool = False

    @property
    def quoted(self) -> tuple[tuple[str, ...], ...]:
        """The phrases that are wanted, as signs: what highlights mark."""
        return tuple(each.signs for each in self.phrases)

    @property
    def is_empty(self) -> bool:
        """Nothing was asked for: neither words nor any restriction."""
        return not self.words and not self.restricts

    @property
    def restricts(self) -> bool:
        return bool(self.chosen or self.parts)

    @property
    def related(self) -> tuple[str, ...]:
        """The terms that are looked for beside its own."""
        return () if self.literal else self.also.terms

    def query(self, audience: Audience, vector: Vector | None, limit: int) -> Query:
        return Query(
            audience=audience,
            terms=self.terms,
            vector=vector,
            kinds=self.kinds,
            filters=self.filters,
            limit=limit,
            related=self.related,
            phrases=self.phrases,
            no_phrases=self.no_phrases,
        )


def understand(
    vocabulary: Vocabulary, text: str, chosen: Chosen, today: date, sort: str = "relevance", *, literal: bool = False
) -> Asked:
    """Never raises: what cannot be read as a command is read as words, and `problems` says so. `chosen` holds what
    `read_chosen` let through."""
    text = text.strip()[:LONGEST_QUERY]
    parsed = parse(text)
    problems = list(parsed.problems)
    parts: list[Part] = []
    lost: list[str] = []
    for piece in parsed.commands:
        codes, problem = _values(vocabulary, piece) if piece.kind == "field" else ((), None)
        if problem is None:
            parts.append(Part(piece, codes))
        else:
            problems.append(problem)
            lost += [] if piece.negated else [piece.text]
    words = " ".join(filter(None, (parsed.words, *lost)))
    phrases = [Phrase(signs(each.piece.text)) for each in parts if each.piece.kind == "phrase" and not each.piece.negated]
    no_phrases = [Phrase(signs(each.piece.text)) for each in parts if each.piece.kind == "phrase" and each.piece.negated]
    for each in parts:
        looked_up = _looked_up(each.piece)
        if looked_up is not None:
            (no_phrases if each.piece.negated else phrases).append(looked_up)
    kinds, filters = _filters(chosen, parts, today)
    return Asked(
        text=text,
        chosen=chosen,
        parsed=parsed,
        parts=tuple(parts),
        problems=tuple(problems),
        words=words,
        terms=terms(words),
        exact=_exact(parsed, parts, words),
        kinds=kinds,
        filters=filters,
        phrases=tuple(phrases),
        no_phrases=tuple(no_phrases),
        sort=sort,
        also=expand(vocabulary.synonyms, words, filters.industries),
        literal=literal,
    )


def _exact(parsed: Parsed, parts: list[Part], words: str) -> str:
    """All words together, or the one phrase, or the one number that was asked for."""
    numbers = [each.piece.text for each in parts if each.piece.field == "number" and not each.piece.negated]
    if not words and len(numbers) == 1:
        return numbers[0]
    wanted = [each for each in parsed.pieces if each.kind != "field" and not each.negated]
    return words if len(wanted) <= 1 else ""


def _looked_up(piece: Piece) -> Phrase | None:
    """Fields that are looked up in a text rather than filtered by."""
    if piece.field == "number":
        return Phrase(signs(number_key(piece.text)), "numbers")
    if piece.field in ("organisation", "title"):
        return Phrase(signs(piece.text), "owner" if piece.field == "organisation" else "title")
    return None


def _values(vocabulary: Vocabulary, piece: Piece) -> tuple[tuple[str, ...], Problem | None]:
    """The codes that a field's text stands for, several of them between commas, or why it stands for none."""
    if piece.field == "price":
        try:
            return (), None if parse_money(piece.text) is not None else Problem("bad_value", piece.text, "price")
        except InvalidInput:
            return (), Problem("bad_value", piece.text, "price")
    if piece.field not in BY_NAME:
        is_something = signs(number_key(piece.text) if piece.field == "number" else piece.text)
        return (), None if is_something else Problem("bad_value", piece.text, piece.field)
    found: list[str] = []
    for typed in piece.text.replace("、", ",").replace("，", ",").replace("|", ",").split(","):
        if not typed.strip():
            continue
        codes, near = vocabulary.find(piece.field, typed.strip())
        if not codes:
            return (), Problem("unknown_value", typed.strip(), piece.field, near)
        found += codes
    codes = tuple(dict.fromkeys(found))
    return codes, None if codes else Problem("bad_value", piece.text, piece.field)


def _filters(chosen: Chosen, parts: list[Part], today: date) -> tuple[frozenset[Kind], Filters]:
    wanted: dict[str, set[str]] = {}
    without: dict[str, set[str]] = {}
    for each in FILTERS:
        if each.type == "codes" and each.name in chosen:
            (without if each.is_without else wanted).setdefault(each.attribute, set()).update(chosen[each.name])
    for part in parts:
        if part.filter and part.codes:
            place = without if part.piece.negated else wanted
            place.setdefault(BY_NAME[part.filter].attribute, set()).update(part.codes)
    kinds: frozenset[Kind] = frozenset(each for each in ("result", "need") if each in wanted.get("kind", ()))
    plain = {name: frozenset(values) for name, values in wanted.items() if name not in ("kind", "zone", "industry")}
    return kinds, Filters(
        zones=frozenset(wanted.get("zone", ())),
        industries=frozenset(wanted.get("industry", ())),
        facets=plain,
        without={name: frozenset(values) for name, values in without.items()},
        spans=_spans(chosen, parts, today),
    )


def _spans(chosen: Chosen, parts: list[Part], today: date) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    low, high = money(chosen, "price_from"), money(chosen, "price_to")
    for part in parts:
        if part.piece.field == "price" and not part.piece.negated:
            sums = parse_money(part.piece.text)
            low, high = (sums.low, sums.high) if sums is not None else (low, high)
    if low is not None or high is not None:
        found["price"] = (_yuan(low), _yuan(high))
    if "expiring" in chosen:
        found["expires"] = (float(today.toordinal()), float(today.toordinal() + int(chosen["expiring"][0])))
    return found


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / FEN_PER_YUAN


def without_filter(asked: Asked, name: str, vocabulary: Vocabulary, today: date) -> Asked:
    """The same without a filter; a price loses both its ends."""
    dropped = {"price_from", "price_to"} if name.startswith("price") else {name}
    chosen = {each: values for each, values in asked.chosen.items() if each not in dropped}
    return understand(vocabulary, asked.text, chosen, today, asked.sort, literal=asked.literal)


def without_part(asked: Asked, part: Part, vocabulary: Vocabulary, today: date) -> Asked:
    """The same without one command."""
    return understand(vocabulary, asked.parsed.without(part.piece), asked.chosen, today, asked.sort, literal=asked.literal)


def without_all(asked: Asked) -> Asked:
    """The words alone."""
    return replace(asked, chosen={}, parts=(), kinds=frozenset(), filters=Filters(), phrases=(), no_phrases=())


def address_of(asked: Asked) -> Mapping[str, tuple[str, ...]]:
    """What an address says of a search, in the filters' order: parameters of a page, of a link and of the API."""
    return {each.name: asked.chosen[each.name] for each in FILTERS if each.name in asked.chosen}
