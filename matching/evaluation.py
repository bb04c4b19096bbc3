"""How well the pair score ranks and grades pairs that people have judged, beside baselines, with intervals.

Only texts are judged there, so only the text parts of the score speak, and a level is the grade that is reached with a chance
of one half among such pairs (`Ranker.judged`).
"""

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.errors import FieldError, InvalidInput
from matching.judged_pairs import CONTEXT, Dataset, Embedded, embed, fold_of, lessons, read, score_judged, sides
from matching.pairing import fitting
from matching.pairing.fitting import Fitted, Floats, Integers, Judged
from matching.pairing.ranker import FILE, GRADES
from matching.pairing.ranker import shipped as shipped_ranker
from matching.pairing.score import Context, Scored
from matching.pairing.weights import TermWeights, count, from_counts, idf
from search import evaluate as metrics
from search.encoder.means import Means
from search.encoder.tuning import Lesson
from search.ports import Encoder
from search.text import terms, tokeniser_version

SEED: Final = 20261123
SAMPLES: Final = 2000
GOOD: Final = metrics.GOOD
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one system said of the judged pairs, arrays in the order of the pairs: a score to rank by, and, where it claims to
    know them, levels 0 to 3 and P(grade >= 2)."""

    scores: Floats
    levels: Integers | None = None
    chances: Floats | None = None


class Pairs:
    """The judged pairs of a set as arrays, by need and result id, with the parts of their score."""

    def __init__(self, data: Dataset, scored: Sequence[Scored]) -> None:
        self.data = data
        self.needs = [pair.need for pair in scored]
        self.results = [pair.result for pair in scored]
        self.judged = Judged(
            np.array([pair.part("meaning").value for pair in scored], np.float64),
            np.array([pair.part("terms").value for pair in scored], np.float64),
            np.ones(len(scored)),
            np.array([data.grades[pair.need][pair.result] for pair in scored], np.int64),
            np.ones(len(scored)),
        )

    def run(self, scores: Floats) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for need, result, score in zip(self.needs, self.results, scores.tolist(), strict=True):
            found.setdefault(need, {})[result] = score
        return found

    def by(self, fitted: Fitted) -> Outcome:
        texts = self.judged.texts(fitted.meaning, fitted.terms)
        return Outcome(texts, fitting.levels(fitted.scale, texts), fitting.chances(fitted.scale, texts, GOOD))


Teach = Callable[[Sequence[Lesson]], AbstractContextManager[Encoder]]
"""An encoder that was taught these lessons and subtracts nothing, for as long as the block runs."""


def evaluate(
    directory: Path,
    encoder: Encoder,
    *,
    means: Means | None = None,
    train: Path | None = None,
    folds: int | None = None,
    teach: Teach | None = None,
) -> dict[str, Any]:
    """Shipped weights; those learned on `train`, with means and term weights of its texts; or, with `folds`, learned for
    each fold on the needs outside it, near-same titles in one fold. Not both. With `folds` and `teach` the encoder, too, is
    taught anew for each fold; what is reached without that is a baseline then, `untaught`.

    `encoder` subtracts nothing; `means` are those that the platform subtracts, None for none. Top-level numbers `ndcg@10`, `auc`,
    `spearman`, `score_1_over_1_plus_mae`, `calibration_error`; 95 % `intervals` of them over needs; `baselines` in the same
    pairs, and by how much they are beaten. Raises `InvalidInput` for an unusable folder or number of folds; encoder errors
    as the port says.
    """
    data = read(directory)
    if folds is not None and not 2 <= folds <= len(data.needs):
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": len(data.needs)}))
    embedded = embed(data, encoder)
    context, shipped = CONTEXT, shipped_ranker()
    fitted = Fitted(shipped.meaning, shipped.terms, shipped.judged)
    settings: dict[str, Any] = {"weights": "shipped"}
    if train is not None:
        known = read(train)
        held = embed(known, encoder)
        context, means = replace(CONTEXT, weights=term_weights(known)), held.means()
        fitted = fitting.fit(pairs_of(known, held, means, context).judged)
        settings = {"weights": "trained", "train": known.digest}
    pairs = pairs_of(data, embedded, means, context)
    chosen: list[dict[str, Any]] = []
    baselines = _baselines(pairs, embedded)
    if folds is None:
        own = pairs.by(fitted)
        chosen.append(_told(fitted))
    else:
        own, chosen = _cross_validated(pairs, folds)
        settings = {"weights": "cross-validated", "folds": folds}
        if teach is not None:
            baselines["untaught"] = own
            pairs = Pairs(data, _taught(data, folds, teach, context))
            own, chosen = _cross_validated(pairs, folds)
            settings["taught"] = True
    settings |= {
        "encoder": encoder.fingerprint,
        "means": means.digest if means is not None else "",
        "terms": tokeniser_version(),
        "seed": SEED,
    }
    return _report(pairs, own, baselines, settings, chosen)


def pairs_of(data: Dataset, embedded: Embedded, means: Means | None, context: Context) -> Pairs:
    return Pairs(data, score_judged(data, *sides(data, embedded, means), context))


def term_weights(data: Dataset) -> TermWeights:
    """Weights of words by the texts of a set; no grade is looked at."""
    return from_counts(*count(f"{text.title}\n{text.body}" for text in (*data.needs.values(), *data.results.values())))


def _told(fitted: Fitted) -> dict[str, Any]:
    return {
        "meaning": round(fitted.meaning, 4),
        "terms": round(fitted.terms, 4),
        "slope": round(fitted.scale.slope, 3),
        "thresholds": [round(each, 4) for each in fitted.scale.thresholds],
    }


def _cross_validated(pairs: Pairs, folds: int) -> tuple[Outcome, list[dict[str, Any]]]:
    fold = fold_of(pairs.data.needs, folds)
    of_pair = np.array([fold[need] for need in pairs.needs])
    scores, chances = np.zeros(len(of_pair)), np.zeros(len(of_pair))
    levels = np.zeros(len(of_pair), np.int64)
    chosen: list[dict[str, Any]] = []
    for number in range(folds):
        held = of_pair == number
        if not held.any() or held.all():
            continue
        fitted = fitting.fit(pairs.judged.take(~held))
        texts = pairs.judged.take(held).texts(fitted.meaning, fitted.terms)
        # Ranked within a need, and a need stands in one fold: no fold's scale meets another's.
        scores[held] = texts
        levels[held] = fitting.levels(fitted.scale, texts)
        chances[held] = fitting.chances(fitted.scale, texts, GOOD)
        chosen.append({"fold": number, "pairs": int(held.sum()), **_told(fitted)})
    return Outcome(scores, levels, chances), chosen


def _taught(data: Dataset, folds: int, teach: Teach, context: Context) -> list[Scored]:
    """Every judged pair by an encoder that was taught with the other folds' needs, in the order of the folds' own pairs. The
    means are of what it was taught with, too."""
    fold = fold_of(data.needs, folds)
    by_need: dict[str, list[Scored]] = {}
    for number in range(folds):
        unseen, seen = (data.of({id_ for id_ in data.needs if (fold[id_] == number) == own}) for own in (True, False))
        if not unseen.needs or not seen.needs:
            raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": len(set(fold.values()))}))
        with teach(lessons(seen)) as encoder:
            means = embed(seen, encoder).means()
            for scored in score_judged(unseen, *sides(unseen, embed(unseen, encoder), means), context):
                by_need.setdefault(scored.need, []).append(scored)
    return [each for need in data.needs for each in by_need[need]]  # in the order of all others, for baselines stand beside


def _baselines(pairs: Pairs, embedded: Embedded) -> dict[str, Outcome]:
    """Random order; BM25 over our tokens, needs and results with title and text; the encoder as it comes: the cosine of
    the titles plus that of title with text."""
    need_at = {id_: at for at, id_ in enumerate(pairs.data.needs)}
    result_at = {id_: at for at, id_ in enumerate(pairs.data.results)}
    rows = np.array([need_at[each] for each in pairs.needs])
    columns = np.array([result_at[each] for each in pairs.results])
    plain = sum(
        np.einsum("ij,ij->i", embedded.plain["need"][view][rows].astype(np.float64), embedded.plain["result"][view][columns])
        for view in (0, 1)
    )
    return {
        "random": Outcome(np.random.default_rng(SEED).random(len(rows))),
        "bm25": Outcome(_bm25(pairs.data)[rows, columns]),
        "plain_encoder": Outcome(np.asarray(plain, np.float64)),
    }


def _bm25(data: Dataset) -> Floats:
    """Robertson & Zaragoza 2009 with Lucene's idf, k1 1.2 and b 0.75, shape (needs, results); frequencies of the judged
    results."""
    held = [terms(f"{each.title}\n{each.body}") for each in data.results.values()]
    lengths = np.array([max(1, len(each)) for each in held], np.float64)
    norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
    found = np.zeros((len(data.needs), len(held)))
    places: dict[str, list[tuple[int, int]]] = {}
    for at, words in enumerate(held):
        for word in sorted(set(words)):
            places.setdefault(word, []).append((at, words.count(word)))
    for row, need in zip(found, data.needs.values(), strict=True):
        for word in sorted(set(terms(f"{need.title}\n{need.body}")) & places.keys()):
            weight = idf(len(held), len(places[word]))
            for at, often in places[word]:
                row[at] += weight * often * (_K1 + 1) / (often + norm[at])
    return found


def _figures(pairs: Pairs, outcome: Outcome) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The numbers of one system, and by need those that are means over needs."""
    run, grades = pairs.run(outcome.scores), pairs.data.grades
    by_need = {
        "ndcg@10": metrics.ndcg_by_query(run, grades),
        "auc": metrics.auc_by_query(run, grades),
        "spearman": metrics.spearman_by_query(run, grades),
    }
    figures = {name: metrics.mean(list(values.values())) for name, values in by_need.items()}
    if outcome.levels is not None:
        figures["score_1_over_1_plus_mae"] = error_score(np.abs(outcome.levels - pairs.judged.grades))
    if outcome.chances is not None:
        figures["calibration_error"] = metrics.calibration_error(outcome.chances, pairs.judged.grades >= GOOD)
    return figures, by_need


