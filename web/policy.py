"""The policy sentence behind a zone's strategic industry, quoted word by word (the Chinese catalogue holds the original)."""

from dataclasses import dataclass
from typing import Final

from matching.reference import ZoneView
from web import formats
from web.i18n import N_, gettext

NAMED: Final = N_(
    "Promote the faster development of industries such as next-generation information technology in Nanjing High-tech Zone,"
    " the internet of things in Wuxi High-tech Zone, photovoltaics in Changzhou High-tech Zone, nanotechnology and its"
    " applications in Suzhou Industrial Park, medical devices in Suzhou High-tech Zone, biopharmaceuticals in Taizhou Medical"
    " High-tech Zone, safety equipment in Xuzhou High-tech Zone, special steel and new alloys in Jiangyin High-tech Zone and"
    " robotics in Kunshan High-tech Zone, and build distinctive brands with influence at home and abroad."
)
UNDECIDED: Final = N_(
    "High-tech zones whose strategic industry is not yet clear shall settle on their main direction soon and plan it soundly,"
    " choosing mainly among strategic emerging industries such as advanced equipment manufacturing, advanced software, new"
    " energy, new materials, biopharmaceuticals, and energy saving and environmental protection."
)
SOURCE: Final = N_(
    "Opinions on accelerating the cultivation and development of “one zone, one strategic industry” in high-tech industrial"
    " development zones, clause 3"
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """`spans` are where the zone itself is named."""

    text: str
    source: str
    spans: tuple[tuple[int, int], ...]


def quotation(zone: ZoneView) -> Quotation:
    """The sentence that names the zone's industry; for a zone not named there, the one on those that are undecided."""
    text = gettext(NAMED)
    name = formats.named(zone)
    together = f"{name}{formats.named(zone.industry)}" if zone.industry else name
    for sought in (together, name):
        at = text.find(sought)
        if zone.industry and at >= 0:
            return Quotation(text, gettext(SOURCE), ((at, at + len(sought)),))
    return Quotation(gettext(UNDECIDED), gettext(SOURCE), ())
