"""A listing as somebody typed it, and the one set of rules for taking it: forms, sheets and the API all come through here.

`validate` is pure: the code lists and the date are given to it, nothing is read. `known_codes` reads them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, date
from typing import Final

from sqlmodel import Session

from matching.content import Content, Indicator, IpRight, Sum
from matching.draft_rows import Problems, check_indicators, check_rights
from matching.errors import FieldError, InvalidInput
from matching.model import Layer, ListingKind, TagState
from matching.model.fields import AMOUNT_FIELDS, BY_CODE, CONTACTS, DAY_FIELDS, TAG_FIELDS, ListingField, fields_of
from matching.money import MAX_FEN
from matching.reference import Code, bounds_of, code_lists, industries, zones
from matching.typed_text import clean_line, clean_text, has_words, is_broken, shown

LONGEST_VALID_YEARS: Final = 3
LONGEST_PLAN_YEARS: Final = 20
MAX_INDUSTRIES: Final = 6
MAX_DECLINED: Final = 200
CONTACT_LIMIT: Final = 300
EARLIEST: Final = date(1900, 1, 1)
HIGHEST_TRL: Final = 13
REQUIRED_ON_SUBMIT: Final = {ListingKind.RESULT: "summary", ListingKind.NEED: "detail"}
_CONTACT_CODES: Final = frozenset(each.code for each in CONTACTS)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_FIGURE_KEY: Final = re.compile(r"[0-9a-f]{12}")
_AMOUNTS: Final = frozenset(each.code for each in AMOUNT_FIELDS)
_DAYS: Final = frozenset(each.code for each in DAY_FIELDS)
_PUBLIC_ID: Final = re.compile(r"[a-z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class ListingDraft:
    """The whole listing as its owner wants it, not a change to it: who knows a part only starts from `from_content`.

    `organisation` is the owner's public id (None: the only one the actor acts for), `addressed_zone` a zone's code,
    `industries` codes that the owner names himself. Money is in fen; both bounds None is 面议. `layers` overrides the
    catalogue's layer of a field. `tags`, `amounts` and `days` by the code of their field. `declined` are keys of figures that
    were proposed from the texts and turned down. `contacts` by kind: a kind left out stays as it is stored, an empty value
    removes it.
    """

    kind: ListingKind
    title: str
    organisation: str | None = None
    addressed_zone: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    ip: tuple[IpRight, ...] = ()
    modes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    maturity: str | None = None
    trl: int | None = None
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    need_type: str | None = None
    completed_on: date | None = None
    wanted_by: date | None = None
    valid_until: date | None = None
    contacts: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[str, Sum] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """Today's code lists (list → code → value), industries and zones, read once for any number of drafts.

    `lists` hold what is offered, `retired` what is not any more; industries and zones are all there, for entries go on naming
    them: `closed` are those of them that nobody may name anew.
    """

    lists: Mapping[str, Mapping[str, Code]]
    industries: Mapping[str, int]
    zones: Mapping[str, int]
    retired: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    def trl_of(self, maturity: str | None) -> tuple[int, int] | None:
        """The crosswalk's TRL bounds of a maturity, where it has any, retired or not."""
        offered, retired = (lists.get("maturity", {}).get(maturity or "") for lists in (self.lists, self.retired))
        return bounds_of(offered or retired)

    def keeping(self, held: "ListingDraft") -> "KnownCodes":
        """The same for a text that already says what `held` says: retired values that stand in it may stay."""
        if not self.closed and not any(self.retired.values()):
            return self
        said: dict[str, set[str | None]] = {
            "maturity": {held.maturity}, "need_type": {held.need_type}, "cooperation": {*held.modes},
            "ip_kind": {each.kind for each in held.ip}, "ip_status": {each.status for each in held.ip},
            **{each.code_list or "": {*held.tags.get(each.code, ())} for each in TAG_FIELDS},
        }  # fmt: skip
        kept = {name: {code: value for code, value in self.retired.get(name, {}).items() if code in said.get(name, ())}
                for name in self.lists}  # fmt: skip
        return replace(
            self,
            lists={name: {**values, **kept[name]} for name, values in self.lists.items()},
            closed=self.closed - {*held.industries, held.addressed_zone or ""},
        )


