"""Ranking and grading metrics over judged pairs, in the definitions of the evaluation data's readme.

Pure. `Run` holds the scores a system gave, `Judgements` the grades people gave (0 unrelated to 3 strong). Only judged pairs
of a query carry meaning: scores of unjudged documents are ignored, a judged document without a score comes last. Equal
scores are ordered by document id. Averages are over queries; a query for which a metric is undefined is left out of it, and
without any defined query a metric is nan.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Run = Mapping[str, Mapping[str, float]]
Judgements = Mapping[str, Mapping[str, int]]
Floats = NDArray[np.float64]

GOOD: Final = 2
"""Grades from here on count as good where a metric needs a yes or no."""
_Z: Final = 1.959964
"""Normal deviate of an interval of 95 %."""


def ranked(scores: Mapping[str, float], judged: Mapping[str, int]) -> tuple[str, ...]:
    """The judged documents of one query, best first, ties by id."""
    return tuple(sorted(judged, key=lambda document: (-scores.get(document, -math.inf), document)))


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _dcg(grades: Sequence[int], k: int) -> float:
    return math.fsum((2.0**grade - 1.0) / math.log2(place + 2) for place, grade in enumerate(grades[:k]))


def ndcg_by_query(run: Run, judgements: Judgements, k: int = 10) -> dict[str, float]:
    """nDCG@k with gain 2^grade - 1, of the queries that have some grade above 0."""
    found: dict[str, float] = {}
    for query, judged in judgements.items():
        best = _dcg(sorted(judged.values(), reverse=True), k)
        if best > 0:
            found[query] = _dcg([judged[d] for d in ranked(run.get(query, {}), judged)], k) / best
    return found


def ndcg(run: Run, judgements: Judgements, k: int = 10) -> float:
    return mean(list(ndcg_by_query(run, judgements, k).values()))


def _columns(run: Run, query: str, judged: Mapping[str, int]) -> tuple[Floats, Floats]:
    """Scores and grades of one query's judged documents; a missing score counts as lower than all others."""
    scores = run.get(query, {})
    documents = sorted(judged)
    return (
        np.array([scores.get(d, -math.inf) for d in documents], dtype=np.float64),
        np.array([judged[d] for d in documents], dtype=np.float64),
    )


def _ranks(values: Floats) -> Floats:
    """Places from 1 on, the lowest first; equal values share the mean of theirs."""
    from scipy.stats import rankdata  # takes the better part of a second, which no start of the platform should pay

    found: Floats = rankdata(values)
    return found


def area(scores: Floats, good: NDArray[np.bool_]) -> float:
    """Chance that a good one scores above another one, equal scores count half; nan without one of either."""
    n, m = int(good.sum()), int((~good).sum())
    return (float(_ranks(scores)[good].sum()) - n * (n + 1) / 2) / (n * m) if n and m else math.nan


def auc_by_query(run: Run, judgements: Judgements, good: int = GOOD) -> dict[str, float]:
    """The `area` of documents of grade >= `good` and the others of the same query, of the queries that have both."""
    columns = {query: _columns(run, query, judged) for query, judged in judgements.items()}
    return _defined({query: area(scores, grades >= good) for query, (scores, grades) in columns.items()})


def _defined(figures: Mapping[str, float]) -> dict[str, float]:
    return {query: figure for query, figure in figures.items() if not math.isnan(figure)}


def auc(run: Run, judgements: Judgements, good: int = GOOD) -> float:
    return mean(list(auc_by_query(run, judgements, good).values()))


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's, mean ranks for ties; nan where one does not vary."""
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else math.nan


def spearman_by_query(run: Run, judgements: Judgements) -> dict[str, float]:
    """The `rank_correlation` of scores and grades, of the queries where both vary."""
    return _defined({query: rank_correlation(*_columns(run, query, judged)) for query, judged in judgements.items()})


def spearman(run: Run, judgements: Judgements) -> float:
    return mean(list(spearman_by_query(run, judgements).values()))


def calibration_error(chances: Floats, happened: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: over bins of equal width, the share of pairs in a bin times the distance of their mean
    chance from the share of them for which it happened. Of Naeini, Cooper & Hauskrecht, AAAI 2015."""
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    gaps = np.abs(np.bincount(place, chances, bins) - np.bincount(place, happened.astype(np.float64), bins))
    return float(gaps.sum()) / max(1, len(chances))


def levels(score: float, cuts: Sequence[float]) -> int:
    """How many of the ascending `cuts` the score reaches: the grade that fixed thresholds give."""
    return sum(score >= cut for cut in cuts)


def score_1_over_1_plus_mae(run: Run, judgements: Judgements, cuts: Sequence[float]) -> float:
    """1 / (1 + mean absolute difference of grade and level) over all judged pairs together; no score gives level 0."""
    errors = [
        float(abs(levels(run.get(query, {}).get(document, -math.inf), cuts) - grade))
        for query, judged in judgements.items()
        for document, grade in judged.items()
    ]
    return 1.0 / (1.0 + mean(errors))


def reciprocal_ranks(run: Run, judgements: Judgements, k: int = 100) -> dict[str, float]:
    """By query 1 / place of the first document of grade above 0 among the first `k` of the whole run (unjudged documents
    take places too, as in known-item search); 0 where there is none. Queries without such a document are left out."""
    found: dict[str, float] = {}
    for query, judged in judgements.items():
        if any(grade > 0 for grade in judged.values()):
            found[query] = next((1.0 / (i + 1) for i, d in enumerate(_top(run, query, k)) if judged.get(d, 0) > 0), 0.0)
    return found


def mrr(run: Run, judgements: Judgements, k: int = 100) -> float:
    """The mean of `reciprocal_ranks`."""
    return mean(list(reciprocal_ranks(run, judgements, k).values()))


def recall(run: Run, judgements: Judgements, k: int = 100) -> float:
    """Share of the documents of grade above 0 among the first `k` of the whole run, averaged over the queries with one."""
    found: list[float] = []
    for query, judged in judgements.items():
        wanted = {document for document, grade in judged.items() if grade > 0}
        if wanted:
            found.append(len(wanted.intersection(_top(run, query, k))) / len(wanted))
    return mean(found)


def _top(run: Run, query: str, k: int) -> tuple[str, ...]:
    scores = run.get(query, {})
    return tuple(sorted(scores, key=lambda document: (-scores[document], document))[:k])


def paired_interval(
    differences: Sequence[float], *, level: float = 0.95, samples: int = 10_000, seed: int = 1
) -> tuple[float, float]:
    """Between which means the difference of two systems lies, both asked the same queries: percentiles of the means of
    `samples` drawings of as many queries with replacement. The same for the same input."""
    values = np.asarray(differences, np.float64)
    chance = np.random.default_rng(seed)
    means = [values[chance.integers(0, len(values), (100, len(values)))].mean(axis=1) for _ in range(-(-samples // 100))]
    return drawn_interval(np.concatenate(means), level=level)


def drawn_interval(drawn: Floats | Sequence[float], *, level: float = 0.95) -> tuple[float, float]:
    """Between which values the middle `level` of those lie that a figure took in drawings with replacement."""
    edge = 50 * (1 - level)
    low, high = np.percentile(drawn, [edge, 100 - edge])
    return float(low), float(high)


def share_interval(hits: int, total: int) -> tuple[float, float]:
    """Between which shares `hits` of `total` speaks for, 95 %: Wilson's interval (J. Am. Stat. Assoc. 22, 1927). All of them
    where nothing was asked."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, _Z**2 / total
    middle, half = share + square / 2, _Z * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))
