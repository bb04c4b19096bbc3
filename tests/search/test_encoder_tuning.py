"""Teaching a tiny encoder: it learns the order it is shown, keeps its lower layers, and leaves nothing half done."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from search.encoder.folder import read_folder
from search.encoder.transformer import TransformerEncoder
from search.encoder.tuning import Lesson, Recipe, tune
from search.errors import EncoderUnavailable
from search.ports import Matrix
from tests.search.encoder_fixtures import LAYERS

LESSONS = (
    Lesson(("电池", "电池 a"), ("材料a", "b", "ab:"), (3, 0, 1)),
    Lesson(("b材料",), ("电池电池", "a:b", "材料"), (0, 3, 0)),
)
RECIPE = Recipe(epochs=150, upper=1, rate=3e-3, threads=1)


def vectors(folder: Path, texts: tuple[str, ...]) -> Matrix:
    encoder = TransformerEncoder(folder, backend="fp32", threads=1)
    try:
        return encoder.encode(texts, "result")
    finally:
        encoder.close()


def margin(folder: Path, lesson: Lesson) -> float:
    """By how much the best answer is nearer than the next."""
    rows = vectors(folder, (lesson.questions[0], *lesson.answers))
    cosines = rows[1:] @ rows[0]
    best = int(np.argmax(lesson.grades))
    return float(cosines[best] - np.delete(cosines, best).max())


def test_it_learns_the_order_it_is_shown(tiny_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "tuned"
    digest = tune(tiny_folder, target, LESSONS, RECIPE)
    assert digest == read_folder(target).digest != read_folder(tiny_folder).digest
    for lesson in LESSONS:
        assert margin(target, lesson) > max(0.0, margin(tiny_folder, lesson))


def test_lower_layers_and_embeddings_stay_as_they_were(tiny_folder: Path, tmp_path: Path) -> None:
    tune(tiny_folder, tmp_path / "tuned", LESSONS, RECIPE)
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_folder, tmp_path / "tuned"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed
    assert all(f"encoder.layer.{LAYERS - 1}." in name for name in changed)
    assert {name: rows.dtype for name, rows in before.items()} == {name: rows.dtype for name, rows in after.items()}


def test_a_tuned_folder_says_what_it_was_taught(tiny_folder: Path, tmp_path: Path) -> None:
    tune(tiny_folder, tmp_path / "tuned", LESSONS, RECIPE)
    told = json.loads((tmp_path / "tuned" / "zonematch.json").read_text("utf-8"))
    assert told["tuned"]["pairs"] == 6
    assert read_folder(tmp_path / "tuned").name.endswith("-tuned")


def test_the_same_lessons_give_the_same_encoder(tiny_folder: Path, tmp_path: Path) -> None:
    recipe = Recipe(epochs=2, upper=1, threads=1)
    first, second = (tune(tiny_folder, tmp_path / name, LESSONS, recipe) for name in ("a", "b"))
    assert first == second


def test_without_learning_its_vectors_are_those_of_its_source(tiny_folder: Path, tmp_path: Path) -> None:
    """So what the learner computes is what serves."""
    tune(tiny_folder, tmp_path / "tuned", LESSONS, Recipe(epochs=1, upper=1, rate=0.0, threads=1))
    texts = ("电池材料", "ab: a", "")
    assert np.allclose(vectors(tiny_folder, texts), vectors(tmp_path / "tuned", texts), atol=1e-3)


def test_who_stops_it_leaves_nothing_behind(tiny_folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []

    def report(stage: str, done: int, total: int) -> None:
        seen.append((stage, done, total))
        if stage == "tuning" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tiny_folder, tmp_path / "tuned", LESSONS, RECIPE, report=report)
    assert seen[0][0] == "reading"
    assert seen[-1] == ("tuning", 3, RECIPE.epochs * len(LESSONS))
    assert list(tmp_path.glob("tuned*")) == []


def test_what_cannot_be_tuned_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different grades"):
        tune(tiny_folder, tmp_path / "tuned", [Lesson(("a",), ("b", "ab"), (1, 1))])
    (tmp_path / "there").mkdir()
    with pytest.raises(FileExistsError):
        tune(tiny_folder, tmp_path / "there", LESSONS)
    with pytest.raises(EncoderUnavailable):
        tune(tmp_path / "nowhere", tmp_path / "tuned", LESSONS)
