"""What the pair score does with full texts: two hundred pairs of our own over all fourteen industries, half of them written to
mislead, graded blind. Reported apart: nothing is learned from them.

Grades are of two graders who saw the texts alone (no zone staff: two language models with the rubrics of a broker and of a
technology manager), their mean rounded down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np

from matching.agreement import weighted_kappa
from matching.demo.texts import BehaviourPair, behaviour
from matching.documents import passages_of
from matching.drafts import ListingDraft
from matching.evaluation import GOOD, SEED, code_digest, error_score
from matching.model import ListingKind
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Side
from matching.side_cache import written_side
from search import evaluate as metrics
from search.ports import Encoder

CONTEXT: Final = Context(today=date(2026, 1, 1))
TRL: Final[Mapping[str, tuple[int, int]]] = {
    "researching": (1, 3), "sample": (4, 4), "lab": (4, 5), "pilot": (6, 7), "mass": (8, 9),
}  # fmt: skip
"""The crosswalk of `data/reference.json`, which a database would hold."""
NEUTRAL: Final = (
    "单位简介：本单位成立多年，设有多个部门，人员结构合理，管理制度健全，办公条件良好。欢迎来电来函洽谈，具体事宜可以面谈。",
    "其他说明：材料按有关规定整理，内容以双方最终确认的文本为准，后续进展会及时更新，感谢关注与支持。",
    "交通便利，周边配套齐全，可接待参观。联系时间为工作日上午九点至下午五点，节假日另行安排。",
)
"""Bodies that say nothing of any matter: adding one must not make a result another result."""


def evaluate(encoder: Encoder) -> dict[str, Any]:
    """Encoder errors as the port says. `encoder` is the platform's, means subtracted."""
    drafts, pairs = behaviour()
    sides = sides_of(drafts, encoder)
    scored = [score_pair(sides[pair.need], sides[pair.result], CONTEXT) for pair in pairs]
    grades = np.array([sum(pair.grades) // len(pair.grades) for pair in pairs])
    judged: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for pair, found, grade in zip(pairs, scored, grades.tolist(), strict=True):
        judged.setdefault(pair.need, {})[pair.result] = grade
        run.setdefault(pair.need, {})[pair.result] = found.score
    levels = np.array([found.level for found in scored])
    chances = np.array([CONTEXT.ranker.zone.chance(found.score / CONTEXT.formula.scale, GOOD) for found in scored])
    return {
        "pairs": len(pairs),
        "needs": len(judged),
        "kinds": dict(sorted(Counter(pair.kind for pair in pairs).items())),
        "kappa": round(weighted_kappa(*zip(*(pair.grades for pair in pairs), strict=True)), 3),
        "ndcg@10": round(metrics.ndcg(run, judged), 4),
        "auc": round(metrics.auc(run, judged), 4),
        "score_1_over_1_plus_mae": round(error_score(np.abs(levels - grades)), 4),
        "calibration_error": round(metrics.calibration_error(chances, grades >= GOOD), 4),
        "levels": {str(level): np.bincount(grades[levels == level], minlength=4).tolist() for level in range(4)},
        "best_is_good": _share(_best_is_good(run, judged)),
        "figures": _figures(pairs, scored),
        "maturity": _maturity(pairs, scored),
        "passages": _passages(drafts, pairs, scored),
        "missing_is_named": _share(
            f"indicators:{name}" in found.missing
            for pair, found in zip(pairs, scored, strict=True)
            if pair.kind != "hard_negative"
            for name in pair.expect["missing"]
        ),
        "neutral_body": neutral_body(drafts, pairs, sides, encoder),
        "code": code_digest(),
        "settings": {"encoder": encoder.fingerprint, "seed": SEED},
    }


def sides_of(drafts: Mapping[str, ListingDraft], encoder: Encoder) -> dict[str, Side]:
    """Each draft as the platform would hold it once published."""
    found: dict[str, Side] = {}
    for kind in (ListingKind.NEED, ListingKind.RESULT):
        own = {key: draft for key, draft in drafts.items() if draft.kind == kind}
        keys = {key: [text for _, text in passages_of(draft)[1]] for key, draft in own.items()}
        role: Any = "need" if kind == ListingKind.NEED else "result"
        rows = encoder.encode([text for each in keys.values() for text in each], role)
        start = 0
        for key, texts in keys.items():
            found[key] = side_of_draft(key, own[key], rows[start : start + len(texts)])
            start += len(texts)
    return found


def side_of_draft(key: str, draft: ListingDraft, vectors: np.ndarray) -> Side:
    amounts = draft.amounts.get("budget") if draft.kind == ListingKind.NEED else (draft.price_min_fen, draft.price_max_fen)
    return replace(
        written_side(key, draft, vectors),
        industries=frozenset(draft.industries),
        trl=(draft.trl, draft.trl) if draft.trl is not None else TRL.get(draft.maturity or ""),
        modes=frozenset(draft.modes),
        price=amounts if amounts and amounts != (None, None) else None,
    )


def _share(values: Iterable[bool]) -> dict[str, Any]:
    held = list(values)
    return {"right": sum(held), "of": len(held)}


def _best_is_good(run: metrics.Run, judged: metrics.Judgements) -> Iterable[bool]:
    return (judged[need][metrics.ranked(run[need], judged[need])[0]] >= GOOD for need in judged)


def _figures(pairs: Sequence[BehaviourPair], scored: Sequence[Scored]) -> dict[str, Any]:
    """Of pairs about the same matter: by what was built in, how often the score says just that of a figure asked."""
    said: dict[str, list[bool]] = {"met": [], "failed": [], "missing": []}
    wrong = 0
    for pair, found in zip(pairs, scored, strict=True):
        if pair.kind == "hard_negative":
            continue
        facts = found.part("indicators").facts
        for verdict, right in said.items():
            for name in pair.expect[verdict]:
                told = next((each for each in facts if any(entry["name"] == name for entry in facts[each])), "")
                right.append(told == verdict)
                wrong += {told, verdict} == {"met", "failed"}
    return {**{verdict: _share(right) for verdict, right in said.items()}, "met_for_failed_or_reverse": wrong}


def _maturity(pairs: Sequence[BehaviourPair], scored: Sequence[Scored]) -> dict[str, Any]:
    """Of those whose two sides say something. Ranges that meet in part count as meeting."""
    told = [
        (pair.expect["maturity"], found.part("maturity").facts.get("verdict"))
        for pair, found in zip(pairs, scored, strict=True)
        if pair.expect["maturity"] in ("meets", "below")
    ]
    return _share(said == expected or (said == "partly" and expected == "meets") for expected, said in told)


def _passages(drafts: Mapping[str, ListingDraft], pairs: Sequence[BehaviourPair], scored: Sequence[Scored]) -> dict[str, Any]:
    """Of results with more than one passage beside the title: whether the one shown as closest holds the answer."""
    found: list[bool] = []
    for pair, each in zip(pairs, scored, strict=True):
        texts = passages_of(drafts[pair.result])[0]
        if pair.expect["passage"] and len(texts) > 2:
            found.append(pair.expect["passage"] in texts[each.best_passages[1]])
    return _share(found)


def neutral_body(
    drafts: Mapping[str, ListingDraft], pairs: Sequence[BehaviourPair], sides: Mapping[str, Side], encoder: Encoder
) -> dict[str, Any]:
    """How many pairs keep their level when the result's summary is followed by a text that says nothing of any matter, and
    when a result that has a title alone is given such a body."""
    results = {pair.result: drafts[pair.result] for pair in pairs}
    bare = {key: replace(draft, texts={}, indicators=()) for key, draft in results.items()}
    bare_sides = sides_of(bare, encoder)
    report: dict[str, Any] = {}
    for name, before, held in (("full", results, sides), ("title_alone", bare, bare_sides)):
        moves: Counter[int] = Counter()
        for text in NEUTRAL:
            after = sides_of({key: _with(draft, text) for key, draft in before.items()}, encoder)
            for pair in pairs:
                levels = (score_pair(sides[pair.need], each[pair.result], CONTEXT).level for each in (held, after))
                first, second = levels
                moves[abs(second - first)] += 1
        report[name] = {"kept": moves[0], "by_one": moves[1], "by_two_or_more": moves[2] + moves[3], "of": moves.total()}
    return report


def _with(draft: ListingDraft, text: str) -> ListingDraft:
    return replace(draft, texts={**draft.texts, "summary": "\n".join(filter(None, (draft.texts.get("summary"), text)))})
