"""What is different between two revisions of a listing, field by field, in words that staff and owners can compare."""

from dataclasses import dataclass

from matching.content import Content, IpRight
from matching.model import Layer
from matching.model.fields import BY_CODE, RIGHT_PARTS, fields_of
from web import formats, listing_facts, messages
from web.differences import Spans, differences
from web.names import Names

_NOT_WORDS = ("industries", "valid_until", *RIGHT_PARTS)
"""Industries and the last day belong to the listing, not to a revision; the others are told with each right."""


@dataclass(frozen=True, slots=True)
class Change:
    """`was` and `now`: who may read it, before and after."""

    code: str
    label: str
    old: str
    new: str
    gone: Spans
    come: Spans
    was: Layer
    now: Layer

    @property
    def moved(self) -> bool:
        """Whether other people than before may read it."""
        return bool(self.old and self.new) and self.was is not self.now


def told(content: Content, code: str, names: Names) -> str:
    """A field in plain words, one line for each row; nothing for an empty field."""
    if code == "title":
        return content.title
    if code in content.texts:
        return content.texts[code]
    if code in content.tags:
        return names.all_of(BY_CODE[code].code_list or "", content.tags[code])
    if code in content.amounts:
        return formats.money_text(*content.amounts[code])
    dates = {"wanted_by": content.wanted_by, "valid_until": content.valid_until, **content.days}
    if code in dates:
        day = dates[code]
        return formats.day_text(day) if day else ""
    if code == "indicators":
        return "\n".join(
            " ".join(filter(None, (each.name, formats.indicator_value(each), each.evidence))) for each in content.indicators
        )
    if code == "ip":
        return "\n".join(_right(each, names) for each in content.ip)
    if code == "price":
        is_open = content.price_min_fen is None and content.price_max_fen is None
        return "" if is_open else formats.money_text(content.price_min_fen, content.price_max_fen)
    if code == "maturity":
        return listing_facts.maturity(content, names)
    if code == "modes":
        return names.all_of("cooperation", content.modes)
    if code == "need_type":
        return names.of("need_type", content.need_type)
    if code == "completed_on":
        return formats.month_text(content.completed_on) if content.completed_on else ""
    if code == "industries":
        return formats.joined([formats.named(each) for each in content.used_industries])
    return ""


def _right(right: IpRight, names: Names) -> str:
    days = [formats.day_text(each) for each in (right.filed_on, right.granted_on) if each]
    parts = [
        names.of("ip_kind", right.kind),
        right.title,
        right.number,
        names.of("ip_status", right.status),
        right.holders,
        right.ipc,
    ]
    return " ".join(each for each in (*parts, *days) if each)


def changes(old: Content, new: Content, names: Names) -> list[Change]:
    """The fields whose words, or whose readers, are others; in the catalogue's order."""
    found: list[Change] = []
    for each in fields_of(new.kind):
        if each.code in _NOT_WORDS:
            continue
        before, after = told(old, each.code, names), told(new, each.code, names)
        was, now = listing_facts.layer_of(old, each.code), listing_facts.layer_of(new, each.code)
        if before != after or (before and was is not now):
            gone, come = differences(before, after)
            label = messages.field_label(each.code, new.kind)
            found.append(Change(each.code, label, before, after, gone, come, was, now))
    return found
