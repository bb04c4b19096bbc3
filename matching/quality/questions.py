"""What to ask: at most four questions that fit this very text, as codes with parameters; other rooms put them into words.

| code | parameters | asks |
|---|---|---|
| `where_wish` | wish | which product or part, and in what conditions, a wish of the text means |
| `where_product` | product | in what conditions a product of the text is used |
| `what_product` | | what it is about at all |
| `what_fails` | product | what goes wrong with the product |
| `why_wish` | wish | what goes wrong today, that somebody should wish so |
| `why_fails` | symptom | where, how often and from what cause something of the text goes wrong |
| `what_hard` | | what the difficulty is |
| `how_much` | wish | how much a wish means, from what, and how it is tested |
| `which_figures` | product | what figures the product has to reach |
| `more_figures` | figure | what figures beside one of the text |
| `any_figures` | | what figures at all |
| `state_of` | product | how it is done today and what was tried |
| `what_state` | | the same of an unnamed thing |
| `what_tried` | | what was tried, where the present state is told |
| `what_now` | | how it stands in figures, where it is told what was tried |
| `budget`, `deadline`, `cooperation`, `industry` | | |
| `what_problem`, `whose_problem` | product | whose problem a result solves |
| `what_advantage`, `which_advantage` | product | against what it is better |
| `advantage_figure` | | by how much, where it is compared without a number |
| `result_figures`, `more_result_figures` | figure | what was measured |
| `maturity`, `proof` | | its stage, and what shows it |
| `rights`, `right_number` | | what protects it, under what number |

`product`, `wish`, `symptom` and `figure` are words of the text.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final

from matching.model import ListingKind
from matching.quality.rating import Rating

MOST_QUESTIONS: Final = 4
WORTH: Final = 3
"""A question is asked for so many points at least."""


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """`part` is the one that an answer raises, by at most `points`; `field` the form's field for it."""

    code: str
    part: str
    field: str
    points: int
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


def questions(rating: Rating) -> tuple[Question, ...]:
    """What would raise the score most, first; nothing where little is missing."""
    ask = _NEED if rating.kind == ListingKind.NEED else _RESULT
    found = [one for code in ask if (one := ask[code](rating)) is not None and one.points >= WORTH]
    return tuple(sorted(found, key=lambda each: -each.points)[:MOST_QUESTIONS])


def _one(rating: Rating, part: str, target: str, *codes: tuple[str, Mapping[str, str]]) -> Question | None:
    """The first of the wordings whose parameters the text fills."""
    for code, params in codes:
        if all(params.values()):
            return Question(code, part, target, rating.part(part).missing, params)
    return None


def _product(rating: Rating) -> Question | None:
    signs = rating.signs
    named = {"product": signs.product}
    return _one(
        rating, "product", "detail",
        *((("where_product", named),) if signs.product else (("where_wish", {"wish": signs.wish}),)), ("what_product", {}),
    )  # fmt: skip


def _difficulty(rating: Rating) -> Question | None:
    signs = rating.signs
    return _one(
        rating, "difficulty", "difficulty", ("why_fails", {"symptom": signs.symptom}),
        ("what_fails", {"product": signs.product}), ("why_wish", {"wish": signs.wish}), ("what_hard", {}),
    )  # fmt: skip


def _indicators(rating: Rating) -> Question | None:
    signs = rating.signs
    return _one(
        rating, "indicators", "indicators", ("more_figures", {"figure": signs.figure}), ("how_much", {"wish": signs.wish}),
        ("which_figures", {"product": signs.product}), ("any_figures", {}),
    )  # fmt: skip


def _state(rating: Rating) -> Question | None:
    signs = rating.signs
    if "tried" in signs.has:
        return _one(rating, "state", "basis", ("what_now", {}))
    if "now" in signs.has:
        return _one(rating, "state", "basis", ("what_tried", {}))
    return _one(rating, "state", "basis", ("state_of", {"product": signs.product}), ("what_state", {}))


def _problem(rating: Rating) -> Question | None:
    return _one(rating, "problem", "problem", ("what_problem", {"product": rating.signs.product}), ("whose_problem", {}))


def _advantage(rating: Rating) -> Question | None:
    if "compared" in rating.signs.has:
        return _one(rating, "advantage", "advantage", ("advantage_figure", {}))
    return _one(rating, "advantage", "advantage", ("what_advantage", {"product": rating.signs.product}), ("which_advantage", {}))


def _figures(rating: Rating) -> Question | None:
    return _one(
        rating, "figures", "indicators", ("more_result_figures", {"figure": rating.signs.figure}), ("result_figures", {})
    )  # fmt: skip


def _maturity(rating: Rating) -> Question | None:
    part = rating.part("maturity")
    return _one(rating, "maturity", "maturity", ("maturity" if part.missing >= 8 else "proof", {}))


def _rights(rating: Rating) -> Question | None:
    return _one(rating, "rights", "ip", ("right_number" if rating.part("rights").points else "rights", {}))


_Ask = Callable[[Rating], Question | None]
_NEED: Final[Mapping[str, _Ask]] = {
    "product": _product,
    "difficulty": _difficulty,
    "indicators": _indicators,
    "state": _state,
    "budget": lambda rating: _one(rating, "budget", "budget", ("budget", {})),
    "deadline": lambda rating: _one(rating, "deadline", "wanted_by", ("deadline", {})),
    "cooperation": lambda rating: _one(rating, "cooperation", "modes", ("cooperation", {})),
    "industry": lambda rating: _one(rating, "industry", "industries", ("industry", {})),
}
_RESULT: Final[Mapping[str, _Ask]] = {
    "problem": _problem,
    "advantage": _advantage,
    "figures": _figures,
    "maturity": _maturity,
    "rights": _rights,
}
