"""A comparison in the reader's words: what the score rests on, what would raise it, what keeps the two apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matching.comparisons import Barrier, Comparison
from matching.pair_views import Explained
from matching.pairing.parts import Part
from matching.pairing.raising import Edit, Together
from matching.pairing.reasons import Reason
from web import paths
from web.formats import as_written, day_text, joined, money_text, named, spaced
from web.i18n import gettext
from web.messages import field_label, kind_name, level_name, part_name, state_name
from web.names import Names
from web.wording import explaining as wording

SAID = 0.0005
"""Less is told as 0.0."""


def points(value: float) -> str:
    """+1.9: of a hundred, signed; what rounds to nothing has no sign."""
    text = f"{value * 100:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "\u2212")


def score(value: float) -> str:
    return f"{value * 100:.1f}"


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the score: how far it is met, its points, and what it rests on. `otherwise` is what the score changes by where
    the part is taken away altogether, empty where that is its points."""

    part: Part
    rests_on: tuple[tuple[str, str, str], ...]
    """Name, change, and (of a figure) verdict."""
    otherwise: str

    @property
    def name(self) -> str:
        return part_name(self.part.code)


_OF_KIND: Mapping[str, str] = {"term": "terms", "figure": "indicators", "passage": "meaning"}


def rows(seen: Comparison) -> list[Row]:
    """The ten parts in their order."""
    if seen.scored is None:
        return []
    found: dict[str, list[tuple[str, str, str]]] = {}
    whole: dict[str, float] = {}
    for each in seen.reasons:
        if each.kind == "part":
            whole[each.name] = each.change
        else:
            verdict = gettext(wording.FIGURES[each.verdict]) if each.verdict else ""
            found.setdefault(_OF_KIND[each.kind], []).append((_name(each, seen), points(each.change), verdict))
    return [
        Row(
            part,
            tuple(found.get(part.code, ())),
            points(whole[part.code]) if part.code in whole and abs(whole[part.code] - part.points) >= SAID else "",
        )
        for part in seen.scored.parts
    ]


def _name(reason: Reason, seen: Explained) -> str:
    if reason.kind == "term":
        return as_written(reason.name, seen.need)
    if reason.kind == "figure":
        return f"{reason.name} {reason.asked}".replace(" ", "\u00a0")
    return gettext("closest passage of the need") if reason.name == "need" else gettext("closest passage of the result")


def question(edit: Edit, names: Names) -> str:
    """What its owner would be asked."""
    told = {key: _told(key, value, names) for key, value in edit.params.items()}
    return spaced(gettext(wording.EDITS[edit.code]) % told)


def _told(key: str, value: object, names: Names) -> str:
    if key == "modes" and isinstance(value, tuple):
        return names.all_of("cooperation", value)
    if key == "industry":
        node = names.industry(str(value))
        return named(node) if node else str(value)
    if key == "high" and isinstance(value, int):
        # Up to this sum: the sentence says so itself.
        return money_text(value, value)
    if key == "until":
        return day_text(date.fromisoformat(str(value)))
    return str(value).replace(" ", "\u00a0")


def form_href(edit: Edit, seen: Comparison) -> str:
    """The form of the side's listing at the field; a figure's row has its name, its sign and its unit, never a value."""
    content = seen.need if edit.side == "need" else seen.result
    row = edit.params if edit.code == "give_figure" else {}
    query = {key: row.get(key) for key in ("name", "comparator", "unit")}
    place = {"budget": "f-budget", "price": "f-price", "indicators": "figures"}.get(edit.field_code, f"f-{edit.field_code}")
    return f"{paths.with_query(paths.edit(content.public_id), at=edit.field_code, **query)}#{place}"


def reaches(edit: Edit | Together, seen: Comparison) -> str:
    """+1.9, and the level where it is another."""
    now = seen.scored
    gain = points(edit.score - (now.score if now else 0.0))
    if now and edit.level == now.level:
        return gain
    return gettext("%(points)s, then %(level)s") % {"points": gain, "level": level_name(edit.level)}


def fields(together: Together) -> str:
    """The fields that several edits change, in the order of the edits."""
    told = (
        str(edit.params["name"]) if "name" in edit.params else field_label(edit.field_code, edit.side) for edit in together.edits
    )
    return joined(list(dict.fromkeys(told)))


def sides_of(seen: Comparison) -> list[tuple[str, tuple[Edit, ...], Together | None]]:
    """The sides whose edits the reader is shown, with what several of them would reach together."""
    together: dict[str, Together] = {each.side: each for each in seen.raising.together}
    shown = [(side, seen.raising.of(side), together.get(side)) for side in seen.raises]
    return [each for each in shown if each[1]]


def barrier(each: Barrier, seen: Comparison, names: Names) -> str:
    """One sentence on one thing that keeps the two apart."""
    code = each.code
    if code == "outside_industry" and (seen.zone is None or seen.zone.field is None):
        code = "outside_pool"
    if code == "crowded_out" and each.params["rank"]:
        code = "crowded_out_at"
    told: dict[str, object] = {"side": kind_name(each.side).lower() if each.side else ""}
    if seen.zone is not None:
        told |= {"zone": named(seen.zone), "industry": named(seen.zone.field) if seen.zone.field else ""}
    if seen.scored is not None:
        told["level"] = level_name(seen.scored.level)
    for key, value in each.params.items():
        told[key] = _param(key, value, each, names)
    return spaced(gettext(wording.BARRIERS[code]) % told)


def _param(key: str, value: object, each: Barrier, names: Names) -> object:
    if key == "state":
        return state_name(str(value))
    if key == "zones" and isinstance(value, tuple):
        return joined([named(zone) for code in value if (zone := names.zone(code)) is not None])
    if key == "parts" and isinstance(value, tuple):
        return joined([part_name(code) for code in value])
    if key == "fields" and isinstance(value, tuple):
        return joined([field_label(code, each.side) for code in value])
    return value
