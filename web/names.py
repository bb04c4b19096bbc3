"""Code lists as a page needs them: the name of a code in the reader's language, and the choices of a select."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from matching.reference import Code, IndustryNode, ZoneView, code_lists, industries, zones
from web.formats import joined, named, offered

_FIRST_SCALE = "local"
"""Where a maturity names no scale, and the scale that filters offer: others are met by their levels."""


@dataclass(frozen=True, slots=True)
class Names:
    """The lists, zones and industries as they stood when the page was asked for, with those that are retired: they name what
    older entries say, and are offered no more. Names answer in the current language."""

    lists: Mapping[str, Mapping[str, Code]]
    zones: tuple[ZoneView, ...]
    industries: tuple[IndustryNode, ...]

    def of(self, list_code: str, code: str | None) -> str:
        """The name; the code itself where the list does not have it, nothing for no code."""
        found = self.lists.get(list_code, {}).get(code or "")
        return named(found) if found else code or ""

    def all_of(self, list_code: str, chosen: Iterable[str]) -> str:
        return joined([self.of(list_code, each) for each in chosen])

    def options(self, list_code: str, keep: Iterable[str] = ()) -> list[tuple[str, str]]:
        """What is offered, and what stands in the form already (`keep`)."""
        values = self.lists.get(list_code, {}).values()
        return [(each.code, offered(each)) for each in values if not each.retired or each.code in keep]

    def maturities(self, keep: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
        """The values of all scales, scale by scale: its name and its options; and what stands in the form already (`keep`)."""
        scales = {code: named(each) for code, each in self.lists.get("maturity_scale", {}).items()}
        groups: dict[str, list[tuple[str, str]]] = {code: [] for code in scales}
        for code, name in self.options("maturity", (keep,)):
            groups.setdefault(self._scale(code), []).append((code, name))
        return [(scales.get(code, code), options) for code, options in groups.items() if options]

    def stage_options(self) -> list[tuple[str, str]]:
        """The stages that a filter offers."""
        return [(code, name) for code, name in self.options("maturity") if self._scale(code) == _FIRST_SCALE]

    def _scale(self, maturity: str) -> str:
        return str(self.lists["maturity"][maturity].facts.get("scale", _FIRST_SCALE))

    def zone_options(self, keep: Iterable[str] = ()) -> list[tuple[str, str]]:
        return [(each.code, offered(each)) for each in self.zones if not each.retired or each.code in keep]

    def industry_options(self) -> list[tuple[str, str]]:
        """In the tree's order, each under its parent and set in."""
        return [(node.code, ("\u2003" if node.parent else "") + named(node)) for node in self.tree() if not node.retired]

    def in_use(self, keep: Iterable[str]) -> list[IndustryNode]:
        """The industries that are offered, and those that stand in the form already with what they lie under."""
        kept = {*keep}
        lines = [[node.code, node.parent] for node in self.industries if node.code in kept]
        wanted = {code for line in lines for code in line}
        return [node for node in self.industries if not node.retired or node.code in wanted]

    def tree(self) -> list[IndustryNode]:
        """Parents, each followed by its children."""
        below: dict[str | None, list[IndustryNode]] = {}
        for node in self.industries:
            below.setdefault(node.parent, []).append(node)

        def walk(parent: str | None) -> list[IndustryNode]:
            return [each for node in below.get(parent, []) for each in (node, *walk(node.code))]

        return walk(None)

    def zone(self, code: str | None) -> ZoneView | None:
        return next((each for each in self.zones if each.code == code), None)

    def industry(self, code: str | None) -> IndustryNode | None:
        return next((each for each in self.industries if each.code == code), None)


def read_names(session: Session) -> Names:
    return Names(code_lists(session), zones(session), tuple(industries(session).values()))
