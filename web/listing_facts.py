"""What a page says of a listing beside its texts: sections in the catalogue's order, the facts beside them, one line of meta."""

import re
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from matching.content import Content
from matching.model import Layer, ListingKind
from matching.model.fields import BY_CODE, fields_of
from web import formats, messages
from web.i18n import gettext as _
from web.i18n import ngettext
from web.names import Names

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'（）()，。；、]+")


@dataclass(frozen=True, slots=True)
class Section:
    """A text under its heading. `layer` says who reads it."""

    code: str
    title: str
    text: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class Fact:
    code: str
    label: str
    value: str | Markup
    layer: Layer = Layer.PUBLIC


def layer_of(content: Content, code: str) -> Layer:
    return Layer(content.layers.get(code) or BY_CODE[code].layer.value)


def sections(content: Content) -> list[Section]:
    """The long texts, in reading order."""
    return [
        Section(each.code, messages.field_label(each.code, content.kind), content.texts[each.code], layer_of(content, each.code))
        for each in fields_of(content.kind)
        if each.type == "text" and content.texts.get(each.code)
    ]


def _trl(content: Content) -> str:
    if content.trl is None:
        return ""
    low, high = content.trl
    return f"TRL {low}" if low == high else f"TRL {low}–{high}"


def maturity(content: Content, names: Names) -> str:
    """中试 · TRL 6–7; a level that names itself is told once."""
    name, level = names.of("maturity", content.maturity), _trl(content)
    return " · ".join(each for each in (name, "" if name.startswith(f"{level} ") else level) if each)


def rights(content: Content, names: Names) -> str:
    """One line on the intellectual property: 发明专利 2 件（已授权）、技术秘密."""
    told: list[str] = []
    groups: dict[tuple[str, str], int] = {}
    for right in content.ip:
        groups[right.kind, right.status] = groups.get((right.kind, right.status), 0) + 1
    for (kind, status), count in groups.items():
        name = names.of("ip_kind", kind)
        text = name if count == 1 else ngettext("%(name)s: %(n)d", "%(name)s: %(n)d", count) % {"name": name, "n": count}
        state = names.of("ip_status", status)
        told.append(_("%(right)s (%(state)s)") % {"right": text, "state": state} if state else text)
    return formats.joined(told)


def linked(text: str) -> Markup:
    """A text with its addresses as links that lead outside, one entry a line; everything else as written."""
    pieces: list[Markup] = []
    at = 0
    for found in _ADDRESS.finditer(text):
        pieces += [
            escape(text[at : found.start()]),
            Markup('<a href="{0}" rel="noopener nofollow ugc" target="_blank">{0}</a>').format(found[0]),
        ]
        at = found.end()
    return Markup("").join([*pieces, escape(text[at:])])


def facts(content: Content, names: Names) -> list[Fact]:
    """What stands beside the texts, in the order in which a partner asks. Only what is known."""
    kind = content.kind
    zone = next((each for each in names.zones if each.id == content.organisation.zone_id), None)
    addressed = next((each for each in names.zones if each.id == content.addressed_zone_id), None)
    first: list[tuple[str, str | Markup]] = [
        ("need_type", names.of("need_type", content.need_type)),
        ("maturity", maturity(content, names)),
        ("modes", names.all_of("cooperation", content.modes)),
        *_money(content),
        ("ip", rights(content, names)),
    ]
    told = first + [(each.code, _told(content, each.code, names)) for each in fields_of(kind)]
    known = {each.code for each in fields_of(kind)}
    found: dict[str, Fact] = {}
    for code, value in told:
        if value and code in known:
            found.setdefault(code, Fact(code, messages.field_label(code, kind), value, layer_of(content, code)))
    result = list(found.values())
    if zone is not None:
        result.append(Fact("zone", _("Zone of the owner"), formats.named(zone)))
    if addressed is not None:
        result.append(Fact("addressed_zone", _("Addressed to"), formats.named(addressed)))
    return result


def _money(content: Content) -> list[tuple[str, str | Markup]]:
    """A budget stands for the price that is not named; where neither is told, the price is 面议."""
    told: list[tuple[str, str | Markup]] = [
        (code, formats.money(*content.amounts[code])) for code in ("budget",) if code in content.amounts
    ]
    is_said = content.price_min_fen is not None or content.price_max_fen is not None
    hidden = {"price", "budget"} & set(content.hidden)
    if is_said or not (told or hidden):
        told.append(("price", formats.money(content.price_min_fen, content.price_max_fen)))
    return told


def _told(content: Content, code: str, names: Names) -> str | Markup:
    """A field that is neither a long text nor told first."""
    spec = BY_CODE[code]
    if spec.stored == "tags":
        return names.all_of(spec.code_list or "", content.tags.get(code, ()))
    if spec.stored == "amounts":
        return formats.money(*content.amounts[code]) if code in content.amounts else ""
    if spec.stored == "days":
        return formats.day(content.days.get(code))
    if spec.type == "links":
        return linked(content.texts.get(code, ""))
    if spec.stored == "texts" and spec.type == "line":
        return content.texts.get(code, "")
    if code == "completed_on":
        return formats.month_text(content.completed_on) if content.completed_on else ""
    if code in ("wanted_by", "valid_until"):
        return formats.day(content.wanted_by if code == "wanted_by" else content.valid_until)
    return ""


def meta(content: Content, names: Names) -> list[str]:
    """The line under a title in a list: owner, maturity, cooperation, rights."""
    parts = [formats.named(content.organisation)]
    if content.kind == ListingKind.NEED:
        parts.append(names.of("need_type", content.need_type))
    parts += [names.of("maturity", content.maturity), names.all_of("cooperation", content.modes), rights(content, names)]
    return [each for each in parts if each]


def offer(content: Content) -> str | Markup:
    """The sum in a list: a need's budget or a price; nothing where this reader may not see it."""
    return "" if content.offer_code in content.hidden or "budget" in content.hidden else formats.money(*content.offer)


def opening(content: Content, length: int = 130) -> str:
    """The first words of the main text, for a list."""
    texts = (content.texts.get(each.code, "") for each in fields_of(content.kind) if each.passage)
    text = " ".join(next((each for each in texts if each), "").split())
    return text if len(text) <= length else f"{text[:length].rstrip()}…"
