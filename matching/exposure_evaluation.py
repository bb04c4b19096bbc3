"""Whether results that are near everything crowd out the rest: who appears in the first ten of somebody, on a set of needs and
results, before and after centring, and with a correction for hubs. Quality is told beside, on the judged pairs of the set.

Hubness after Radovanović, Nanopoulos & Ivanović, JMLR 11 (2010); the correction is CSLS of Conneau et al., ICLR 2018, on
our score: `2 s - mean of the need's ten best - mean of the result's ten best`.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.evaluation import SEED, code_digest
from matching.judged_pairs import CONTEXT, Dataset, embed, read, sides
from matching.pairing.batch import prepare
from matching.pairing.estimate import estimates, longest_first
from matching.pairing.prepared import Prepared
from search import evaluate as metrics
from search.encoder.means import Means
from search.ports import Encoder

FIRST: Final = 10
NEIGHBOURS: Final = 10
STRENGTHS: Final = (0.25, 0.5, 1.0)
"""How much of the correction is applied."""
_BLOCK: Final = 64

Scores = NDArray[np.float64]


def evaluate(directory: Path, encoder: Encoder, *, means: Means | None = None) -> dict[str, Any]:
    """By ranking: `exposed`, the share of results that are among the first ten of some need; `most`, in how many first tens
    the most frequent one is; `hubness`, the skewness of how often results are; `ndcg@10` on the judged pairs and its
    difference to the platform's score with a 95 % interval over needs. `encoder` subtracts nothing. Raises what
    `judged_pairs.read` and the encoder raise."""
    data = read(directory)
    embedded = embed(data, encoder)
    cosine = {
        name: titles_cosine(*(prepare(each, CONTEXT) for each in sides(data, embedded, taken)))
        for name, taken in (("plain", None), ("centred", means))
    }
    score = all_scores(*(prepare(each, CONTEXT) for each in sides(data, embedded, means)))
    rankings: dict[str, Scores] = {
        "plain_titles": cosine["plain"],
        "centred_titles": cosine["centred"],
        "score": score,
        **{f"score_corrected_{strength}": corrected(score, strength) for strength in STRENGTHS},
    }
    of_score = metrics.ndcg_by_query(_run(data, score), data.grades)
    report: dict[str, Any] = {"needs": len(data.needs), "results": len(data.results)}
    for name, scores in rankings.items():
        own = metrics.ndcg_by_query(_run(data, scores), data.grades)
        differences = [value - of_score[need] for need, value in own.items()]
        report[name] = {
            **exposure(scores),
            "ndcg@10": round(metrics.mean(list(own.values())), 4),
            "difference": round(metrics.mean(differences), 4),
            "interval": [round(end, 4) for end in metrics.paired_interval(differences, seed=SEED)],
        }
    return {**report, "data": data.digest, "code": code_digest(), "settings": {"encoder": encoder.fingerprint, "first": FIRST}}


def titles_cosine(needs: Prepared, results: Prepared) -> Scores:
    """Shape (needs, results)."""
    a, b = (each.passages[each.starts[:-1]].astype(np.float64) for each in (needs, results))
    found: Scores = a @ b.T
    return found


def all_scores(needs: Prepared, results: Prepared) -> Scores:
    """What candidates are chosen by, for all pairs, shape (needs, results)."""
    need_at, result_at = longest_first(needs), longest_first(results)
    found = np.zeros((len(needs), len(results)))
    for start, values in estimates(needs.take(need_at), results.take(result_at), CONTEXT, _BLOCK):
        found[np.ix_(need_at[start : start + len(values)], result_at)] = values
    return found


def corrected(scores: Scores, strength: float) -> Scores:
    """The scores with so much of the correction; a need's own mean moves none of its results past another."""
    of_need, of_result = (_best(scores, axis).mean(axis=axis, keepdims=True) for axis in (1, 0))
    found: Scores = scores - strength * (of_need + of_result) / 2
    return found


def _best(scores: Scores, axis: int) -> Scores:
    count = min(NEIGHBOURS, scores.shape[axis])
    found: Scores = np.take(np.sort(scores, axis=axis), range(-count, 0), axis=axis)
    return found


def exposure(scores: Scores) -> dict[str, Any]:
    return exposure_of(np.argsort(-scores, axis=1, kind="stable")[:, :FIRST], scores.shape[1])


def exposure_of(first: NDArray[np.intp], results: int) -> dict[str, Any]:
    """Of the positions that stand in the first ten of each need, out of so many results."""
    often = np.bincount(first.ravel(), minlength=results).astype(np.float64)
    spread = float(often.std())
    return {
        "exposed": round(float((often > 0).mean()), 4),
        "most": int(often.max()),
        "hubness": round(float(((often - often.mean()) ** 3).mean() / spread**3), 3) if spread else 0.0,
    }


def _run(data: Dataset, scores: Scores) -> dict[str, dict[str, float]]:
    places = {id_: at for at, id_ in enumerate(data.results)}
    return {
        need: {result: float(row[places[result]]) for result in data.grades[need]}
        for need, row in zip(data.needs, scores, strict=True)
    }
