"""How well the industry gate lets texts into the right fields, measured on texts that were labelled by hand.

"In an industry" is told of as the platform uses it (domain §2.6): tagged with it or a descendant. A text counts for every
industry it is in by its labels, and for every one that its suggestions put it in. The repository holds ids and labels
only; texts of a benchmark are read from its folder, and left out where that is absent.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, Final

from matching.demo import texts as demo_texts
from matching.documents import Worded, body_of, passages_of
from matching.drafts import ListingDraft
from matching.errors import FieldError, InvalidInput
from matching.model import ListingKind
from matching.reference import IndustryNode
from matching.tagging import RULE, Rule, Suggestion, choose, industry_text, scored
from search.ports import Encoder, Vector

BENCHMARK: Final = "ccf-bdci-2019"
RULES: Final = tuple(
    Rule(sure, beside, at_most)
    for sure, beside, at_most in product((0.35, 0.4, 0.45, 0.5, 0.55, 0.6), (0.05, 0.1, 0.15, 0.2, 0.25), (2, 3, 4))
)
"""What cross-validation may choose from."""
WANTED_RECALL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the codes of its labels; `industries` are those that the demonstration stores with its own texts."""

    id: str
    source: str
    words: Worded
    labels: frozenset[str]
    stored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs of text and industry: in it by both, by the suggestions alone, by the labels alone."""

    both: int = 0
    surplus: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.both + other.both, self.surplus + other.surplus, self.missed + other.missed)

    @property
    def recall(self) -> float:
        return self.both / (self.both + self.missed) if self.both + self.missed else 1.0

    @property
    def precision(self) -> float:
        return self.both / (self.both + self.surplus) if self.both + self.surplus else 1.0

    def told(self) -> dict[str, float | int]:
        return {
            "recall": round(self.recall, 4), "precision": round(self.precision, 4), "in": self.both + self.missed,
            "suggested": self.both + self.surplus,
        }  # fmt: skip


def read_labels() -> dict[str, dict[str, list[str]]]:
    """Source → id → codes."""
    held: dict[str, Any] = json.loads(files("matching").joinpath("data/industry_labels.json").read_text("utf-8"))
    return {source: rows for source, rows in held.items() if source != "about"}


def labelled(benchmarks: Path | None) -> list[Labelled]:
    """The texts that are at hand. Raises `InvalidInput` for a folder that lacks a labelled text."""
    labels = read_labels()
    own = {each.key: each.draft for each in demo_texts.listings(date(2026, 1, 1))}
    found = [Labelled(key, "own", own[key], frozenset(codes), own[key].industries) for key, codes in labels["own"].items()]
    folder = benchmarks / BENCHMARK if benchmarks is not None else None
    if folder is not None and folder.is_dir():
        held = _benchmark(folder)
        absent = sorted(labels[BENCHMARK].keys() - held.keys())
        if absent:
            raise InvalidInput(FieldError("directory", "dataset_line_wrong", {"file": absent[0], "line": 0}))
        found += [Labelled(id_, BENCHMARK, held[id_], frozenset(codes)) for id_, codes in labels[BENCHMARK].items()]
    return found


def _benchmark(folder: Path) -> dict[str, Worded]:
    found: dict[str, Worded] = {}
    for name, kind, field in (("queries", ListingKind.NEED, "detail"), ("corpus", ListingKind.RESULT, "summary")):
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            found[row["_id"]] = ListingDraft(kind=kind, title=row["title"], texts={field: row["text"]} if row["text"] else {})
    return found


def fields_of(codes: Iterable[str], nodes: Mapping[int, IndustryNode]) -> frozenset[str]:
    """The industries that a text with these tags is in: theirs and all above them."""
    parents = {node.code: node.parent for node in nodes.values()}
    found: set[str] = set()
    for code in codes:
        at: str | None = code
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return frozenset(found)


def counted(truth: frozenset[str], suggested: frozenset[str]) -> dict[str, Counts]:
    """By industry, of one text."""
    return {
        code: Counts(int(code in truth and code in suggested), int(code not in truth), int(code not in suggested))
        for code in truth | suggested
    }


def score(texts: Sequence[Labelled], nodes: Mapping[int, IndustryNode], encoder: Encoder) -> list[list[Suggestion]]:
    """For every text all industries, best first, as the platform would score them."""
    order = list(nodes)
    rows = encoder.encode([industry_text(nodes[id_]) for id_ in order], "need")
    centres: dict[int, Vector] = dict(zip(order, rows, strict=True))
    found: list[list[Suggestion]] = []
    for each in texts:
        keys = passages_of(each.words)[1]
        vectors = encoder.encode([text for _, text in keys], keys[0][0])
        found.append(scored(each.words.title, body_of(each.words), list(vectors), nodes, centres))
    return found


def evaluate(
    benchmarks: Path | None, nodes: Mapping[int, IndustryNode], encoder: Encoder, *, folds: int | None = None
) -> dict[str, Any]:
    """`overall`, `by_industry` and `by_source`, each with recall, precision and the numbers behind them; `left_out` sources
    whose folder is absent; `differs` counts own texts whose stored industries lead to other fields than the labels.

    With `folds` the rule is chosen anew for every fold on the texts outside it (`out_of_fold`; `chosen` lists them), and
    `best` is what all texts together would choose. Raises `InvalidInput`.
    """
    texts = labelled(benchmarks)
    if folds is not None and not 2 <= folds <= len(texts):
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": len(texts)}))
    scores = score(texts, nodes, encoder)
    report = _report(texts, [_fields(each, nodes, RULE) for each in scores], nodes)
    if folds is not None:
        report |= _cross_validated(texts, scores, nodes, folds)
    return report


def _fields(found: Sequence[Suggestion], nodes: Mapping[int, IndustryNode], rule: Rule) -> frozenset[str]:
    return fields_of((nodes[each.industry_id].code for each in choose(found, nodes, rule)), nodes)


def _report(texts: Sequence[Labelled], suggested: Sequence[frozenset[str]], nodes: Mapping[int, IndustryNode]) -> dict[str, Any]:
    by_industry: dict[str, Counts] = {node.code: Counts() for node in nodes.values()}
    by_source: dict[str, Counts] = {}
    for each, found in zip(texts, suggested, strict=True):
        for code, counts in counted(fields_of(each.labels, nodes), found).items():
            by_industry[code] += counts
            by_source[each.source] = by_source.get(each.source, Counts()) + counts
    return {
        "texts": {source: sum(each.source == source for each in texts) for source in by_source},
        "left_out": sorted(read_labels().keys() - by_source.keys()),
        "differs": sum(bool(each.stored) and fields_of(each.stored, nodes) != fields_of(each.labels, nodes) for each in texts),
        "overall": sum(by_source.values(), Counts()).told(),
        "by_industry": {code: counts.told() for code, counts in by_industry.items()},
        "by_source": {source: counts.told() for source, counts in by_source.items()},
    }


def _total(
    texts: Sequence[Labelled], scores: Sequence[Sequence[Suggestion]], nodes: Mapping[int, IndustryNode], rule: Rule
) -> Counts:
    found = Counts()
    for each, own in zip(texts, scores, strict=True):
        found = sum(counted(fields_of(each.labels, nodes), _fields(own, nodes, rule)).values(), found)
    return found


def best_rule(texts: Sequence[Labelled], scores: Sequence[Sequence[Suggestion]], nodes: Mapping[int, IndustryNode]) -> Rule:
    """The most precise rule that reaches the wanted recall; where none does, the one of the highest recall."""

    def worth(rule: Rule) -> tuple[float, float]:
        counts = _total(texts, scores, nodes, rule)
        return min(counts.recall, WANTED_RECALL), counts.precision

    return max(RULES, key=worth)


def _cross_validated(
    texts: Sequence[Labelled], scores: Sequence[Sequence[Suggestion]], nodes: Mapping[int, IndustryNode], folds: int
) -> dict[str, Any]:
    held, chosen = Counts(), []
    for number in range(folds):
        outside = [at for at in range(len(texts)) if at % folds != number]
        inside = [at for at in range(len(texts)) if at % folds == number]
        rule = best_rule([texts[at] for at in outside], [scores[at] for at in outside], nodes)
        held += _total([texts[at] for at in inside], [scores[at] for at in inside], nodes, rule)
        chosen.append({"fold": number, "sure": rule.sure, "beside": rule.beside, "at_most": rule.at_most})
    best = best_rule(texts, scores, nodes)
    return {
        "folds": folds,
        "out_of_fold": held.told(),
        "chosen": chosen,
        "best": {"sure": best.sure, "beside": best.beside, "at_most": best.at_most},
    }