def error_score(errors: NDArray[Any]) -> float:
    """1 / (1 + mean absolute error), of the distances of levels from grades."""
    return float(1 / (1 + errors.mean()))


def _intervals(pairs: Pairs, outcome: Outcome, by_need: Mapping[str, Mapping[str, float]]) -> dict[str, list[float]]:
    """95 % over needs drawn with replacement; a need comes with all its pairs."""
    found = {name: list(metrics.paired_interval(list(values.values()), seed=SEED)) for name, values in by_need.items()}
    order = {need: at for at, need in enumerate(pairs.data.needs)}
    of_pair = np.array([order[need] for need in pairs.needs])
    rows = [np.flatnonzero(of_pair == at) for at in range(len(order))]
    chance = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {"score_1_over_1_plus_mae": [], "calibration_error": []}
    for _ in range(SAMPLES):
        at = np.concatenate([rows[need] for need in chance.integers(0, len(rows), len(rows))])
        grades = pairs.judged.grades[at]
        if outcome.levels is not None:
            drawn["score_1_over_1_plus_mae"].append(error_score(np.abs(outcome.levels[at] - grades)))
        if outcome.chances is not None:
            drawn["calibration_error"].append(metrics.calibration_error(outcome.chances[at], grades >= GOOD))
    found.update({name: list(metrics.drawn_interval(values)) for name, values in drawn.items() if values})
    return {name: [round(end, 4) for end in ends] for name, ends in found.items()}


