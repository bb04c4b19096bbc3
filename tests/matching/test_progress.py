"""The remaining time: a span from the pace, or nothing where there is none."""

from hypothesis import given
from hypothesis import strategies as st

from matching.progress import GAP_SECONDS, MOST_MARKS, Marks, marked, remaining


def steady(seconds: int, pace: float) -> Marks:
    marks: Marks = []
    for at in range(seconds + 1):
        marks = marked(marks, float(at), int(at * pace))
    return marks


def test_a_steady_pace_gives_a_span_around_the_truth() -> None:
    found = remaining(steady(60, 10), 60.0, 600, 1800)
    assert found is not None
    assert found.low < 120 < found.high
    assert found.high - found.low < 80


def test_nobody_knows_before_there_is_a_pace() -> None:
    assert remaining([], 0.0, 0, 100) is None
    assert remaining(steady(2, 10), 2.0, 20, 100) is None
    assert remaining(steady(10, 0), 10.0, 0, 100) is None


def test_nor_when_it_stands_still() -> None:
    marks = steady(20, 10)
    assert remaining(marks, 22.0, 200, 400) is not None
    assert remaining(marks, 20.0 + GAP_SECONDS, 200, 400) is None


def test_a_pace_that_falls_widens_the_span_to_the_slower_one() -> None:
    marks: Marks = []
    for at in range(41):
        marks = marked(marks, float(at), at * 10 if at <= 20 else 200 + (at - 20) * 2)
    found = remaining(marks, 40.0, 240, 440)
    assert found is not None
    assert found.low < 40
    assert found.high > 100  # at two a second


def test_a_stop_in_between_begins_anew() -> None:
    marks = marked(steady(30, 10), 30 + 3600.0, 310)
    assert marks == [[3630.0, 310.0]]
    assert marked(steady(5, 10), 6.0, 3) == [[6.0, 3.0]]


@given(st.lists(st.tuples(st.floats(0.1, 100), st.integers(0, 500)), max_size=120), st.integers(0, 10_000))
def test_marks_stay_few_and_the_span_makes_sense(steps: list[tuple[float, int]], left: int) -> None:
    marks: Marks = []
    at, done = 0.0, 0
    for seconds, units in steps:
        at, done = at + seconds, done + units
        marks = marked(marks, at, done)
    assert len(marks) <= MOST_MARKS
    assert not marks or marks[-1] == [at, float(done)]
    found = remaining(marks, at, done, done + left)
    assert found is None or 0 <= found.low <= found.high
