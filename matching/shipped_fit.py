"""The ranker that ships: learned on a set of judged pairs, then moved to whole zones, where good pairs are rarer.

That move is a scale of its own, learned on pairs of the demonstration's zones that were drawn at random within strata and
graded (`demo/graded.json`), each weighted by how many pairs it stands for.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from matching.agreement import weighted_kappa
from matching.demo.texts import listings
from matching.documents import body_of
from matching.drafts import ListingDraft
from matching.evaluation import GOOD, SEED, Pairs, code_digest, pairs_of
from matching.judged_pairs import CONTEXT, Dataset, Text, embed, read
from matching.pairing import fitting
from matching.pairing.fitting import Judged
from matching.pairing.ranker import Ranker, rounded
from search.encoder.means import Means
from search.evaluate import paired_interval
from search.ports import Encoder
from search.text import tokeniser_version

SAMPLE: Final = "graded.json"
STEPS: Final = 50.0
"""How many pairs the judged set's word on the steps between levels is worth: the sample holds few pairs of grade 2."""
_ANY_DAY: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Graded pairs of the demonstration. `pairs` has a row a pair: need, result, how many pairs it stands for, the grades."""

    digest: str
    pairs: tuple[tuple[str, str, float, tuple[int, ...]], ...]

    @property
    def share(self) -> float:
        """Of all pairs of the zones, how many are good; graders count alike."""
        good = sum(weight * _good(grades) for _, _, weight, grades in self.pairs)
        return good / sum(weight for _, _, weight, _ in self.pairs)

    def share_interval(self) -> tuple[float, float]:
        """95 %, pairs drawn with replacement."""
        mean = sum(weight for _, _, weight, _ in self.pairs) / len(self.pairs)
        return paired_interval([weight / mean * _good(grades) for _, _, weight, grades in self.pairs], seed=SEED)

    @property
    def kappa(self) -> float:
        first, second = zip(*(grades for *_, grades in self.pairs), strict=True)
        return weighted_kappa(first, second)


def _good(grades: Sequence[int]) -> float:
    return sum(grade >= GOOD for grade in grades) / len(grades)


def sample() -> Sample:
    """The shipped one."""
    text = files("matching.demo").joinpath(SAMPLE).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    weights = {name: each["of"] / each["drawn"] for name, each in content["strata"].items()}
    rows = tuple((need, result, weights[stratum], (first, second)) for need, result, stratum, first, second in content["pairs"])
    return Sample(hashlib.sha256(text.encode()).hexdigest()[:16], rows)


def demonstration(chosen: Sample) -> Dataset:
    """The sample's texts and the first grader's grades."""
    held = {each.key: each.draft for each in listings(_ANY_DAY)}
    grades: dict[str, dict[str, int]] = {}
    for need, result, _, given in chosen.pairs:
        grades.setdefault(need, {})[result] = given[0]
    texts = {key: Text(key, held[key].title, _body(held[key])) for row in chosen.pairs for key in row[:2]}
    return Dataset(
        {need: texts[need] for need in sorted(grades)},
        {result: texts[result] for result in sorted({each for rows in grades.values() for each in rows})},
        grades,
        chosen.digest,
    )


def _body(draft: ListingDraft) -> str:
    return "\n".join((draft.texts.get("keywords", ""), body_of(draft)))


def fit_shipped(directory: Path, encoder: Encoder, means: Means | None) -> Ranker:
    """Raises what `judged_pairs.read` and the encoder raise. `encoder` subtracts nothing, `means` are the shipped ones."""
    data, chosen = read(directory), sample()
    pairs = pairs_of(data, embed(data, encoder), means, CONTEXT)
    fitted = fitting.fit(pairs.judged)
    zone = demonstration(chosen)
    judged = of_sample(pairs_of(zone, embed(zone, encoder), means, CONTEXT), chosen)
    scale = fitting.fit_scale(fitted, judged, strength=STEPS)
    low, high = chosen.share_interval()
    return rounded(
        Ranker(
            fitted.meaning,
            fitted.terms,
            scale,
            fitted.scale,
            provenance={
                "command": "zonematch fit DIRECTORY --write",
                "data": data.digest,
                "needs": len(data.needs),
                "pairs": len(pairs.needs),
                "share_of_good_pairs_judged": round(float((pairs.judged.grades >= GOOD).mean()), 4),
                "zone_sample": chosen.digest,
                "zone_pairs": len(chosen.pairs),
                "zone_kappa": round(chosen.kappa, 3),
                "share_of_good_pairs_assumed_in_a_zone": round(chosen.share, 4),
                "share_interval": [round(low, 4), round(high, 4)],
                "encoder": encoder.fingerprint,
                "means": means.digest if means is not None else "",
                "terms": tokeniser_version(),
                "code": code_digest(),
            },
        )
    )


def of_sample(pairs: Pairs, chosen: Sample) -> Judged:
    """Every grade of the sample a row; a pair's graders share its weight. Weights add up to the number of pairs drawn."""
    held = {(need, result): (weight, grades) for need, result, weight, grades in chosen.pairs}
    rows = [
        (at, grade, weight / len(grades))
        for at, key in enumerate(zip(pairs.needs, pairs.results, strict=True))
        for weight, grades in (held[key],)
        for grade in grades
    ]
    places = np.array([at for at, _, _ in rows], np.intp)
    weights = np.array([weight for _, _, weight in rows])
    taken = pairs.judged.take(places)
    return replace(
        taken,
        grades=np.array([grade for _, grade, _ in rows], np.int64),
        weights=weights * len(chosen.pairs) / weights.sum(),
    )
