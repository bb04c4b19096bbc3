"""`zonematch import`: the same plan and commit as the pages', to their end in one process."""

from pathlib import Path

import pytest
from sqlmodel import select

from api.boot import prepare
from api.settings import Settings
from api.sheets import import_file
from api.wiring import make_database
from matching.errors import InvalidInput, UnusableFile
from matching.model import ImportBatch, Listing, ListingState

SHEET = """技术需求名称,单位名称,技术需求详情,战略产业,导师意见
电池片正面银浆降耗,常州新来光伏有限公司,单片银耗降到 70 mg 以下。,光伏,很好
硅片隐裂在线检测,常州新来光伏有限公司,节拍 0.8 秒以内。,光服,
电池片正面银浆降耗,常州新来光伏有限公司,单片银耗降到 70 mg 以下。,光伏,
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "data", encoder="hashing", demo=False)
    prepare(settings)
    return settings


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "需求.csv"
    path.write_text(SHEET, "utf-8")
    return path


def stored(settings: Settings) -> list[Listing]:
    database = make_database(settings)
    try:
        with database.read() as session:
            return list(session.exec(select(Listing)))
    finally:
        database.close()


def test_without_commit_only_the_plan_is_shown(settings: Settings, sheet: Path) -> None:
    told: list[tuple[int, int]] = []
    report = import_file(settings, "needs", sheet, "changzhou", commit=False, progress=lambda *at: told.append(at))
    assert report["state"] == "planned"
    assert report["counts"] == {"new": 1, "update": 0, "skip": 1, "error": 1}
    assert report["written"] == 0
    assert report["ignored"] == ["导师意见"]
    assert list(report["errors"]) == [3]
    assert "光服" in report["errors"][3]
    assert told[0] == (0, 3)
    assert stored(settings) == []


def test_with_commit_the_rows_are_written_and_published(settings: Settings, sheet: Path) -> None:
    report = import_file(settings, "needs", sheet, "changzhou", commit=True, progress=lambda done, total: None)
    assert (report["state"], report["written"]) == ("done", 1)
    (listing,) = stored(settings)
    assert listing.state == ListingState.PUBLISHED
    again = import_file(settings, "needs", sheet, "changzhou", commit=True, progress=lambda done, total: None)
    assert (again["written"], again["counts"]["skip"]) == (0, 2)
    assert len(stored(settings)) == 1


def test_what_cannot_be_imported_leaves_nothing(settings: Settings, sheet: Path, tmp_path: Path) -> None:
    def run(kind: str, file: Path, zone: str) -> None:
        import_file(settings, kind, file, zone, commit=True, progress=lambda done, total: None)

    with pytest.raises(UnusableFile, match="file_missing"):
        run("needs", tmp_path / "nothing.csv", "changzhou")
    with pytest.raises(UnusableFile, match="file_other_kind"):
        run("results", sheet, "changzhou")
    with pytest.raises(InvalidInput, match="zone: unknown_code"):
        run("needs", sheet, "atlantis")
    with pytest.raises(InvalidInput, match="kind: unknown_code"):
        run("people", sheet, "changzhou")
    database = make_database(settings)
    with database.read() as session:
        assert session.exec(select(ImportBatch)).all() == []
    database.close()
    assert stored(settings) == []
