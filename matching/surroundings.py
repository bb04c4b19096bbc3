"""The reference data that a document is made with, read once for any number of listings: where it belongs, in codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from matching.held import held
from matching.model import Region, Zone
from matching.reference import ancestors_by_id, bounds_of, code_lists, industries

_SUFFIXES = ("市", "区", "县")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`zones` maps a zone's id to its code, `industries` an industry's id to its own and its ancestors' codes.

    `zone_regions` maps a zone's id, `city_regions` a city's name as organisations write it, to the codes of the region and
    all above it; `maturities` a code of the list `maturity` to the TRL bounds of the crosswalk.
    """

    zones: Mapping[int, str] = field(default_factory=dict)
    industries: Mapping[int, Sequence[str]] = field(default_factory=dict)
    zone_regions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    city_regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    maturities: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def regions(self, zone_id: int | None, city: str) -> frozenset[str]:
        """Where an owner sits: its zone's region, else its city's, with all above."""
        line = self.zone_regions.get(zone_id or 0) or self.city_regions.get(city.strip().rstrip("市"), ())
        return frozenset(line)

    def stages(self, maturity: str | None, trl: tuple[int, int] | None) -> frozenset[str]:
        """The values of the list by which this maturity is found: its own, and on any scale those that share a level."""
        met = {code for code, (low, high) in self.maturities.items() if trl is not None and low <= trl[1] and high >= trl[0]}
        return frozenset(met | ({maturity} if maturity else set()))


@held
def industry_lines(session: Session) -> Mapping[int, tuple[str, ...]]:
    """Industry id → its own code and its ancestors'."""
    nodes = industries(session)
    return {id_: tuple(nodes[each].code for each in line) for id_, line in ancestors_by_id(session).items()}


@held
def zone_codes(session: Session) -> Mapping[int, str]:
    return {row[0]: row[1] for row in session.exec(select(Zone.id, Zone.code)).all() if row[0] is not None}


@held
def read_surroundings(session: Session) -> Surroundings:
    rows = {row.id or 0: row for row in session.exec(select(Region).order_by(col(Region.position))).all()}

    def upwards(region_id: int | None) -> tuple[str, ...]:
        line: list[str] = []
        while region_id in rows and rows[region_id].code not in line:
            line.append(rows[region_id].code)
            region_id = rows[region_id].parent_id
        return tuple(line)

    sits = session.exec(select(Zone.id, Zone.region_id)).all()
    bounds = {code: bounds_of(each) for code, each in code_lists(session).get("maturity", {}).items()}
    return Surroundings(
        zones=zone_codes(session),
        industries=industry_lines(session),
        zone_regions={id_: upwards(region) for id_, region in sits if id_ is not None and region is not None},
        city_regions={name: upwards(id_) for id_, row in rows.items() for name in _names(row.name)},
        maturities={code: each for code, each in bounds.items() if each is not None},
    )


def _names(name: str) -> tuple[str, ...]:
    """常州市 is written 常州, too; a name of two characters is whole."""
    return (name, name[:-1]) if len(name) > 2 and name.endswith(_SUFFIXES) else (name,)
