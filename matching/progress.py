"""How long a work still takes, from how fast it went: a span that the pace itself allows, or nothing. Pure.

A mark is (seconds since the first one, units done). Marks are kept thin: always the whole of the stage, ever more coarsely.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Marks = list[list[float]]

MOST_MARKS: Final = 32
FEWEST_STEPS: Final = 3
FEWEST_SECONDS: Final = 3.0
"""Below these nobody knows a pace yet."""
GAP_SECONDS: Final = 120.0
"""A longer silence is a stop of the process or of the lane: what was measured before it says nothing any more."""
SPREAD: Final = 0.25
"""A pace moves: the span is at least this much wide to either side."""

DRIFT: Final = (0.5, 2.0)
"""A pace that changes steadily is taken to go on so, down or up to these times its own."""


Report = Callable[[str, int, int], None]
"""What a long computation calls with stage, done and total, as often as it likes. It may raise to end the work there."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """For a computation that nobody watches."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """Seconds, at the fast and at the slow end of the paces seen."""

    low: float
    high: float


def marked(marks: Sequence[Sequence[float]], at: float, done: int) -> Marks:
    """The marks with a new one, thinned out. A silence before it, or fewer units than before, begins anew."""
    kept = [list(each) for each in marks]
    if kept and (at - kept[-1][0] > GAP_SECONDS or done < kept[-1][1] or at < kept[-1][0]):
        kept = []
    kept.append([at, float(done)])
    if len(kept) > MOST_MARKS:
        kept = [*kept[:-1:2], kept[-1]]
    return kept


def remaining(marks: Sequence[Sequence[float]], now: float, done: int, total: int) -> Remaining | None:
    """What is left of `total` at the paces seen, slow and fast: of all of the stage, of its newer half and quarter, and of
    what lies ahead if the pace goes on changing as it did. None where there is no pace
    yet, or none any more: nothing has moved for much longer than a step took before."""
    if len(marks) <= FEWEST_STEPS or marks[-1][0] - marks[0][0] < FEWEST_SECONDS:
        return None
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(marks) if b[0] > a[0]]
    silence = now - marks[-1][0]
    if not steps or silence > max(GAP_SECONDS / 4, 4 * max(seconds for seconds, _ in steps)):
        return None
    left = max(0, total - done)
    recent = steps[len(steps) // 2 :]
    mean = _pace(recent)
    overall = (marks[-1][1] - marks[0][1]) / (marks[-1][0] - marks[0][0])
    if mean <= 0 or overall <= 0:
        return None
    earlier = _pace(steps[: len(steps) // 2])
    newest = _pace(steps[-max(1, len(steps) // 4) :]) or mean
    seen = (mean, overall, newest, mean * _drift(earlier, mean, left, marks[-1][0] - marks[0][0]))
    slow, fast = min(seen), max(seen)
    wobble = _wobble(recent, mean)
    slow, fast = slow / (1 + wobble), fast * (1 + wobble)
    return Remaining(max(0.0, left / fast - silence), left / slow)


def _pace(steps: Sequence[tuple[float, float]]) -> float:
    """Units a second; 0 for no steps."""
    return sum(units for _, units in steps) / sum(seconds for seconds, _ in steps) if steps else 0.0


def _drift(earlier: float, recent: float, left: float, elapsed: float) -> float:
    """How much faster or slower than the newer half what is left may go, if the change from the older half goes on: its middle
    lies as many half stages ahead as it will take, and a half. Never below or above `DRIFT`, for nothing goes on for ever."""
    if earlier <= 0:
        return 1.0
    halves = (1 + left / recent / (elapsed / 2)) / 2
    least, most = (math.log(each) for each in DRIFT)
    return math.exp(min(max(math.log(recent / earlier) * halves, least), most))


def _wobble(steps: Sequence[tuple[float, float]], mean: float) -> float:
    """How far the pace of a run of such steps strays from their mean: their relative spread over the root of their number,
    for what is left averages as they did; never below `SPREAD`."""
    seconds = sum(each for each, _ in steps)
    variance = sum(each * (units / each - mean) ** 2 for each, units in steps) / seconds
    return max(SPREAD, 2 * math.sqrt(variance) / mean / math.sqrt(len(steps)))
