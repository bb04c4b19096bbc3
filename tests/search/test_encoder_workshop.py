"""Teaching in a process of its own: what it makes, how it is stopped, and that it goes on where it was cut off."""

from pathlib import Path

import numpy as np
import pytest

from search.encoder.folder import read_folder
from search.encoder.means import load_means
from search.encoder.transformer import TransformerEncoder
from search.encoder.tuning import Lesson, Recipe
from search.encoder.workshop import STAGE, Round, Workshop, work
from search.errors import EncoderUnavailable

LESSONS = (Lesson(("电池", "电池 a"), ("材料a", "b", "ab:"), (3, 0, 1)), Lesson(("b材料",), ("电池电池", "a:b"), (0, 3)))
RECIPE = Recipe(epochs=3, upper=1, rate=3e-3, threads=1)
FIRST = Round(LESSONS[:1], {"need": ["电池", "b材料"], "result": ["材料a"]})
LAST = Round(LESSONS, {"need": ["电池"]}, keep=True, means_of={"need": ["电池"], "query": ["a"]}, pairs=[("电池", "a")])


class Stopped(Exception):
    pass


def test_what_is_made_is_what_the_taught_folder_says(tiny_folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    shop = Workshop(tmp_path / "shop", tiny_folder, RECIPE, nice=0)
    first, last = shop.run([FIRST, LAST], lambda *told: seen.append(told))
    assert {role: rows.shape for role, rows in first.vectors.items()} == {"need": (2, 32), "result": (1, 32)}
    assert not first.folder.exists(), "only its vectors are wanted"
    digest = read_folder(last.folder).digest
    assert digest != read_folder(tiny_folder).digest
    means = load_means(last.means)
    assert means.model == digest
    assert means.language is not None
    encoder = TransformerEncoder(last.folder, threads=1)
    try:
        assert np.allclose(encoder.encode(["电池"], "need"), last.vectors["need"], atol=2e-2)
    finally:
        encoder.close()
    assert {stage for stage, _, _ in seen} == {STAGE}
    done = [done for _, done, _ in seen]
    assert done == sorted(done)
    assert done[-1] <= {total for _, _, total in seen}.pop() == 200
    shop.forget()
    assert not (tmp_path / "shop").exists()


def test_who_is_stopped_goes_on_after_the_last_finished_round(tiny_folder: Path, tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "shop", tiny_folder, RECIPE, nice=0)

    def stop_in_the_second(_stage: str, done: int, _total: int) -> None:
        if done > 100:
            raise Stopped

    with pytest.raises(Stopped):
        shop.run([FIRST, LAST], stop_in_the_second)
    first = tmp_path / "shop" / "vectors-0.npz"
    before = first.stat().st_mtime_ns
    again: list[str] = []
    work(tmp_path / "shop", lambda at, *_: again.append(str(at)))
    assert set(again) == {"1"}
    assert first.stat().st_mtime_ns == before
    assert (tmp_path / "shop" / "vectors-1.npz").exists()


def test_other_lessons_begin_anew(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "rounds.json").write_text("{}")
    (folder / "vectors-0.npz").write_text("of other work")
    (made,) = Workshop(folder, tiny_folder, RECIPE, nice=0).run([FIRST], lambda *_: None)
    assert made.vectors["need"].shape == (2, 32)


def test_a_failure_says_what_the_process_said_last(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="not a sentence-transformers folder"):
        Workshop(tmp_path / "shop", tmp_path / "nothing", RECIPE, nice=0).run([FIRST], lambda *_: None)
