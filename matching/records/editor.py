"""Reading and changing records: lists with search, one record, its history; make, change, retire, restore, take back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.draft_rows import Problems
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, StaleRevision
from matching.events import IndustryChanged, IndustryWordsChanged, ZonesChanged
from matching.model import CodeValue, ReferenceChange, Zone, ZoneIndustry, new_public_id
from matching.records.history import UNDOABLE, ChangeView, changes_of, last_changes, standing, write_change
from matching.records.kinds import RecordKind, kind_of
from matching.records.values import RETIRED, Choices, Typed, put, read, values_of
from matching.reference import ancestors_by_id, industries
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line
from search.text import terms

Standing = Literal["current", "retired", "all"]
_CONTENT = ("keywords", "aliases", "parent", "description", "name", RETIRED)
"""Fields of an industry by which listings are found to be in it."""
_WORDS = ("name", "name_en", "keywords", "aliases", RETIRED)
"""Fields of an industry that are offered as words to search by."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record in a list. `depth` is its place in the tree; `changed_at` is None for one that stands as seeded."""

    key: str
    name: str
    name_en: str
    values: Mapping[str, Any]
    retired: bool
    depth: int
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    kind: RecordKind
    items: tuple[RecordLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RecordView:
    """`version` is what a change must have seen. `may_change` and `may_retire` are the actor's; `history` newest first."""

    kind: RecordKind
    key: str
    name: str
    name_en: str
    values: Mapping[str, Any]
    version: int
    retired: bool
    may_change: bool
    may_retire: bool
    history: tuple[ChangeView, ...]


def may_write(actor: Actor, kind: RecordKind, zones: Collection[int] = ()) -> bool:
    """Administrators write all, staff what is in the charge of their zones (`in_charge`): the zone's own record, and records
    of its strategic industry; nobody under a demonstration account."""
    return not actor.demo and access.is_allowed(actor, _action(kind), zones=zones)


def may_add(session: Session, actor: Actor, kind: RecordKind) -> bool:
    """Whether the actor may make one: of an industry, whoever's zone leads in some industry."""
    if not kind.own_industry:
        return may_write(actor, kind)
    return any(may_write(actor, kind, in_charge(session, kind, None, node.code)) for node in industries(session).values())


def in_charge(session: Session, kind: RecordKind, row_id: int | None, industry: str | None = None) -> frozenset[int]:
    """The zones whose staff write a record: itself, where it is a zone; of a record of an industry those that lead in the
    industry (its code) or in what lies above it."""
    if kind.own_zone and row_id is not None:
        return frozenset({row_id})
    if not kind.own_industry or industry is None:
        return frozenset()
    ids = {node.code: node.id for node in industries(session).values()}
    line = ancestors_by_id(session).get(ids.get(industry, 0), ())
    leading = select(ZoneIndustry.zone_id).where(col(ZoneIndustry.active), col(ZoneIndustry.industry_id).in_(line))
    return frozenset(session.exec(leading).all())


def listed(
    session: Session,
    actor: Actor,
    kind_name: str,
    *,
    words: str = "",
    which: Standing = "all",
    offset: int = 0,
    limit: int = 50,
) -> RecordPage:
    """Records that hold every word in their code, names or lists of words; a tree in its order, each below its parent."""
    access.require(actor, "reference.read")
    kind, choices = kind_of(session, kind_name), Choices(session)
    rows = list(session.exec(_rows(kind).order_by(*_order(kind))).all())
    depths = _tree(kind, rows)
    wanted = clean_line(words).casefold().split()
    found = [
        (row, depth)
        for row, depth in depths
        if (which == "all" or (row.valid_until is None) == (which == "current"))
        and all(word in _searched(row) for word in wanted)
    ]
    shown = found[offset : offset + limit]
    changed = last_changes(session, kind.name, [row.code for row, _ in shown])
    lines = tuple(
        RecordLine(
            row.code, row.name, row.name_en, values_of(kind, row, choices), row.valid_until is not None,
            depth if not wanted else 0, *changed.get(row.code, (None, "")),
        )
        for row, depth in shown
    )  # fmt: skip
    return RecordPage(kind, lines, len(found))


def get(session: Session, actor: Actor, kind_name: str, key: str) -> RecordView:
    """Raises `NotFound`, `SignInNeeded`."""
    access.require(actor, "reference.read")
    kind = kind_of(session, kind_name)
    row = _row(session, kind, key)
    values = values_of(kind, row, Choices(session))
    may = may_write(actor, kind, in_charge(session, kind, row.id, values.get("industry")))
    return RecordView(
        kind, row.code, row.name, row.name_en, values, getattr(row, kind.version), row.valid_until is not None, may,
        may and _may_retire(actor, kind), changes_of(session, kind.name, row.code),
    )  # fmt: skip


def create(unit: UnitOfWork, actor: Actor, kind_name: str, typed: Typed) -> str:
    """A new record; its key. Raises `InvalidInput` (all fields at once), `NotFound`, `SignInNeeded`, `MayNot`."""
    session = unit.session
    kind, choices = kind_of(session, kind_name), Choices(session)
    if not kind.own_industry:
        _require(actor, kind, ())
    problems = Problems()
    values = read(kind, _with_defaults(session, kind, typed), {}, choices, problems, is_new=True)
    if kind.own_industry and not may_add(session, actor, kind):
        _require(actor, kind, ())
    _check(session, kind, None, values, choices, problems)
    _require(actor, kind, in_charge(session, kind, None, values.get("industry")))
    row: Any = kind.table(**({"list_code": kind.list_code, "facts": {}} if kind.list_code else {}))
    put(kind, row, values, choices)
    session.add(row)
    session.flush()
    write_change(unit, actor, kind.name, row.code, "create", {}, values_of(kind, row, Choices(session)))
    _tell(unit, kind, row, {}, values)
    return str(row.code)


def change(unit: UnitOfWork, actor: Actor, kind_name: str, key: str, typed: Typed, *, seen_version: int | None = None) -> str:
    """What was typed over what the record holds. Raises `StaleRevision` and what `create` raises."""
    session = unit.session
    kind, choices = kind_of(session, kind_name), Choices(session)
    row = _locked(session, actor, kind, key, seen_version)
    before = values_of(kind, row, choices)
    problems = Problems()
    after = read(kind, typed, before, choices, problems, is_new=False)
    _check(session, kind, row, after, choices, problems)
    if after.get("industry") != before.get("industry"):
        _require(actor, kind, in_charge(session, kind, row.id, after.get("industry")))
    _write(unit, actor, kind, row, "change", before, after, choices)
    return str(row.code)


def retire(unit: UnitOfWork, actor: Actor, kind_name: str, key: str, *, seen_version: int | None = None) -> None:
    """Offered no more from today; what names it goes on naming it. Raises `IllegalMove` where it is retired already."""
    _set_retired(unit, actor, kind_name, key, seen_version, is_retired=True)


def restore(unit: UnitOfWork, actor: Actor, kind_name: str, key: str, *, seen_version: int | None = None) -> None:
    _set_retired(unit, actor, kind_name, key, seen_version, is_retired=False)


def undo(unit: UnitOfWork, actor: Actor, kind_name: str, key: str, change_id: int) -> None:
    """Take the record's newest standing change back, by a change of its own; a record that was made is retired.

    Raises `IllegalMove` (`newer_changes`, or `undone` already), `InvalidInput` where the old values no longer fit.
    """
    session = unit.session
    kind, choices = kind_of(session, kind_name), Choices(session)
    row = _locked(session, actor, kind, key, None)
    made = session.get(ReferenceChange, change_id)
    if made is None or (made.record, made.key) != (kind.name, row.code):
        raise NotFound(kind="change")
    top = standing(session, kind.name, row.code)
    if top is None or top.id != made.id or made.action not in UNDOABLE:
        raise IllegalMove("newer_changes", move="undo", state=made.action)
    if made.action != "change" and not _may_retire(actor, kind):
        raise MayNot(action=_action(kind))
    before = values_of(kind, row, choices)
    if made.action == "create":
        after = before | {RETIRED: unit.today().isoformat()}
    else:
        after = before | {name: made.before.get(name) for name in made.after}
    problems = Problems()
    for field in kind.fields:
        if after.get(field.name) != before.get(field.name):
            read(kind, {field.name: after.get(field.name)}, before, choices, problems, is_new=False)
    _check(session, kind, row, after, choices, problems)
    _write(unit, actor, kind, row, "undo", before, after, choices, undoes_id=made.id)


def history(session: Session, actor: Actor, kind_name: str, key: str) -> tuple[ChangeView, ...]:
    access.require(actor, "reference.read")
    kind = kind_of(session, kind_name)
    return changes_of(session, kind.name, _row(session, kind, key).code)


def _set_retired(unit: UnitOfWork, actor: Actor, kind_name: str, key: str, seen_version: int | None, *, is_retired: bool) -> None:
    session = unit.session
    kind, choices = kind_of(session, kind_name), Choices(session)
    row = _locked(session, actor, kind, key, seen_version)
    if not _may_retire(actor, kind):  # the staff of a zone change it; whether there is one, administrators say
        raise MayNot(action=_action(kind))
    if (row.valid_until is not None) == is_retired:
        raise IllegalMove("already_so", move="retire" if is_retired else "restore", state="retired" if is_retired else "current")
    before = values_of(kind, row, choices)
    after = before | {RETIRED: unit.today().isoformat() if is_retired else None}
    _write(unit, actor, kind, row, "retire" if is_retired else "restore", before, after, choices)


def _write(
    unit: UnitOfWork,
    actor: Actor,
    kind: RecordKind,
    row: Any,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    choices: Choices,
    *,
    undoes_id: int | None = None,
) -> None:
    if before == after:
        return
    put(kind, row, after, choices)
    setattr(row, kind.version, getattr(row, kind.version) + 1)
    unit.session.add(row)
    write_change(unit, actor, kind.name, row.code, action, before, after, undoes_id=undoes_id)
    _tell(unit, kind, row, before, after)


def _may_retire(actor: Actor, kind: RecordKind) -> bool:
    """Of those who may change the record: a zone is retired by administrators alone."""
    return not kind.own_zone or may_write(actor, kind)


def _tell(unit: UnitOfWork, kind: RecordKind, row: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """The listings and pairs that a change concerns come after it."""
    if kind.name == "zones" and before.get("candidate") != after.get("candidate"):
        unit.emit(ZonesChanged((row.id or 0,)))
    if kind.name == "industries" and any(before.get(each) != after.get(each) for each in _WORDS):
        unit.emit(IndustryWordsChanged())
    if kind.name == "industries" and before and any(before.get(each) != after.get(each) for each in _CONTENT):
        old_parent = Choices(unit.session).id_of("industries", str(before.get("parent") or ""))
        moved = before.get("parent") != after.get("parent")
        unit.emit(IndustryChanged(row.id or 0, old_parent if moved else None, moved))


def _check(
    session: Session, kind: RecordKind, row: Any | None, values: Mapping[str, Any], choices: Choices, problems: Problems
) -> None:
    """What one field alone does not tell. Raises `InvalidInput` with all that was found."""
    others = [each for each in session.exec(_rows(kind)).all() if row is None or each.id != row.id]
    for name in ("code", *kind.unique):
        if not problems.has(name) and values.get(name) in {getattr(each, name) for each in others}:
            problems.add(name, "taken")
    if kind.tree and row is not None and _is_circle(choices, kind, row, others, values.get(kind.tree)):
        problems.add(kind.tree, "circle")
    numbers = {name: value for name, value in values.items() if isinstance(value, int) and not isinstance(value, bool)}
    for name, low in numbers.items():
        high = numbers.get(f"{name.removesuffix('_low')}_high") if name.endswith("_low") else None
        if high is not None and low > high:
            problems.add(name, "min_over_max")
    if kind.name == "synonyms":
        for name in ("name", "words"):
            held = values.get(name) or []
            if not problems.has(name) and any(not terms(each) for each in ([held] if isinstance(held, str) else held)):
                problems.add(name, "meaningless")
    if kind.own_zone and values.get("candidate") and row is not None and _is_decided(session, row.id):
        problems.add("candidate", "zone_decided")
    if problems.found:
        raise InvalidInput(*problems.found)


def _is_decided(session: Session, zone_id: int) -> bool:
    query = select(ZoneIndustry.id).where(ZoneIndustry.zone_id == zone_id, col(ZoneIndustry.active))
    return session.exec(query).first() is not None


def _is_circle(choices: Choices, kind: RecordKind, row: Any, others: list[Any], parent: str | None) -> bool:
    parents = {each.id: each.parent_id for each in others}
    at = choices.id_of(kind.name, parent) if parent else None
    while at is not None and at != row.id:
        at = parents.get(at)
    return at is not None


def _locked(session: Session, actor: Actor, kind: RecordKind, key: str, seen_version: int | None) -> Any:
    row = _row(session, kind, key, for_update=True)
    held = values_of(kind, row, Choices(session)) if kind.own_industry else {}
    _require(actor, kind, in_charge(session, kind, row.id, held.get("industry")))
    version = getattr(row, kind.version)
    if seen_version is not None and seen_version != version:
        raise StaleRevision(seen=seen_version, current=version)
    return row


def _require(actor: Actor, kind: RecordKind, zones: Collection[int]) -> None:
    access.require(actor, _action(kind), zones=zones)
    access.require_mark(actor, _action(kind), demo=False)


def _action(kind: RecordKind) -> str:
    return "zone.write" if kind.own_zone else "synonym.write" if kind.own_industry else "reference.write"


def _rows(kind: RecordKind) -> Any:
    query: Any = select(kind.table)
    return query.where(CodeValue.list_code == kind.list_code) if kind.list_code else query


def _order(kind: RecordKind) -> tuple[Any, ...]:
    table: Any = kind.table
    return (table.code,) if kind.name == "regions" else (table.position, table.id)


def _row(session: Session, kind: RecordKind, key: str, *, for_update: bool = False) -> Any:
    """The newest row of that key: an older edition of a code list may hold the code, too."""
    table: Any = kind.table
    query = _rows(kind).where(table.code == key).order_by(table.id.desc())
    row = session.exec(query.with_for_update() if for_update else query).first()
    if row is None:
        raise NotFound(kind="record")
    return row


def _with_defaults(session: Session, kind: RecordKind, typed: Typed) -> Typed:
    """A new one comes last; a new code belongs to the edition that its list has now, and a new zone asks of needs what others
    were delivered with."""
    table: Any = kind.table
    last = session.execute(sa.select(sa.func.max(table.position)).where(*_scope(kind))).scalar()
    defaults: dict[str, object] = {"position": str((last or 0) + 1)}
    if kind.table is Zone:
        defaults["need_quality"] = str(Zone.model_fields["need_quality"].default)
    if kind.makes_keys:
        defaults["code"] = new_public_id()
    if kind.list_code:
        newest = session.exec(_rows(kind).order_by(table.id.desc())).first()
        defaults["version"] = newest.version if newest is not None else "1"
    return {**typed, **{name: value for name, value in defaults.items() if not typed.get(name)}}


def _scope(kind: RecordKind) -> tuple[Any, ...]:
    return (CodeValue.list_code == kind.list_code,) if kind.list_code else ()


def _tree(kind: RecordKind, rows: list[Any]) -> list[tuple[Any, int]]:
    """Rows with their depth, each after its parent; as they come where there is no tree."""
    if not kind.tree:
        return [(row, 0) for row in rows]
    below: dict[int | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def walk(parent: int | None, depth: int) -> list[tuple[Any, int]]:
        return [found for row in below.get(parent, []) for found in ((row, depth), *walk(row.id, depth + 1))]

    return walk(None, 0)


def _searched(row: Any) -> str:
    words = (getattr(row, each, None) or [] for each in ("keywords", "aliases", "ipc", "words"))
    texts = [row.code, row.name, row.name_en, getattr(row, "description", ""), *(word for each in words for word in each)]
    return "\n".join(texts).casefold()