def _report(
    pairs: Pairs, own: Outcome, baselines: Mapping[str, Outcome], settings: Mapping[str, Any], chosen: list[dict[str, Any]]
) -> dict[str, Any]:
    figures, by_need = _figures(pairs, own)
    beside: dict[str, Any] = {}
    gains: dict[str, Any] = {}
    for name, outcome in baselines.items():
        theirs, of_need = _figures(pairs, outcome)
        beside[name] = {key: round(value, 4) for key, value in theirs.items()}
        differences = [value - of_need["ndcg@10"][need] for need, value in by_need["ndcg@10"].items()]
        low, high = metrics.paired_interval(differences, seed=SEED)
        gains[name] = {
            "ndcg@10": round(metrics.mean(differences), 4),
            "interval": [round(low, 4), round(high, 4)],
        }
    return {
        "needs": len(pairs.data.grades),
        "pairs": len(pairs.needs),
        **{name: round(value, 4) for name, value in figures.items()},
        "intervals": _intervals(pairs, own, by_need),
        "baselines": beside,
        "gains": gains,
        "levels": _levels(pairs, own),
        "chosen": chosen,
        "data": pairs.data.digest,
        "code": code_digest(),
        "settings": dict(settings),
    }


def _levels(pairs: Pairs, own: Outcome) -> dict[str, dict[str, Any]]:
    """By level: how many pairs were given it, and how many of these people graded 0, 1, 2, 3."""
    if own.levels is None:
        return {}
    table: dict[str, dict[str, Any]] = {}
    for level in (0, *GRADES):
        graded = pairs.judged.grades[own.levels == level]
        table[str(level)] = {"pairs": len(graded), "grades": np.bincount(graded, minlength=4).tolist()}
    return table


def code_digest() -> str:
    """16 hex digits over what computes the figures: the files of the pair score and of this evaluation, and numpy's version.
    The same on every machine that has the same of them."""
    here = Path(__file__).parent
    total = hashlib.sha256(f"{version('numpy')} {platform.machine()}".encode())
    for file in sorted([*here.joinpath("pairing").iterdir(), here / "evaluation.py", here / "judged_pairs.py"]):
        if file.suffix in (".py", ".json") and file.name != FILE:  # what was learned is told under `chosen`
            total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()[:16]
