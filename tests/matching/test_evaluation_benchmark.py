"""The pair score on the judged pairs of the benchmark folder, with the real encoder and its shipped means.

The last test is the account of the constants: whatever could have been settled by looking at that set (weight of the
meaning part, thresholds, and which words are frame words) is chosen anew inside each fold, on the needs outside it.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matching.evaluation import evaluate
from matching.judged_pairs import CONTEXT, Dataset, embed, fold_of, read, score_judged, sides
from matching.pairing.ranker import shipped as shipped_ranker
from matching.pairing.score import Context, Scored
from matching.pairing.weights import TermWeights, shipped
from matching.shipped_fit import fit_shipped
from search.encoder.means import Means, shipped_means
from search.encoder.transformer import TransformerEncoder
from search.evaluate import mean, ndcg_by_query
from search.ports import Lane, Matrix, Role
from search.text import terms
from tests.services import ROOT, benchmarks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("benchmarks"),
]
FOLDS = 5
MEANING_WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SHARES = (0.01, 0.015, 0.02, 0.03)
"""From this share of the results' titles on a word counts as a frame word, where the list itself is learned."""


class Remembering:
    """The real encoder; texts that it was asked for before are not computed again."""

    def __init__(self, encoder: TransformerEncoder) -> None:
        self._encoder = encoder
        self._known: dict[tuple[str, tuple[str, ...]], Matrix] = {}

    def encode(self, texts: Any, role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        key = (role, tuple(texts))
        if key not in self._known:
            self._known[key] = self._encoder.encode(texts, role, lane=lane, timeout=timeout)
        return self._known[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)


@pytest.fixture(scope="module")
def encoder() -> Iterator[Remembering]:
    folder = ROOT / "var" / "encoder"
    if not folder.is_dir():
        pytest.skip("the encoder folder var/encoder is not built")
    made = TransformerEncoder(folder)
    yield Remembering(made)
    made.close()


@pytest.fixture(scope="module")
def means(encoder: Remembering) -> Means:
    found = shipped_means(encoder.digest)
    assert found is not None, "no means are shipped for this encoder"
    return found


@pytest.fixture(scope="module")
def folder() -> Path:
    found = benchmarks()
    assert found is not None
    return found / "ccf-bdci-2019"


def test_the_shipped_score_beats_the_plain_encoder(encoder: Remembering, means: Means, folder: Path) -> None:
    found = evaluate(folder, encoder, means=means)
    assert (found["needs"], found["pairs"]) == (141, 4128)
    assert found["ndcg@10"] >= 0.76
    assert found["auc"] >= 0.79
    assert found["score_1_over_1_plus_mae"] >= 0.69
    assert found["gains"]["plain_encoder"]["interval"][0] > 0


def test_so_do_weights_learned_from_other_needs(encoder: Remembering, means: Means, folder: Path) -> None:
    found = evaluate(folder, encoder, means=means, folds=FOLDS)
    assert found["ndcg@10"] >= 0.76
    assert found["score_1_over_1_plus_mae"] >= 0.69
    assert found["calibration_error"] < 0.05
    assert found["gains"]["plain_encoder"]["interval"][0] > 0


def test_the_shipped_weights_are_what_the_command_learns(encoder: Remembering, means: Means, folder: Path) -> None:
    """To what another processor's arithmetic may change."""
    found, held = fit_shipped(folder, encoder, means), shipped_ranker()
    assert found.meaning == pytest.approx(held.meaning, abs=0.02)
    assert found.zone.thresholds == pytest.approx(held.zone.thresholds, abs=0.02)
    assert found.judged.thresholds == pytest.approx(held.judged.thresholds, abs=0.02)
    assert {**found.provenance, "code": ""} == {**held.provenance, "code": ""}


def test_so_do_frame_words_that_are_learned_from_other_needs(encoder: Remembering, means: Means, folder: Path) -> None:
    data = read(folder)
    needs, results = sides(data, embed(data, encoder), means)
    fold = fold_of(data.needs, FOLDS)
    held: list[float] = []
    for number in range(FOLDS):
        known = {need: rows for need, rows in data.grades.items() if fold[need] != number}
        asked = {need: rows for need, rows in data.grades.items() if fold[need] == number}
        tried = []
        for share in SHARES:
            table = TermWeights(shipped().words, shipped().characters, _common(data, known, share))
            pairs = score_judged(data, needs, results, Context(today=CONTEXT.today, weights=table))
            for weight in MEANING_WEIGHTS:
                run = _run(pairs, weight)
                tried.append((mean(list(ndcg_by_query(run, known).values())), run))
        _, run = max(tried, key=lambda each: each[0])
        held += ndcg_by_query(run, asked).values()
    assert len(held) == 138
    assert mean(held) >= 0.76


def _common(data: Dataset, known: dict[str, dict[str, int]], share: float) -> frozenset[str]:
    """Words of at least this share of the titles that were judged for these needs. No grade is looked at."""
    titles = [data.results[result].title for result in sorted({result for rows in known.values() for result in rows})]
    counts = Counter(word for title in titles for word in frozenset(terms(title)))
    return frozenset(word for word, count in counts.items() if count >= share * len(titles))


def _run(pairs: list[Scored], weight: float) -> dict[str, dict[str, float]]:
    run: dict[str, dict[str, float]] = {}
    for pair in pairs:
        mixed = weight * (pair.part("meaning").value or 0) + (1 - weight) * (pair.part("terms").value or 0)
        run.setdefault(pair.need, {})[pair.result] = mixed
    return run
