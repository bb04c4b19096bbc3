"""What a page says of a listing beside its texts: sections in the catalogue's order, the facts beside them, one line of meta."""

from dataclasses import dataclass

from markupsafe import Markup

from matching.content import Content
from matching.model import Layer, ListingKind
from matching.model.fields import BY_CODE, fields_of
from web import formats, messages
from web.i18n import gettext as _
from web.i18n import ngettext
from web.names import Names

_BESIDE = ("application", "field", "keywords", "awards", "funding", "obtained", "partners", "experts")
"""Short texts: told beside the sections rather than under headings of their own."""


@dataclass(frozen=True, slots=True)
class Section:
    """A text under its heading. `registered` marks what only signed-in people read."""

    code: str
    title: str
    text: str
    registered: bool


@dataclass(frozen=True, slots=True)
class Fact:
    code: str
    label: str
    value: str | Markup
    registered: bool = False


def is_registered(content: Content, code: str) -> bool:
    return (content.layers.get(code) or BY_CODE[code].layer.value) == Layer.REGISTERED.value


def sections(content: Content) -> list[Section]:
    """The long texts, in reading order."""
    codes = [each.code for each in fields_of(content.kind) if each.stored == "texts" and each.code not in _BESIDE]
    return [
        Section(code, messages.field_label(code, content.kind), content.texts[code], is_registered(content, code))
        for code in codes
        if content.texts.get(code)
    ]


def _trl(content: Content) -> str:
    if content.trl is None:
        return ""
    low, high = content.trl
    return f"TRL {low}" if low == high else f"TRL {low}–{high}"


def maturity(content: Content, names: Names) -> str:
    """中试 · TRL 6–7."""
    parts = [names.of("maturity", content.maturity), _trl(content)]
    return " · ".join(each for each in parts if each)


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


def facts(content: Content, names: Names) -> list[Fact]:
    """What stands beside the texts, in the order in which a partner asks. Only what is known."""
    kind = content.kind
    zone = next((each for each in names.zones if each.id == content.organisation.zone_id), None)
    addressed = next((each for each in names.zones if each.id == content.addressed_zone_id), None)
    told: list[tuple[str, str | Markup]] = [
        ("need_type", names.of("need_type", content.need_type)),
        ("maturity", maturity(content, names)),
        ("modes", names.all_of("cooperation", content.modes)),
        ("price", "" if "price" in content.hidden else formats.money(content.price_min_fen, content.price_max_fen)),
        ("ip", rights(content, names)),
        *((code, content.texts.get(code, "")) for code in _BESIDE),
        ("completed_on", formats.month_text(content.completed_on) if content.completed_on else ""),
        ("wanted_by", formats.day(content.wanted_by)),
        ("valid_until", formats.day(content.valid_until)),
    ]
    known = {each.code for each in fields_of(kind)}
    result = [
        Fact(code, messages.field_label(code, kind), value, is_registered(content, code))
        for code, value in told
        if value and code in known
    ]
    if zone is not None:
        result.append(Fact("zone", _("Zone of the owner"), formats.named(zone)))
    if addressed is not None:
        result.append(Fact("addressed_zone", _("Addressed to"), formats.named(addressed)))
    return result


def meta(content: Content, names: Names) -> list[str]:
    """The line under a title in a list: owner, maturity, cooperation, rights."""
    parts = [formats.named(content.organisation)]
    if content.kind == ListingKind.NEED:
        parts.append(names.of("need_type", content.need_type))
    parts += [names.of("maturity", content.maturity), names.all_of("cooperation", content.modes), rights(content, names)]
    return [each for each in parts if each]


def opening(content: Content, length: int = 130) -> str:
    """The first words of the main text, for a list."""
    texts = (content.texts.get(each.code, "") for each in fields_of(content.kind) if each.passage)
    text = " ".join(next((each for each in texts if each), "").split())
    return text if len(text) <= length else f"{text[:length].rstrip()}…"
