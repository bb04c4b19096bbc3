"""Score and parts. Whole points: the parts add up to the score exactly, and what is added to a text never takes one away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from matching.model import ListingKind
from matching.quality.signs import Signs, read
from matching.quality.writing import Writing

TELLING: Final = 4
"""So many words of their own make a field that says something."""


@dataclass(frozen=True, slots=True)
class Part:
    """`points` of at most `most`."""

    code: str
    points: int
    most: int

    @property
    def missing(self) -> int:
        return self.most - self.points


@dataclass(frozen=True, slots=True)
class Rating:
    """`score` 0 to 100. `signs` is what the texts show: questions quote it."""

    kind: ListingKind
    parts: tuple[Part, ...]
    signs: Signs

    @property
    def score(self) -> int:
        return sum(part.points for part in self.parts)

    def part(self, code: str) -> Part:
        return next(each for each in self.parts if each.code == code)


def rate(writing: Writing) -> Rating:
    """Of any texts, empty ones and very long ones too."""
    signs = read(writing)
    rules = _NEED if writing.kind == ListingKind.NEED else _RESULT
    parts = tuple(Part(code, min(most, rule(writing, signs)), most) for code, most, rule in rules)
    return Rating(writing.kind, parts, signs)


def _step(count: int, points: Sequence[int]) -> int:
    """Points for 0, 1, 2 … signs; the last stands for all above it."""
    return points[min(count, len(points) - 1)]


def _own(signs: Signs, field: str) -> bool:
    return signs.own.get(field, 0) >= TELLING


def _product(writing: Writing, signs: Signs) -> int:
    return (10 if signs.product else 0) + _step(len(signs.settings), (0, 6, 10))


def _difficulty(writing: Writing, signs: Signs) -> int:
    told = _step(len(signs.hard), (0, 8, 12, 14)) + (3 if "cause" in signs.has else 0) + (3 if "extent" in signs.has else 0)
    return max(told, min(14, told + _step(len(signs.soft), (0, 3, 5))), 8 if _own(signs, "difficulty") else 0)


def _halves(signs: Signs) -> int:
    """Figures with a name count twice as much as bare numbers."""
    return 2 * len(signs.named) + len(signs.numbers - signs.named)


def _indicators(writing: Writing, signs: Signs) -> int:
    return _step(_halves(signs), (0, 4, 8, 11, 13, 15, 17, 19, 20))


def _state(writing: Writing, signs: Signs) -> int:
    now = 5 if "now" in signs.has or _own(signs, "basis") else 0
    return now + (4 if "now_figure" in signs.has else 0) + (6 if "tried" in signs.has else 0)


def _budget(writing: Writing, signs: Signs) -> int:
    return 8 if any(writing.offer) or "money" in signs.has else 0


def _deadline(writing: Writing, signs: Signs) -> int:
    return 7 if writing.dated or "date" in signs.has else 0


def _cooperation(writing: Writing, signs: Signs) -> int:
    return 5 if writing.modes or "way" in signs.has else 0


def _industry(writing: Writing, signs: Signs) -> int:
    return 5 if writing.industries else 0


def _problem(writing: Writing, signs: Signs) -> int:
    return (10 if _own(signs, "problem") else 0) + _step(len(signs.hard), (0, 5, 8, 10)) + _step(len(signs.settings), (0, 2, 4))


def _advantage(writing: Writing, signs: Signs) -> int:
    told = (8 if "compared" in signs.has else 0) + (6 if "compared_figure" in signs.has else 0)
    return told + (6 if _own(signs, "advantage") else 0)


def _result_figures(writing: Writing, signs: Signs) -> int:
    return _step(_halves(signs), (0, 5, 10, 13, 16, 19, 21, 23, 25))


def _maturity(writing: Writing, signs: Signs) -> int:
    return (8 if writing.has_maturity else 0) + _step(len(signs.proofs), (0, 6, 9, 12))


def _rights(writing: Writing, signs: Signs) -> int:
    if any(right.number.strip() for right in writing.ip):
        return 15 if any(right.number.strip() and right.status for right in writing.ip) else 12
    return 8 if any(right.kind or right.title.strip() for right in writing.ip) else 6 if "rights" in signs.has else 0


_Rules = tuple[tuple[str, int, Callable[[Writing, Signs], int]], ...]
_NEED: Final[_Rules] = (
    ("product", 20, _product), ("difficulty", 20, _difficulty), ("indicators", 20, _indicators), ("state", 15, _state),
    ("budget", 8, _budget), ("deadline", 7, _deadline), ("cooperation", 5, _cooperation), ("industry", 5, _industry),
)  # fmt: skip
_RESULT: Final[_Rules] = (
    ("problem", 20, _problem), ("advantage", 20, _advantage), ("figures", 25, _result_figures), ("maturity", 20, _maturity),
    ("rights", 15, _rights),
)  # fmt: skip
