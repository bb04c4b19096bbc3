"""Real files for the import's tests, and the short ways to stage, plan and commit them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from matching.access import Actor
from matching.imports import batches
from matching.imports.batches import BatchView, RowView
from matching.imports.sheet import Limits, open_tables
from matching.imports.slices import commit_slice, read_slice
from matching.imports.staging import StagedSheet, stage
from matching.model import ListingKind
from tests.matching.world import World

Cell = str | float | int | bool | None
WRITING = {"strings_to_formulas": False, "strings_to_urls": False}

RESULT: Mapping[str, Cell] = {
    "成果名称": "低铝银浆与激光辅助接触",
    "单位名称": "江南光电大学",
    "成果简介": "浆料中的铝含量压到0.3 wt%以下，随后用激光沿栅线扫描。",
}
NEED: Mapping[str, Cell] = {
    "技术需求名称": "电池片正面银浆单耗再降三成",
    "单位名称": "常州新硅科技有限公司",
    "技术需求详情": "两条线的正面栅线仍用含铝浆，开压卡在721毫伏。",
}


def workbook(path: Path, rows: Sequence[Sequence[Cell]], *, name: str = "Sheet1") -> Path:
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return path


def table(*rows: Mapping[str, Cell]) -> list[list[Cell]]:
    """Headings of all rows in the order they first come, and the rows below them."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return [list(headings), *([row.get(heading) for heading in headings] for row in rows)]


def comma_file(path: Path, rows: Sequence[Sequence[Cell]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def stage_here(path: Path, name: str, kind: ListingKind, uploads: Path, limits: Limits | None = None) -> StagedSheet:
    """`stage` without the reader's own process: the same reading, quicker."""
    return stage(path, name, kind, uploads, limits, read=open_tables)


@dataclass(frozen=True)
class Desk:
    """Imports as one person would, without the worker: the slices are asked for by hand."""

    world: World
    actor: Actor
    folder: Path

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    def stage(self, *rows: Mapping[str, Cell], kind: ListingKind = ListingKind.RESULT) -> StagedSheet:
        path = workbook(self.folder / "upload.xlsx", table(*rows))
        return stage_here(path, "上传.xlsx", kind, self.uploads)

    def begin(self, *rows: Mapping[str, Cell], kind: ListingKind = ListingKind.RESULT, **scope: Any) -> str:
        """Begun; unknown headings are passed over and amounts without a unit are in 万元, unless `ask` is given."""
        return self.world.do(
            batches.begin, self.actor, self.stage(*rows, kind=kind), **({"ask": False, "unit_of_money": "万元"} | scope)
        )

    def plan(self, *rows: Mapping[str, Cell], kind: ListingKind = ListingKind.RESULT, **scope: Any) -> str:
        batch = self.begin(*rows, kind=kind, **scope)
        self.read(batch)
        return batch

    def read(self, batch: str, *, size: int = 500) -> None:
        while read_slice(self.world.database, self.uploads, batch, size=size):
            pass

    def commit(self, batch: str, *, size: int = 200) -> BatchView:
        self.world.do(batches.commit, self.actor, batch)
        while commit_slice(self.world.database, batch, self.actor.person_id, size=size):
            pass
        return self.view(batch)

    def view(self, batch: str) -> BatchView:
        with self.world.database.read() as session:
            return batches.progress(session, self.actor, batch)

    def rows(self, batch: str, verdict: Any = None) -> list[RowView]:
        with self.world.database.read() as session:
            return list(batches.rows(session, self.actor, batch, verdict, limit=200).rows)

    def row(self, batch: str) -> RowView:
        (only,) = self.rows(batch)
        return only


def codes(row: RowView, *, flags: bool = False) -> list[tuple[str, str]]:
    """Field and code of a row's reasons; with `flags` of those alone that say what it is much like."""
    return [(each.field, each.code) for each in row.reasons if (each.level == "flag") == flags]
