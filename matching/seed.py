"""Loads the reference data, and brings what a newer seed holds to an installation that loaded an older one. Idempotent.

Rows that are missing are added; of rows that nobody changed, fields that are still empty are filled. What administrators
wrote, or emptied, stays as they left it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any, Final, TypeVar

from sqlmodel import Session, SQLModel, select

from matching.model import (
    CodeValue,
    Grouping,
    Industry,
    Note,
    ReferenceChange,
    Region,
    SynonymGroup,
    Zone,
    ZoneIndustry,
)
from matching.store.unit import UnitOfWork

_DECIDED_ON: Final = date(2017, 12, 1)
"""The Opinion is undated in the stored text; it builds on documents of 2017 and speaks of 2018 as coming. [K]"""
NOTE: Final = "reference"
"""Key of the `Note` that names the seed that was loaded last."""

Row = TypeVar("Row", bound=SQLModel)


def load_reference(unit: UnitOfWork) -> bool:
    """Regions, zones, industries, the nine pairs of clause 3, groupings and the code lists. True where the database had
    none; an installation that has an older seed is brought up to this one, and False is the answer."""
    text, words = (files("matching").joinpath(f"data/{name}.json").read_text("utf-8") for name in ("reference", "synonyms"))
    data = json.loads(text)
    version = f"{data['version']} {hashlib.sha256(f'{text}{words}'.encode()).hexdigest()[:12]}"
    note = unit.session.get(Note, NOTE)
    if note is not None and note.value == version:
        return False
    seed = _Seed(unit.session)
    seed.regions(data)
    industries = seed.industries(data)
    decided = seed.zones(data, industries)
    for zone_id, industry_id in decided.items():
        unit.session.add(
            ZoneIndustry(
                zone_id=zone_id,
                industry_id=industry_id,
                began_on=_DECIDED_ON,
                source=data["industry_source"],
                created_at=unit.now(),
            )
        )
    seed.groupings(data)
    seed.code_values(data)
    seed.synonyms(json.loads(words), industries)
    unit.session.merge(Note(key=NOTE, value=version))
    unit.audit("system", "reference.load", "reference", version)
    return note is None


def names_in_both() -> list[tuple[str, str]]:
    """Every name of the reference data in Chinese and in English, once each."""
    found: dict[tuple[str, str], None] = {}
    waiting: list[Any] = [json.loads(files("matching").joinpath("data/reference.json").read_text("utf-8"))]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if each.get("name") and each.get("name_en"):
                found[each["name"], each["name_en"]] = None
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return sorted(found)


class _Seed:
    """Adds and fills. `touched` are the records that somebody changed in the editor: they are left alone."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.touched = set(session.exec(select(ReferenceChange.record, ReferenceChange.key)).all())
        self.region_ids: dict[str, int | None] = {}

    def put(self, row: Row | None, record: str, key: str, table: type[Row], fixed: Mapping[str, Any], **fields: Any) -> Row:
        """`row` with its empty fields filled, or a new one; `fixed` are the fields that only a new row takes."""
        if row is None:
            row = table(**fixed, **fields)
            self.session.add(row)
            self.session.flush()
        elif (record, key) not in self.touched:
            for name, value in fields.items():
                held = getattr(row, name)
                if isinstance(held, dict) and value.keys() - held.keys():
                    setattr(row, name, {**value, **held})
                elif held in (None, "", []) and value not in (None, "", []):
                    setattr(row, name, value)
        return row

    def regions(self, data: Mapping[str, Any]) -> None:
        held = {row.code: row for row in self.session.exec(select(Region)).all()}
        for position, each in enumerate(data["regions"]):
            row = self.put(
                held.get(each["code"]), "regions", each["code"], Region, {"code": each["code"], "name": each["name"]},
                name_en=each["name_en"], parent_id=self.region_ids.get(each["parent"]), source=data["region_source"],
                position=position,
            )  # fmt: skip
            self.region_ids[each["code"]] = row.id

    def industries(self, data: Mapping[str, Any]) -> dict[str, int]:
        held = {row.code: row for row in self.session.exec(select(Industry)).all()}
        ids: dict[str, int] = {}
        for position, each in enumerate(data["industries"]):
            fixed = {name: each[name] for name in ("code", "name", "keywords", "ipc")}
            fixed["parent_id"] = ids[each["parent"]] if each["parent"] else None
            row = self.put(
                held.get(each["code"]), "industries", each["code"], Industry, fixed | {"position": position},
                name_en=each["name_en"], description=each["description"], source=data["industry_source"],
                emerging=each["emerging"], link_source=data["link_source"],
            )  # fmt: skip
            ids[row.code] = row.id or 0
        return ids

    def zones(self, data: Mapping[str, Any], industries: Mapping[str, int]) -> dict[int, int]:
        """The strategic industry (ids) of each zone that this seed adds."""
        held = {row.code: row for row in self.session.exec(select(Zone)).all()}
        decided: dict[int, int] = {}
        for position, each in enumerate(data["zones"]):
            row = self.put(
                held.get(each["code"]), "zones", each["code"], Zone,
                {"code": each["code"], "name": each["name"], "position": position},
                name_en=each["name_en"], city=each["city"], level=each["level"], pilots=each["pilots"],
                region_id=self.region_ids.get(each["region"]), place_source=data["place_source"],
                source=data["industry_source"] if each["industry"] else data["named_source"],
            )  # fmt: skip
            if each["industry"] and each["code"] not in held:
                decided[row.id or 0] = industries[each["industry"]]
        return decided

    def groupings(self, data: Mapping[str, Any]) -> None:
        held = {row.code: row for row in self.session.exec(select(Grouping)).all()}
        zones = {row.code: row.id for row in self.session.exec(select(Zone)).all()}
        industries = {row.code: row.id for row in self.session.exec(select(Industry)).all()}
        for position, each in enumerate(data["groupings"]):
            self.put(
                held.get(each["code"]), "groupings", each["code"], Grouping,
                {"code": each["code"], "kind": each["kind"], "name": each["name"], "position": position},
                name_en=each["name_en"], zone_id=zones.get(each["zone"]), industry_id=industries.get(each["industry"]),
                region_id=self.region_ids.get(each["region"]), clause=each["clause"], source=each["source"],
            )  # fmt: skip

    def synonyms(self, data: Mapping[str, Any], industries: Mapping[str, int]) -> None:
        """By industry, with the source of all."""
        held = {row.code: row for row in self.session.exec(select(SynonymGroup)).all()}
        every = [(industry, number, each) for industry, groups in data["groups"].items() for number, each in enumerate(groups, 1)]
        for position, (industry, number, each) in enumerate(every):
            code = f"{industry}-{number:02}"
            self.put(
                held.get(code), "synonyms", code, SynonymGroup,
                {"code": code, "name": each["name"], "one_way": each.get("one_way", False), "position": position},
                name_en=each["name_en"], words=each["words"], industry_id=industries[industry], source=data["source"],
            )  # fmt: skip

    def code_values(self, data: Mapping[str, Any]) -> None:
        """A value is a list (code, names, perhaps facts) or an object of the same and a description, source and first day."""
        held = {(row.list_code, row.code): row for row in self.session.exec(select(CodeValue)).all()}
        for list_code, content in data["codes"].items():
            for position, value in enumerate(content["values"]):
                each = value if isinstance(value, dict) else dict(zip(("code", "name", "name_en", "facts"), value, strict=False))
                self.put(
                    held.get((list_code, each["code"])), f"codes.{list_code}", each["code"], CodeValue,
                    {"list_code": list_code, "code": each["code"], "version": content["version"], "position": position},
                    name=each["name"], name_en=each["name_en"], facts=each.get("facts", {}),
                    description=each.get("description", ""), description_en=each.get("description_en", ""),
                    source=each.get("source", content.get("source", "")),
                    aliases=data["spellings"].get(list_code, {}).get(each["code"], []),
                    valid_from=date.fromisoformat(each["valid_from"]) if "valid_from" in each else None,
                )  # fmt: skip
