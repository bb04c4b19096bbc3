"""Money, dates, numbers and names as people of either language read them. Functions of values and the current language."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from matching.content import Content, Indicator
from matching.money import FEN_PER_WAN, FEN_PER_YUAN, format_wan
from search.text import spans
from web import i18n
from web.i18n import gettext as _

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NARROW_SPACE: Final = "\u202f"
_TIGHT_UNITS: Final = ("°", "′", "″", "'", '"', "%", "‰")


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


class Offered(Named, Protocol):
    @property
    def retired(self) -> bool: ...


def named(thing: Named) -> str:
    """The name in the reader's language; the Chinese one where no English is known."""
    return thing.name_en if i18n.current() == "en" and thing.name_en else thing.name


def offered(thing: Offered) -> str:
    """A name among choices: one that is retired, and stands there because an older entry names it, says so."""
    return _("%(name)s (retired)") % {"name": named(thing)} if thing.retired else named(thing)


def number(value: float | int | Decimal) -> str:
    """Grouped by thousands, without superfluous zeros, never in powers of ten below 10^15."""
    exact = Decimal(str(value))
    whole = exact == exact.to_integral_value()
    return f"{int(exact):,}" if whole else f"{exact.normalize():,f}"


def _wan(fen: int) -> str:
    """Rounded to a hundred yuan where that is little of it, exact below 10,000 yuan."""
    return format_wan(round(fen, -4) if fen >= FEN_PER_WAN else fen, grouped=True)


def _yuan(fen: int) -> str:
    return number(Decimal(fen) / FEN_PER_YUAN)


def money_text(low_fen: int | None, high_fen: int | None) -> str:
    """60–120 万元 in Chinese, CNY 600,000–1,200,000 in English; 面议 where nothing is said."""
    if low_fen is None and high_fen is None:
        return _("negotiable")
    show = _yuan if i18n.current() == "en" else _wan
    if low_fen is not None and high_fen is not None:
        if low_fen == high_fen:
            return _("CNY %s") % show(low_fen)
        return _("CNY %s") % f"{show(low_fen)}–{show(high_fen)}"
    if low_fen is not None:
        return _("from CNY %s") % show(low_fen)
    return _("up to CNY %s") % show(high_fen or 0)


def money(low_fen: int | None, high_fen: int | None) -> Markup:
    """As `money_text`, with the exact yuan in the title."""
    text = money_text(low_fen, high_fen)
    bounds = [_yuan(each) for each in (low_fen, high_fen) if each is not None]
    if not bounds:
        return escape(text)
    exact = _("exactly %s yuan") % "–".join(dict.fromkeys(bounds))
    return Markup('<span class="num" title="{}">{}</span>').format(exact, text)


def money_field(fen: int | None) -> str:
    """What a form shows and takes: 万元 without grouping, exact."""
    return "" if fen is None else format_wan(fen)


def day_text(value: date | datetime) -> str:
    """2026-11-23, the day it is in Shanghai."""
    if isinstance(value, datetime):
        value = value.astimezone(_SHANGHAI).date()
    return value.isoformat()


def day(value: date | datetime | None) -> Markup:
    text = "" if value is None else day_text(value)
    return Markup('<time class="num" datetime="{0}">{0}</time>').format(text) if text else Markup("")


def month_text(value: date) -> str:
    return f"{value:%Y-%m}"


def moment(value: datetime) -> Markup:
    """2026-11-23 14:05, Shanghai's clock."""
    local = value.astimezone(_SHANGHAI)
    return Markup('<time class="num" datetime="{}">{}</time>').format(
        value.astimezone(UTC).isoformat(timespec="seconds"), f"{local:%Y-%m-%d %H:%M}"
    )


def clock(value: datetime) -> str:
    """10:32, Shanghai's clock."""
    return f"{value.astimezone(_SHANGHAI):%H:%M}"


def quantity(value: float, unit: str) -> str:
    """15,000 h, 22 %, 8″: a narrow space that never breaks before a unit, none before degrees and minutes."""
    if not unit:
        return number(value)
    tight = unit.startswith(_TIGHT_UNITS[:5])
    return f"{number(value)}{'' if tight else NARROW_SPACE}{unit}"


_SIGNS: Final = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}


def indicator_value(indicator: Indicator) -> str:
    """≤ 680 ℃, 60–120 mg, 5: the comparator and the bounds it uses."""
    low, high, unit = indicator.low, indicator.high, indicator.unit
    if indicator.comparator == "range" and low is not None and high is not None:
        return f"{number(low)}–{quantity(high, unit)}"
    bound = high if indicator.comparator in ("<=", "<") else low
    if bound is None:
        bound = low if low is not None else high
    if bound is None:
        return ""
    sign = _SIGNS.get(indicator.comparator)
    return f"{sign}{NARROW_SPACE}{quantity(bound, unit)}" if sign else quantity(bound, unit)


def joined(parts: list[str] | tuple[str, ...]) -> str:
    """A list inside a sentence: 、 in Chinese, a comma in English."""
    return _between().join(parts)


def _between() -> str:
    return "、" if i18n.current() == "zh_CN" else ", "


def as_written(term: str, content: Content) -> str:
    """A term as its author wrote it: terms are kept in their normal form, hjt for HJT."""
    for text in (content.title, *content.texts.values()):
        for start, end in spans(text, (term,)):
            if end - start == len(term):
                return text[start:end]
    return term


def in_their_language(words: Iterable[str]) -> Markup:
    """Words of either language as a list inside a sentence; those in English marked as such for screen readers."""
    english = Markup('<span lang="en">{}</span>')
    return escape(_between()).join(english.format(each) if each.isascii() else escape(each) for each in words)


_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff"
_TOUCHING: Final = re.compile(f"(?<=[{_HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{_HAN}])")


def spaced(text: str) -> str:
    """A space between Chinese and Latin, for sentences that are put together from parts. People's own texts stay as
    they wrote them; there the browser sets the space."""
    return _TOUCHING.sub(" ", text)


def marked(text: str, spans: tuple[tuple[int, int], ...] = ()) -> Markup:
    """`text` escaped, with `<mark>` around the spans (character offsets, ascending, apart)."""
    pieces: list[Markup] = []
    at = 0
    for start, end in spans:
        if not at <= start < end <= len(text):
            continue
        pieces += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    pieces.append(escape(text[at:]))
    return Markup("").join(pieces)
