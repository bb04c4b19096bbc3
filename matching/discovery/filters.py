"""The filters of a search, defined once: the page, the API and docs/filters.md read them here.

Values are codes as texts, several of one filter are alternatives, filters of different names add up.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, NamedTuple

from sqlmodel import Session, col, select

from matching.errors import FieldError
from matching.held import held
from matching.model import Region
from matching.money import FEN_PER_WAN, MAX_FEN
from matching.reference import Code, IndustryNode, ZoneView, code_lists, industries, zones
from matching.synonyms import Group, read_groups
from matching.typed_text import shown
from search.text import comparison_key

Type = Literal["codes", "money", "days"]


@dataclass(frozen=True, slots=True)
class Filter:
    """`attribute` is what engines call it, `source` where its values come from: a code list, or `kinds`, `zones`,
    `industries`, `regions`, `years`. `is_without`: documents that hold the value are left out."""

    name: str
    attribute: str
    source: str
    is_without: bool = False
    type: Type = "codes"


FILTERS: Final[tuple[Filter, ...]] = (
    Filter("kind", "kind", "kinds"),
    Filter("industry", "industry", "industries"),
    Filter("outside", "industry", "industries", is_without=True),
    Filter("maturity", "maturity", "maturity"),
    Filter("mode", "mode", "cooperation"),
    Filter("price_from", "price", "", type="money"),
    Filter("price_to", "price", "", type="money"),
    Filter("zone", "zone", "zones"),
    Filter("region", "region", "regions"),
    Filter("owner", "organisation_kind", "organisation_kind"),
    Filter("ip", "ip_kind", "ip_kind"),
    Filter("ip_status", "ip_status", "ip_status"),
    Filter("expiring", "expires", "", type="days"),
    Filter("year", "year", "years"),
    Filter("technology_type", "technology_type", "technology_type"),
    Filter("landmark", "landmark", "landmark"),
    Filter("chain", "chain", "chain"),
    Filter("policy", "policy", "policy"),
    Filter("overseas", "overseas", "overseas"),
    Filter("languages", "languages", "language"),
)
"""In the order in which a page offers them."""
BY_NAME: Final = {each.name: each for each in FILTERS}
SORTS: Final = ("relevance", "newest", "expiring")
PRICE_BANDS: Final[tuple[tuple[int | None, int | None], ...]] = ((None, 10), (10, 50), (50, 100), (100, 500), (500, None))
"""万元, both ends included."""
EXPIRY_DAYS: Final = (30, 90, 180)
MOST_DAYS: Final = 3650
MOST_VALUES: Final = 40
_KINDS: Final = (("result", "成果", "Results", ("科技成果",)), ("need", "需求", "Needs", ("技术需求",)))
_YEARS: Final = range(2000, 2101)

Chosen = Mapping[str, tuple[str, ...]]
"""Filter → its values, each once, in the order given; filters without a value are absent."""


class Value(NamedTuple):
    """One value of a filter. `parent` is the code above it in its tree."""

    code: str
    name: str
    name_en: str
    retired: bool = False
    parent: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The reference data of one moment: what values mean. Raw, for whoever names other things on the same page."""

    lists: Mapping[str, Mapping[str, Code]]
    zones: tuple[ZoneView, ...]
    industries: tuple[IndustryNode, ...]
    values: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Source (`Filter.source`) → code → value, in order. Years are open and stand in no list."""
    synonyms: tuple[Group, ...] = ()

    def of(self, name: str) -> Mapping[str, Value]:
        return self.values.get(BY_NAME[name].source, {})

    def value(self, name: str, code: str) -> Value:
        """The value, or one that is called by its code."""
        return self.of(name).get(code) or Value(code, code, code)

    def is_known(self, name: str, code: str) -> bool:
        if BY_NAME[name].source == "years":
            return len(code) == 4 and code.isascii() and code.isdigit() and int(code) in _YEARS
        return code in self.of(name)

    def find(self, name: str, typed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The codes that a name, an alias, a code or the beginning of a name may mean, and if none, names that are near."""
        if self.is_known(name, typed):
            return (typed,), ()
        key = comparison_key(typed)
        keys = {value: _keys(value) for value in self.of(name).values()}
        exact = tuple(value.code for value, names in keys.items() if key in names)
        if exact:
            return exact, ()
        inside = tuple(value.code for value, names in keys.items() if not value.retired and any(key in each for each in names))
        if key and 0 < len(inside) <= _MOST_MEANT:
            return inside, ()
        likeness = {value: max(_likeness(key, each) for each in names) for value, names in keys.items() if not value.retired}
        near = sorted((value for value, like in likeness.items() if like >= _NEAR), key=lambda value: -likeness[value])
        return (), tuple(value.code for value in near[:3])


