"""Why a pair fits, in the reader's words: one sentence of what speaks for it, and what is missing or speaks against it.

The clauses are those of `matching.pairing.clauses`; nothing is said that the parts do not carry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matching.content import Content
from matching.pair_views import Explained
from matching.pairing.clauses import Clause, clauses
from matching.pairing.parts import NEUTRAL, TEXT_PARTS, Part
from matching.pairing.ranker import shipped
from search.text import spans as term_spans
from web.formats import as_written, joined, number, spaced
from web.i18n import N_, gettext, ngettext, pgettext
from web.i18n import gettext as _
from web.messages import part_name
from web.names import Names

FOR: Final[Mapping[str, str]] = {
    "same_matter": N_("both speak of %(terms)s, in a close sense"),
    "same_words": N_("both mention %(terms)s, but the texts are not close in meaning"),
    "same_meaning": N_("close in meaning, in different words"),
    "somewhat_close": N_("somewhat close in meaning"),
    "somewhat_close_terms": N_("somewhat close in meaning, both mention %(terms)s"),
    "industry_suggested": N_("the industry is still to be confirmed"),
    "indicator_met": N_("%(name)s: %(asked)s asked, %(given)s given"),
    "indicators_met": N_("%(count)s of %(asked_count)s figures are met"),
    "maturity_meets": N_("maturity TRL %(given)s meets TRL %(asked)s"),
}
AGAINST: Final[Mapping[str, str]] = {
    "far": N_("the two texts are far apart"),
    "industry_parent": N_("belongs only to the broader industry"),
    "industry_outside": N_("outside the zone's industry"),
    "indicator_failed": N_("%(name)s: %(asked)s asked, %(given)s given, not met"),
    "indicator_open": N_("%(name)s: %(asked)s asked, %(given)s given, which does not tell"),
    "indicators_missing": N_("the result lists no %(names)s"),
    "maturity_partly": N_("maturity TRL %(given)s, only part of it at the TRL %(asked)s asked"),
    "maturity_below": N_("TRL %(given)s, below the TRL %(asked)s asked"),
    "maturity_unknown": N_("the result does not tell its maturity (TRL %(asked)s asked)"),
    "cooperation_none": N_("no way of cooperation in common: %(asked)s asked, %(given)s offered"),
    "price_above": N_("the price is above the budget"),
    "price_partly": N_("the price is only partly within the budget"),
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Two texts, each whole with its full stop, either perhaps empty. `missing` is shown in red."""

    sentence: str
    missing: str


def reasons(pair: Explained, names: Names) -> Reasons:
    told: list[str] = []
    against: list[str] = []
    for clause in clauses(pair.scored) if pair.scored else ():
        values = {key: _value(clause, key, value, pair.need, names) for key, value in clause.params.items()}
        if clause.code == "time_short":
            days = int(str(clause.params["days"]))
            against.append(ngettext("only %(n)d day is left", "only %(n)d days are left", days) % {"n": days})
        elif clause.code in AGAINST:
            against.append(gettext(AGAINST[clause.code]) % values)
        elif clause.code in FOR:
            told.append(gettext(FOR[clause.code]) % values)
    return Reasons(_sentence(told), _sentence(against))


def _sentence(parts: list[str]) -> str:
    if not parts:
        return ""
    text = pgettext("between clauses", "; ").join(parts)
    return spaced(pgettext("whole sentence", "%s.") % (text[:1].upper() + text[1:]))


def _value(clause: Clause, key: str, value: object, need: Content, names: Names) -> str:
    if isinstance(value, tuple):
        if key == "terms":
            return joined([as_written(each, need) for each in value])
        return names.all_of("cooperation", value) if clause.code == "cooperation_none" else joined(value)
    # A figure and its unit stay on one line.
    return str(value).replace(" ", "\u00a0") if key in ("asked", "given") else str(value)


def spans(text: str, terms: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Where the shared terms stand in a text."""
    return term_spans(text, terms)


def part_tone(part: Part) -> str:
    """The class of a part's bar: `na`, `poor`, `fair`, or nothing where it speaks for the pair. What two texts have in common is
    seldom half of what could be: those two parts are judged by what pairs of a level have, the others by the neutral half."""
    if part.value is None:
        return "na"
    if part.code in TEXT_PARTS:
        poor, fair, _strong = shipped().zone.thresholds
    else:
        poor, fair = 0.35, NEUTRAL
    return "poor" if part.value < poor else "fair" if part.value < fair else ""


def part_title(part: Part) -> str:
    """The tooltip of a part: its name, how far it is met, what it moved."""
    if part.value is None:
        return _("%(part)s: does not apply") % {"part": part_name(part.code)}
    return _("%(part)s: %(value)s of 100, %(points)s points of the score") % {
        "part": part_name(part.code),
        "value": number(round(part.value * 100)),
        "points": f"{part.points * 100:+.1f}",
    }
