"""Loads the reference data into an empty database. Idempotent: what exists is left as the administrators made it."""

import json
from datetime import date
from importlib.resources import files

from matching.model import CodeValue, Industry, Note, Zone, ZoneIndustry
from matching.store.unit import UnitOfWork

_DECIDED_ON = date(2017, 12, 1)
"""The Opinion is undated in the stored text; it builds on documents of 2017 and speaks of 2018 as coming. [K]"""


def load_reference(unit: UnitOfWork) -> bool:
    """Zones, industries, the nine pairs of clause 3 and the code lists. False when a seed was loaded before."""
    data = json.loads(files("matching").joinpath("data/reference.json").read_text("utf-8"))
    session = unit.session
    if session.get(Note, "reference") is not None:
        return False
    ids: dict[str, int] = {}
    for position, row in enumerate(data["industries"]):
        industry = Industry(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            parent_id=ids[row["parent"]] if row["parent"] else None,
            keywords=row["keywords"],
            ipc=row["ipc"],
            description=row["description"],
            source=data["industry_source"],
            position=position,
        )
        session.add(industry)
        session.flush()
        ids[industry.code] = industry.id or 0
    for position, row in enumerate(data["zones"]):
        zone = Zone(
            code=row["code"], name=row["name"], name_en=row["name_en"], city=row["city"], level=row["level"], position=position
        )
        session.add(zone)
        session.flush()
        if row["industry"]:
            session.add(
                ZoneIndustry(
                    zone_id=zone.id or 0,
                    industry_id=ids[row["industry"]],
                    began_on=_DECIDED_ON,
                    source=data["industry_source"],
                    created_at=unit.now(),
                )
            )
    for list_code, content in data["codes"].items():
        for position, value in enumerate(content["values"]):
            session.add(
                CodeValue(
                    list_code=list_code,
                    code=value[0],
                    name=value[1],
                    name_en=value[2],
                    facts=value[3] if len(value) > 3 else {},
                    version=content["version"],
                    position=position,
                )
            )
    session.add(Note(key="reference", value=data["version"]))
    unit.audit("system", "reference.load", "reference", data["version"])
    return True
