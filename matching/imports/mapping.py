"""What nobody knows of a sheet is asked: which of its sheets is meant, what a heading means, what bare amounts are in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlmodel import Session

from matching.access import Actor
from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot
from matching.imports import batches, layout
from matching.imports.headings import CONTACT, IGNORED, Column, guess, targets
from matching.imports.layout import UNITS, Answer
from matching.imports.staging import StagedRow, StagedTable, read_rows, staged_path
from matching.model import ImportBatch, ListingKind
from matching.model.fields import BY_CODE
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line, shown

EXAMPLES: Final = 3
_LOOKED_AT: Final = 200
_EXAMPLE_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """A sheet of the file that could be meant."""

    name: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Question:
    """A column of which something is to be said. `target` is what its heading means, empty where that is asked; then
    `proposal` is what was said the last time (`remembered`) or what it is like, empty for neither. `asks_unit`: amounts stand
    there without a unit, `unit` is the one said the last time."""

    index: int
    heading: str
    examples: tuple[str, ...]
    target: str
    proposal: str
    remembered: bool
    asks_unit: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Questions:
    """`sheet` is the index of the sheet that the questions are about. `known` are its headings that need no answer;
    `targets` what may be answered, `needs_title`: one answer must be the title."""

    sheets: tuple[SheetChoice, ...]
    sheet: int
    asked: tuple[Question, ...]
    known: tuple[Column, ...]
    targets: tuple[str, ...]
    needs_title: bool


def questions(session: Session, actor: Actor, public_id: str, uploads: Path, *, sheet: int | None = None) -> Questions:
    """What is to be asked about the batch, with example cells, which may hold contact data: for whoever uploaded it.

    `sheet` looks at another sheet than the chosen one. Raises `NotFound`, `SignInNeeded`, `MayNot`, `IllegalMove` for a
    batch that asks nothing, `InvalidInput`, `NotReady` (`import_file_gone`).
    """
    batch = _asking(session, actor, public_id)
    tables = _tables(batch)
    chosen = batch.sheet if sheet is None else _sheet(sheet, tables)
    table, kind = tables[chosen], ListingKind(batch.kind)
    rows = read_rows(staged_path(uploads, batch.file_digest, kind, chosen), 0, _LOOKED_AT)
    said = layout.remembered(session, batches.scope_of(session, batch), kind)
    asked = [_question(each, table, kind, said, rows) for each in table.columns if _is_asked(each, table)]
    return Questions(
        sheets=tuple(SheetChoice(each.name, each.rows, len(each.columns)) for each in tables),
        sheet=chosen,
        asked=tuple(asked),
        known=tuple(each for each in table.columns if each.is_read),
        targets=targets(kind),
        needs_title=not table.has_title,
    )


def answer(
    unit: UnitOfWork,
    actor: Actor,
    public_id: str,
    *,
    sheet: int = 0,
    columns: Mapping[int, str],
    units: Mapping[int, str] | None = None,
) -> None:
    """What was said, by column index: a target (or `ignored`), a unit (元, 万元). All that is asked must be answered; then the
    plan is made. The answers are remembered for whoever imports in the same name.

    Raises `InvalidInput` with fields `column-<index>`, `unit-<index>`, `sheet`, `title`; else as `questions`.
    """
    batch = _asking(unit.session, actor, public_id, lock=True)
    tables, kind = _tables(batch), ListingKind(batch.kind)
    table = tables[_sheet(sheet, tables)]
    answers, problems = _answers(table, kind, columns, units or {})
    found = layout.applied(table, answers)
    problems += _clashes(found, answers)
    if not layout.has_title(found):
        problems.append(FieldError("title", "title_column_needed"))
    if problems:
        raise InvalidInput(*problems)
    headings = {each.heading: answers[each.index] for each in table.columns if each.index in answers}
    layout.remember(unit, batches.scope_of(unit.session, batch), kind, headings)
    batch.sheet = sheet
    batch.total_rows = table.rows
    batch.columns = layout.to_json(found)
    unit.audit(
        actor.public_id, "import.answer", "import", batch.public_id, sheet=table.name,
        columns={heading: said.target for heading, said in headings.items()},
    )  # fmt: skip
    batches.start_reading(unit, batch)


def _asking(session: Session, actor: Actor, public_id: str, *, lock: bool = False) -> ImportBatch:
    batch = batches.found_batch(session, actor, public_id, "import.create", lock=lock)
    if batch.created_by_id != actor.person_id:
        raise MayNot(action="import.create")
    if batch.state != "asking":
        raise IllegalMove(move="answer", state=batch.state)
    return batch


def _tables(batch: ImportBatch) -> list[StagedTable]:
    return [layout.table_from_json(each) for each in batch.sheets]


def _sheet(sheet: int, tables: Sequence[StagedTable]) -> int:
    if not 0 <= sheet < len(tables):
        raise InvalidInput(FieldError("sheet", "unknown_code", {"value": str(sheet)}))
    return sheet


def _is_asked(column: Column, table: StagedTable) -> bool:
    return not column.target or layout.unit_is_open(column, table.bare)


def _question(
    column: Column, table: StagedTable, kind: ListingKind, said: Mapping[str, Answer], rows: Sequence[StagedRow]
) -> Question:
    before = said.get(layout.key_of(column.heading))
    like = "" if column.target or before else guess(column.heading, kind)
    if like and not _may_share(like) and any(each.target == like for each in table.columns):
        like = ""
    return Question(
        index=column.index,
        heading=column.heading,
        examples=_examples(column.index, rows),
        target=column.target,
        proposal="" if column.target else before.target if before else like,
        remembered=before is not None,
        asks_unit=column.index in table.bare and (not column.target or layout.unit_is_open(column, table.bare)),
        unit=before.unit if before else "",
    )


def _examples(index: int, rows: Sequence[StagedRow]) -> tuple[str, ...]:
    """The first different cells of a column."""
    cells = (clean_line(row.cells[index])[:_EXAMPLE_LIMIT] for row in rows if index < len(row.cells))
    return tuple(list(dict.fromkeys(each for each in cells if each))[:EXAMPLES])


def _answers(
    table: StagedTable, kind: ListingKind, columns: Mapping[int, str], units: Mapping[int, str]
) -> tuple[dict[int, Answer], list[FieldError]]:
    problems: list[FieldError] = []
    answers: dict[int, Answer] = {}
    for column in table.columns:
        if not _is_asked(column, table):
            continue
        target = column.target or columns.get(column.index, "")
        if target not in (IGNORED, *targets(kind)):
            code = "unknown_code" if target else "required"
            problems.append(FieldError(f"column-{column.index}", code, {"value": shown(target)}))
            continue
        spec = BY_CODE.get(target)
        needs_unit = spec is not None and spec.type == "money" and column.index in table.bare and not column.unit
        said = units.get(column.index, "") if needs_unit else ""
        if needs_unit and said not in UNITS:
            problems.append(FieldError(f"unit-{column.index}", "unit_needed"))
        answers[column.index] = Answer(target, said)
    return answers, problems


def _may_share(target: str) -> bool:
    """Whether several columns may fill it: texts and contacts are joined."""
    spec = BY_CODE.get(target)
    return target.startswith(CONTACT) or (spec is not None and spec.stored == "texts")


def _clashes(columns: Sequence[Column], answers: Mapping[int, Answer]) -> list[FieldError]:
    """Two columns for what only one can say: asked again, at those that were answered."""
    held = {each.target for each in columns if each.is_read and each.index not in answers}
    problems: list[FieldError] = []
    for column in columns:
        if column.index not in answers or not column.is_read or _may_share(column.target):
            continue
        if column.target in held:
            problems.append(FieldError(f"column-{column.index}", "target_taken"))
        held.add(column.target)
    return problems
