"""The remaining time on uneven courses of progress: the truth lies in the span nearly always, and never far below it.

Courses are (seconds, units) steps.
"""

from collections.abc import Sequence
from itertools import accumulate
from random import Random

import pytest

from matching.progress import Marks, marked, remaining

Course = Sequence[tuple[float, int]]


def jittery(seed: int, steps: int, seconds: float, units: int, spread: float) -> Course:
    random = Random(seed)
    return [(seconds * random.uniform(1 - spread, 1 + spread), units) for _ in range(steps)]


def bursts(seed: int) -> Course:
    """Slices of texts that are stored already go by at once, those that are new take seconds."""
    random = Random(seed)
    return [(0.3 if random.random() < 0.4 else random.uniform(3, 6), 128) for _ in range(80)]


COURSES: dict[str, Course] = {
    "steady": [(1.0, 20)] * 90,
    "jitter": jittery(1, 120, 2.0, 100, 0.6),
    "bursts": bursts(2),
    "slower and slower": [(1.0 + at / 40, 50) for at in range(100)],
    "faster and faster": [(3.0 - at / 50, 50) for at in range(100)],
    "shared with a match": [(1.0 if at % 12 else 9.0, 64) for at in range(96)],
}


RECORDED: Course = [
    (14.1, 128), (14.1, 128), (15.3, 128), (28.3, 128), (29.4, 128), (29.3, 128), (62.4, 128), (18.1, 128), (14.6, 128),
    (12.5, 128), (12.2, 128), (17.2, 92),
]  # fmt: skip
"""1,500 imported results being made findable, on two cores that matched a zone and did other things meanwhile."""


def told(course: Course) -> list[tuple[float, float, float]]:
    """At each step where something is said: low, high, truth."""
    ends = list(accumulate(seconds for seconds, _ in course))
    total = sum(units for _, units in course)
    marks: Marks = [[0.0, 0.0]]
    done = 0
    found: list[tuple[float, float, float]] = []
    for at, (_, units) in zip(ends, course, strict=True):
        done += units
        marks = marked(marks, at, done)
        left = remaining(marks, at, done, total)
        if left is not None and done < total:
            found.append((left.low, left.high, ends[-1] - at))
    return found


@pytest.mark.parametrize("name", COURSES)
def test_the_truth_lies_in_the_span(name: str) -> None:
    spans = told(COURSES[name])
    assert len(spans) > len(COURSES[name]) * 0.8, "it is said nearly all the time"
    assert sum(low <= truth <= high for low, high, truth in spans) >= 0.85 * len(spans)
    assert all(high >= 0.8 * truth for _, high, truth in spans), "nobody is promised much less than it takes"
    assert sum(high <= 6 * low for low, high, _ in spans) > 0.6 * len(spans), "a span of anything would always be true"


def test_what_nobody_could_foresee_is_told_soon_after() -> None:
    spans = told([(1.0, 40)] * 40 + [(2.0, 40)] * 60)
    after = [each for each in spans if each[2] < 2.0 * 45]
    assert len(after) > 30
    assert all(low <= truth <= high for low, high, truth in after)


def test_a_recorded_import_was_told_about_truly() -> None:
    spans = told(RECORDED)
    assert len(spans) == 9
    assert sum(low <= truth <= high for low, high, truth in spans) >= 6
    assert all(0.8 * truth <= high and low <= 1.35 * truth for low, high, truth in spans)