_MOST_MEANT: Final = 5
_NEAR: Final = 0.5
"""Half the signs the same: 长州 is near 常州."""


def _likeness(key: str, name: str) -> float:
    """Of a name or any part of it as long as what was typed."""
    windows = {name[at : at + len(key)] for at in range(max(1, len(name) - len(key) + 1))}
    return max((difflib.SequenceMatcher(None, key, each, autojunk=False).ratio() for each in windows), default=0.0)


def _keys(value: Value) -> tuple[str, ...]:
    return tuple(filter(None, map(comparison_key, (value.name, value.name_en, value.code, *value.aliases))))


@held
def read_vocabulary(session: Session) -> Vocabulary:
    lists, places, nodes = code_lists(session), zones(session), tuple(industries(session).values())
    rows = session.exec(select(Region).order_by(col(Region.position), col(Region.id))).all()
    above = {row.id: row.code for row in rows}
    values: dict[str, Mapping[str, Value]] = {
        "kinds": {code: Value(code, name, name_en, aliases=also) for code, name, name_en, also in _KINDS},
        "zones": {each.code: Value(each.code, each.name, each.name_en, each.retired) for each in places},
        "industries": {
            each.code: Value(each.code, each.name, each.name_en, each.retired, each.parent, each.aliases) for each in _tree(nodes)
        },
        "regions": {
            row.code: Value(row.code, row.name, row.name_en, row.valid_until is not None, above.get(row.parent_id))
            for row in rows
        },
    }
    for source in {each.source for each in FILTERS if each.source and each.source not in (*values, "years")}:
        values[source] = {
            code: Value(code, each.name, each.name_en, each.retired, aliases=each.aliases)
            for code, each in lists.get(source, {}).items()
        }
    return Vocabulary(lists, places, nodes, values, read_groups(session))


def _tree(nodes: Sequence[IndustryNode]) -> list[IndustryNode]:
    """Parents, each followed by what is below it."""
    below: dict[str | None, list[IndustryNode]] = {}
    for node in nodes:
        below.setdefault(node.parent, []).append(node)

    def walk(parent: str | None) -> list[IndustryNode]:
        return [each for node in below.get(parent, []) for each in (node, *walk(node.code))]

    return walk(None)


def read_chosen(vocabulary: Vocabulary, raw: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple[str, ...]], list[FieldError]]:
    """The values that mean something, and what is wrong with the others: a page passes over these, the API refuses."""
    chosen: dict[str, tuple[str, ...]] = {}
    problems: list[FieldError] = []
    for each in FILTERS:
        typed = list(dict.fromkeys(value.strip() for value in raw.get(each.name, ()) if value.strip()))
        wrong = {value: problem for value in typed if (problem := _wrong(vocabulary, each, value)) is not None}
        problems += wrong.values()
        kept = [value for value in typed if value not in wrong]
        if each.type != "codes" and len(kept) > 1:
            problems.append(FieldError(each.name, "one_value"))
        limit = MOST_VALUES if each.type == "codes" else 1
        if kept:
            chosen[each.name] = tuple(kept[:limit])
    low, high = money(chosen, "price_from"), money(chosen, "price_to")
    if low is not None and high is not None and low > high:
        problems.append(FieldError("price_from", "min_over_max"))
        chosen["price_from"], chosen["price_to"] = chosen["price_to"], chosen["price_from"]
    return chosen, problems


def _wrong(vocabulary: Vocabulary, each: Filter, value: str) -> FieldError | None:
    if each.type == "codes":
        known = vocabulary.is_known(each.name, value)
        return None if known else FieldError(each.name, "unknown_code", {"value": shown(value)})
    if each.type == "money":
        return None if _fen(value) is not None else FieldError(each.name, "not_a_number", {"value": shown(value)})
    is_days = value.isascii() and value.isdigit() and len(value) < 6 and 0 < int(value) <= MOST_DAYS
    return None if is_days else FieldError(each.name, "out_of_range", {"low": 1, "high": MOST_DAYS})


def _fen(wan: str) -> int | None:
    """万元 as typed, to fen; None for what is no sum."""
    try:
        amount = Decimal(wan.replace(",", "")) if len(wan) <= 20 else Decimal("NaN")
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount * FEN_PER_WAN > MAX_FEN:
        return None
    return int(amount * FEN_PER_WAN)


def money(chosen: Chosen, name: str) -> int | None:
    """The sum of a filter, in fen."""
    typed = chosen.get(name)
    return _fen(typed[0]) if typed else None
