"""Whether the quality score of a need predicts that it has a good match, on needs and results that people have judged.

Of a folder in the BEIR layout (`matching.judged_pairs`) a need counts as matched when some judged result has grade 2 or 3. Two
questions are put to the score, and to the mere length of the text as a baseline: does it part matched needs from others (area
under the curve), and does it go with the share of good results among the judged ones (Spearman)? Intervals are 95 % bootstrap
intervals over needs, seed fixed. The judged pairs were chosen by people, who look for what they hope to find: a need without a
good match among them may have one elsewhere. The command says in words when an interval holds no news; what it found on a set
of data stands in its output, not here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.errors import FieldError, InvalidInput
from matching.judged_pairs import Dataset, read
from matching.model import ListingKind
from matching.quality import Writing, rate
from search.evaluate import GOOD, Floats, area, drawn_interval, rank_correlation

SAMPLES: Final = 2000
SEED: Final = 20191
EVEN: Final = 0.5
"""The area under the curve of a score that knows nothing."""


def evaluate(directory: Path, *, samples: int = SAMPLES) -> dict[str, Any]:
    """`needs`, `matched`; for `quality` and `length` the `auc` and `spearman` with their intervals; the difference of the two
    areas with its interval; the area of each part alone; and `says`, sentences. Raises `InvalidInput` for an unusable folder,
    and for one in which all needs or none have a good match."""
    data = read(directory)
    ratings = {id_: rate(Writing(ListingKind.NEED, text.title, {"detail": text.body})) for id_, text in data.needs.items()}
    shares = _shares(data)
    matched = shares > 0
    if matched.all() or not matched.any():
        raise InvalidInput(FieldError("directory", "dataset_without_judgements", {"file": "qrels.tsv", "line": 0}))
    scores = {
        "quality": np.array([float(rating.score) for rating in ratings.values()]),
        "length": np.array([float(len(text.title) + len(text.body)) for text in data.needs.values()]),
    }
    areas = {name: area(held, matched) for name, held in scores.items()}
    draws = _draws(len(matched), samples)
    drawn = {
        name: [area(held[at], matched[at]) for at in draws if matched[at].any() and not matched[at].all()]
        for name, held in scores.items()
    }
    report: dict[str, Any] = {
        "needs": len(matched),
        "matched": int(matched.sum()),
        "score": {"median": float(np.median(scores["quality"])), "lowest": float(scores["quality"].min()),
                  "highest": float(scores["quality"].max())},
    }  # fmt: skip
    for name, held in scores.items():
        ranks = [_correlation(held[at], shares[at]) for at in draws]
        report[name] = {
            "auc": round(areas[name], 4), "auc_interval": _interval(drawn[name]),
            "spearman": round(_correlation(held, shares), 4), "spearman_interval": _interval(ranks),
        }  # fmt: skip
    apart = [one - other for one, other in zip(drawn["quality"], drawn["length"], strict=True)]
    report["quality_minus_length"] = {"auc": round(areas["quality"] - areas["length"], 4), "auc_interval": _interval(apart)}
    points: dict[str, list[float]] = {}
    for rating in ratings.values():
        for part in rating.parts:
            points.setdefault(part.code, []).append(part.points)
    report["parts"] = {code: round(area(np.array(held), matched), 4) for code, held in points.items()}
    return report | {"says": _says(report)}


def _shares(data: Dataset) -> Floats:
    """Of every need the share of its judged results that are good."""
    return np.array([np.mean([grade >= GOOD for grade in data.grades[need].values()]) for need in data.needs])


def _draws(count: int, samples: int) -> list[NDArray[np.int64]]:
    random = np.random.default_rng(SEED)
    return [random.integers(0, count, count) for _ in range(samples)]


def _correlation(scores: Floats, shares: Floats) -> float:
    """0 where either does not vary: a constant tells nothing of the other."""
    return float(np.nan_to_num(rank_correlation(scores, shares)))


def _interval(drawn: Sequence[float]) -> tuple[float, float]:
    low, high = drawn_interval(drawn)
    return round(low, 4), round(high, 4)


def _says(report: Mapping[str, Any]) -> list[str]:
    low, high = report["quality"]["auc_interval"]
    told: list[str] = []
    if low <= EVEN <= high:
        told.append(
            f"The interval of the area under the curve ({low} to {high}) contains 0.5: on these needs the quality score does not "
            "predict whether a need has a good match."
        )
    else:
        word = "more" if low > EVEN else "less"
        told.append(f"Needs with a higher quality score have a good match {word} often (area {low} to {high}).")
    low, high = report["quality_minus_length"]["auc_interval"]
    compared = "no better and no worse than" if low <= 0 <= high else "better than" if low > 0 else "worse than"
    return [*told, f"It does {compared} the length of the text alone."]
