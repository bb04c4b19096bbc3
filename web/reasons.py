"""Why a pair fits, in the reader's words: one sentence of what speaks for it, and what is missing or speaks against it.

Everything said comes from the facts of the ten parts (`matching.pairing`); nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from matching.content import Content
from matching.matches import PairView
from matching.pairing.parts import Part
from search.text import spans as term_spans
from web.formats import joined, number
from web.i18n import gettext as _
from web.i18n import ngettext, pgettext
from web.messages import part_name
from web.names import Names

_TERMS: Final = 5
_FIGURES: Final = 3
_CLOSE, _SOMEWHAT = 0.6, 0.4
_SOON_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Reasons:
    """Two texts, each whole with its full stop, either perhaps empty. `missing` is shown in red."""

    sentence: str
    missing: str


@dataclass(frozen=True, slots=True)
class _Told:
    good: list[str]
    bad: list[str]


def spans(text: str, terms: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Where the shared terms stand in a text."""
    return term_spans(text, terms)


def _as_written(term: str, content: Content) -> str:
    """A term as its author wrote it: terms are kept in their normal form, hjt for HJT."""
    for text in (content.title, *content.texts.values()):
        for start, end in term_spans(text, (term,)):
            if end - start == len(term):
                return text[start:end]
    return term


def part_title(part: Part) -> str:
    """The tooltip of a part: its name, how far it is met, what it moved."""
    if part.value is None:
        return _("%(part)s: does not apply") % {"part": part_name(part.code)}
    return _("%(part)s: %(value)s of 100, %(points)s points of the score") % {
        "part": part_name(part.code),
        "value": number(round(part.value * 100)),
        "points": f"{part.points * 100:+.1f}",
    }


def reasons(pair: PairView, names: Names) -> Reasons:
    told = _Told([], [])
    facts = {part.code: part.facts for part in pair.scored.parts}
    values = {part.code: part.value for part in pair.scored.parts}
    _texts(told, pair, values)
    for code, tell in _TELLERS.items():
        if facts.get(code):
            tell(told, facts[code], names)
    _untold(told, pair.scored.missing)
    return Reasons(_sentence(told.good), _sentence(told.bad))


def _sentence(clauses: list[str]) -> str:
    if not clauses:
        return ""
    text = pgettext("between clauses", "; ").join(clauses)
    return pgettext("whole sentence", "%s.") % (text[:1].upper() + text[1:])


def _texts(told: _Told, pair: PairView, values: Mapping[str, float | None]) -> None:
    terms = [_as_written(each, pair.need) for each in pair.scored.shared_terms[:_TERMS]]
    if terms:
        told.good.append(_("both speak of %s") % joined(terms))
    meaning = values.get("meaning") or 0.0
    if meaning >= _CLOSE:
        told.good.append(_("the texts mean nearly the same"))
    elif meaning >= _SOMEWHAT:
        told.good.append(_("the texts are close in meaning") if terms else _("other words, but close in meaning"))
    else:
        told.bad.append(_("the texts are not close in meaning"))


def _unbroken(figure: str) -> str:
    """A figure and its unit stay on one line."""
    return figure.replace(" ", "\u00a0")


def _indicators(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    def figures(verdict: str) -> str:
        found = facts.get(verdict, ())[:_FIGURES]
        text = _("%(name)s %(given)s (asked %(asked)s)")
        return joined([text % {"name": each["name"], **{k: _unbroken(each[k]) for k in ("given", "asked")}} for each in found])

    if facts.get("met"):
        told.good.append(_("indicators met: %s") % figures("met"))
    if facts.get("failed"):
        told.bad.append(_("indicators not met: %s") % figures("failed"))


def _maturity(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    verdict = facts.get("verdict")
    if verdict == "meets":
        told.good.append(_("mature enough"))
    elif verdict == "partly":
        told.good.append(_("nearly mature enough"))
    elif verdict == "below":
        gap = int(facts["gap"])
        told.bad.append(ngettext("%(n)d TRL step below what is asked", "%(n)d TRL steps below what is asked", gap) % {"n": gap})


def _cooperation(told: _Told, facts: Mapping[str, Any], names: Names) -> None:
    if facts.get("shared"):
        told.good.append(_("both accept %s") % names.all_of("cooperation", facts["shared"]))
    elif facts.get("given"):
        told.bad.append(
            _("asked for %(asked)s, offered %(given)s")
            % {"asked": names.all_of("cooperation", facts["asked"]), "given": names.all_of("cooperation", facts["given"])}
        )


def _price(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    match facts.get("verdict"):
        case "within":
            told.good.append(_("the price is within the budget"))
        case "partly":
            told.good.append(_("the lower end of the price is within the budget"))
        case "above":
            told.bad.append(_("the price is above the budget"))


def _ip(told: _Told, facts: Mapping[str, Any], names: Names) -> None:
    if facts.get("status") in ("granted", "valid"):
        told.good.append(
            _("%(right)s %(state)s")
            % {"right": names.of("ip_kind", facts["kind"]), "state": names.of("ip_status", facts["status"]).lower()}
        )


def _time(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    days = int(facts["days"])
    if days < _SOON_DAYS:
        told.bad.append(ngettext("only %(n)d day left", "only %(n)d days left", days) % {"n": days})


def _region(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    if facts.get("near") == "zone":
        told.good.append(_("both in the same zone"))
    elif facts.get("near") == "city":
        told.good.append(_("both in the same city"))


def _industry(told: _Told, facts: Mapping[str, Any], _names: Names) -> None:
    if "parent" in (facts.get("need"), facts.get("result")):
        told.bad.append(_("tagged with the broader industry only"))


_TELLERS: Final[Mapping[str, Callable[[_Told, Mapping[str, Any], Names], None]]] = {
    "indicators": _indicators,
    "maturity": _maturity,
    "ip": _ip,
    "cooperation": _cooperation,
    "price": _price,
    "region": _region,
    "industry": _industry,
    "time": _time,
}


def _untold(told: _Told, missing: tuple[str, ...]) -> None:
    """What the need asks and the result does not tell."""
    figures = [each.partition(":")[2] for each in missing if each.startswith("indicators:")]
    others = [part_name(each) for each in missing if not each.startswith("indicators:")]
    if figures:
        told.bad.append(_("not told: %s") % joined(figures[:_FIGURES]))
    if others:
        told.bad.append(_("nothing said on %s") % joined(others))