def known_codes(session: Session) -> KnownCodes:
    """What `validate` compares with, as it stands in this session."""
    names = ("maturity", "cooperation", "need_type", "ip_kind", "ip_status", *(each.code_list or "" for each in TAG_FIELDS))
    lists, nodes, all_zones = code_lists(session), industries(session).values(), zones(session)
    return KnownCodes(
        {name: {code: value for code, value in lists.get(name, {}).items() if not value.retired} for name in names},
        {node.code: node.id for node in nodes},
        {zone.code: zone.id for zone in all_zones},
        {name: {code: value for code, value in lists.get(name, {}).items() if value.retired} for name in names},
        frozenset({node.code for node in nodes if node.retired} | {zone.code for zone in all_zones if zone.retired}),
    )


def add_years(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th, and the calendar ends with the year 9999."""
    year = min(day.year + years, MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def from_content(content: Content, known: KnownCodes) -> ListingDraft:
    """The draft that would make this content again: what an edit form starts from. Contacts are left as they are."""
    crosswalk = known.trl_of(content.maturity)
    stated = content.trl[0] if content.trl and content.trl != crosswalk and content.trl[0] == content.trl[1] else None
    zone_codes = {id_: code for code, id_ in known.zones.items()}
    return ListingDraft(
        kind=content.kind,
        title=content.title,
        organisation=content.organisation.public_id,
        addressed_zone=zone_codes.get(content.addressed_zone_id) if content.addressed_zone_id else None,
        texts=dict(content.texts),
        indicators=content.indicators,
        ip=content.ip,
        modes=content.modes,
        industries=tuple(tag.code for tag in content.industries if tag.state == TagState.CONFIRMED),
        maturity=content.maturity,
        trl=stated,
        price_min_fen=content.price_min_fen,
        price_max_fen=content.price_max_fen,
        need_type=content.need_type,
        completed_on=content.completed_on,
        wanted_by=content.wanted_by,
        valid_until=content.valid_until,
        layers={code: layer for code, layer in content.layers.items() if code in BY_CODE and layer != BY_CODE[code].layer.value},
        tags=dict(content.tags),
        amounts=dict(content.amounts),
        days=dict(content.days),
        declined=content.declined,
    )


def validate(draft: ListingDraft, known: KnownCodes, today: date, *, submit: bool) -> ListingDraft:
    """The draft in storable form. Raises `InvalidInput` with every error at once, never anything else.

    `submit` asks for what staff need to read it: the owner and the main text. A draft needs a title only.
    """
    problems = Problems()
    catalogue = {each.code: each for each in fields_of(draft.kind)}
    clean = replace(
        draft,
        title=_title(draft.title, problems),
        organisation=_identifier("organisation", draft.organisation, problems),
        addressed_zone=_code("addressed_zone", draft.addressed_zone, known.zones.keys() - known.closed, problems),
        texts=dict(_texts(draft.texts, catalogue, problems)),
        indicators=check_indicators(draft.indicators, problems),
        ip=check_rights(draft.ip, known.lists.get("ip_kind", {}), known.lists.get("ip_status", {}), today, problems),
        modes=_codes("modes", draft.modes, known.lists.get("cooperation", {}), problems),
        industries=_codes("industries", draft.industries, known.industries.keys() - known.closed, problems),
        maturity=_code("maturity", draft.maturity, known.lists.get("maturity", {}), problems),
        need_type=_code("need_type", draft.need_type, known.lists.get("need_type", {}), problems),
        contacts=dict(_contacts(draft.contacts, problems)),
        layers=dict(_layers(draft.layers, catalogue, problems)),
        tags=dict(_tags(draft.tags, known, problems)),
        amounts={code: amount for code, amount in draft.amounts.items() if amount != (None, None)},
        days=dict(draft.days),
        declined=_declined(draft.declined, problems),
    )
    _only_for_its_kind(clean, catalogue, problems)
    _figures(clean, problems)
    _level(clean, known, problems)
    _dates(clean, today, submit, problems)
    if submit:
        main = REQUIRED_ON_SUBMIT[draft.kind]
        if not clean.texts.get(main) and not problems.has(main):
            problems.add(main, "required")
        if clean.organisation is None and not problems.has("organisation"):
            problems.add("organisation", "required")
    if problems.found:
        raise InvalidInput(*(_told(each, known) for each in problems.found))
    return clean


def _told(error: FieldError, known: KnownCodes) -> FieldError:
    """That a value is retired, and not that nobody knows it."""
    value = error.params.get("value")
    is_retired = value in known.closed or any(value in values for values in known.retired.values())
    return replace(error, code="retired_code") if error.code == "unknown_code" and is_retired else error


def _title(typed: str, problems: Problems) -> str:
    title = _line("title", typed, BY_CODE["title"].limit, problems)
    if not problems.has("title"):
        if not title:
            problems.add("title", "required")
        elif not has_words(title):
            problems.add("title", "meaningless")
    return title


def _line(name: str, typed: str, limit: int, problems: Problems) -> str:
    if is_broken(typed):
        problems.add(name, "control_characters")
    return problems.fit(name, clean_line(typed), limit)


def _texts(typed: Mapping[str, str], catalogue: Mapping[str, ListingField], problems: Problems) -> Iterator[tuple[str, str]]:
    for code, text in typed.items():
        spec = catalogue.get(code)
        if spec is None or spec.stored != "texts":
            if text.strip():
                problems.add(*((code, "not_for_kind") if code in BY_CODE else (shown(code), "unknown_field")))
            continue
        if is_broken(text):
            problems.add(code, "control_characters")
        clean = problems.fit(code, clean_text(text) if spec.type == "text" else clean_line(text), spec.limit)
        if clean:
            yield code, clean


def _identifier(name: str, typed: str | None, problems: Problems) -> str | None:
    if not typed:
        return None
    if not _PUBLIC_ID.fullmatch(typed):
        problems.add(name, "unknown_code", value=shown(typed))
    return typed


def _code(name: str, typed: str | None, known: Collection[str], problems: Problems) -> str | None:
    if not typed:
        return None
    if typed not in known:
        problems.add(name, "unknown_code", value=shown(typed))
    return typed


def _codes(name: str, typed: tuple[str, ...], known: Collection[str], problems: Problems) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(each for each in typed if each))
    for each in chosen:
        if each not in known:
            problems.add(name, "unknown_code", value=shown(each))
    if name == "industries" and len(chosen) > MAX_INDUSTRIES:
        problems.add(name, "too_many", limit=MAX_INDUSTRIES)
    return chosen


def _tags(typed: Mapping[str, tuple[str, ...]], known: KnownCodes, problems: Problems) -> Iterator[tuple[str, tuple[str, ...]]]:
    """In the order of their codes, as they are stored: two drafts that say the same are equal."""
    lists = {each.code: known.lists.get(each.code_list or "", {}) for each in TAG_FIELDS}
    for code, chosen in typed.items():
        if code not in lists:
            problems.add(shown(code), "unknown_field")
        elif clean := tuple(sorted(_codes(code, chosen, lists[code], problems))):
            yield code, clean


def _declined(typed: tuple[str, ...], problems: Problems) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(typed))
    if len(chosen) > MAX_DECLINED or any(not _FIGURE_KEY.fullmatch(each) for each in chosen):
        problems.add("indicators", "too_many", limit=MAX_DECLINED)
        return ()
    return chosen


def _contacts(typed: Mapping[str, str], problems: Problems) -> Iterator[tuple[str, str]]:
    """Errors name the field only: what was typed is personal and goes into no message."""
    for kind, text in typed.items():
        if kind not in _CONTACT_CODES:
            problems.add(shown(kind), "unknown_field")
            continue
        value = _line(kind, text, CONTACT_LIMIT, problems)
        if kind == "email" and value and not _EMAIL.fullmatch(value):
            problems.add(kind, "bad_email")
        yield kind, value


def _layers(typed: Mapping[str, str], catalogue: Mapping[str, ListingField], problems: Problems) -> Iterator[tuple[str, str]]:
    """The title and the industries are always public: what may be found at all has a name and a place. What is the owner's
    own by its nature (a floor price) is opened to nobody."""
    for code, layer in typed.items():
        if code not in catalogue:
            problems.add("layers", "unknown_field", value=shown(code))
        elif layer not in {each.value for each in Layer}:
            problems.add("layers", "unknown_code", value=shown(layer))
        elif code in ("title", "industries") and layer != Layer.PUBLIC.value:
            problems.add("layers", "always_public", value=code)
        elif catalogue[code].layer is Layer.OWN and layer != Layer.OWN.value:
            problems.add("layers", "always_own", value=code)
        else:
            yield code, layer


def _only_for_its_kind(draft: ListingDraft, catalogue: Mapping[str, ListingField], problems: Problems) -> None:
    for code, value in (
        ("ip", draft.ip),
        ("need_type", draft.need_type),
        ("completed_on", draft.completed_on),
        ("wanted_by", draft.wanted_by),
        *draft.tags.items(),
        *draft.amounts.items(),
        *draft.days.items(),
    ):
        if value and code not in catalogue:
            problems.add(shown(code), "not_for_kind")


def _figures(draft: ListingDraft, problems: Problems) -> None:
    if draft.trl is not None and not 1 <= draft.trl <= HIGHEST_TRL:
        problems.add("trl", "out_of_range", low=1, high=HIGHEST_TRL)
    _sum("price", (draft.price_min_fen, draft.price_max_fen), problems)
    for code, amount in draft.amounts.items():
        if code not in _AMOUNTS:
            problems.add(shown(code), "unknown_field")
        else:
            _sum(code, amount, problems)


def _level(draft: ListingDraft, known: KnownCodes, problems: Problems) -> None:
    """A stage of the scale of levels says the level itself; another beside it would contradict it."""
    value = known.lists.get("maturity", {}).get(draft.maturity or "")
    is_level = value is not None and value.facts.get("scale") == "trl"
    if draft.trl is not None and is_level and (draft.trl, draft.trl) != known.trl_of(draft.maturity) and not problems.has("trl"):
        problems.add("trl", "trl_differs")


def _sum(name: str, amount: Sum, problems: Problems) -> None:
    bounds = [each for each in amount if each is not None]
    if any(each < 0 for each in bounds):
        problems.add(name, "negative_money")
    elif any(each > MAX_FEN for each in bounds):
        problems.add(name, "too_large")
    elif len(bounds) == 2 and bounds[0] > bounds[1]:
        problems.add(name, "min_over_max")


def _dates(draft: ListingDraft, today: date, submit: bool, problems: Problems) -> None:
    """The day a result was finished is a month to most people: any day of this month passes."""
    if draft.completed_on is not None:
        if draft.completed_on < EARLIEST:
            problems.add("completed_on", "out_of_range", low=EARLIEST.year, high=today.year)
        elif (draft.completed_on.year, draft.completed_on.month) > (today.year, today.month):
            problems.add("completed_on", "date_in_future")
    if draft.wanted_by is not None and submit and draft.wanted_by < today:
        problems.add("wanted_by", "date_in_past")
    for code, day in draft.days.items():
        if code not in _DAYS:
            problems.add(shown(code), "unknown_field")
        elif not EARLIEST <= day <= add_years(today, LONGEST_PLAN_YEARS):
            problems.add(code, "out_of_range", low=EARLIEST.year, high=today.year + LONGEST_PLAN_YEARS)
    delivery, acceptance = draft.days.get("delivery_on"), draft.days.get("acceptance_on")
    if delivery and acceptance and acceptance < delivery:
        problems.add("acceptance_on", "accepted_before_delivered")
    check_valid_until(draft.valid_until, today, problems)


def check_valid_until(until: date | None, today: date, problems: Problems) -> None:
    """Open until a day that is still to come, at most three years ahead. None is the default of one year."""
    if until is None:
        return
    if until < today:
        problems.add("valid_until", "date_in_past")
    elif until > add_years(today, LONGEST_VALID_YEARS):
        problems.add("valid_until", "too_far", years=LONGEST_VALID_YEARS)
