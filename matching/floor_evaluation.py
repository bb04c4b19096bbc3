"""From which nearness on meaning finds something: the floor of `search.fusion.Rule`, measured on queries of our own writing.

`data/floor_queries.json` holds queries that one listing of the demonstration each answers, in other words than its own and
partly in English, and queries that none answers: other walks of life, other disciplines, nonsense. Meaning alone ranks the
demonstration for each. A false alarm is a foreign query for which anything is left above the floor; a sought listing is kept
when it is left. The floor is the least with at most one false alarm in twenty, and `beside` the least that keeps nineteen in
twenty of the sought listings above it. Without the direction of language (`search.encoder.means`) no floor does: half of the
English queries lay nearer to anything English than to what they ask for.

With more listings a query meets more that is near by chance; this many (some two hundred) are what we have read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any, Final

from matching.demo import texts as demo_texts
from matching.documents import passages_of
from matching.errors import FieldError, InvalidInput
from matching.vectors import Key
from search.fusion import RULE, Rule, above_floor
from search.ports import Document, DocumentId, Encoder, Engine, Passage, Query, Rankings, Vector

FALSE_ALARMS: Final = 0.05
KEPT: Final = 0.95
FLOORS: Final = tuple(step / 100 for step in range(10, 60))
BESIDES: Final = tuple(step / 100 for step in range(4, 42, 2))
_NO_FLOOR: Final = replace(RULE, floor=-1.0, beside=2.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A query's nearness, best first, and the listing it seeks, None where nothing answers it."""

    text: str
    target: str | None
    rankings: Rankings

    @property
    def is_english(self) -> bool:
        """Of the queries that seek something: no Han character in it."""
        return not any("\u4e00" <= sign <= "\u9fff" for sign in self.text)

    @property
    def place(self) -> int:
        """Where the sought listing stands by meaning alone, from 1."""
        return next(at for at, hit in enumerate(self.rankings.semantic, 1) if hit.listing == self.target)

    def finds(self, rule: Rule) -> bool:
        """Whether the sought listing is left, or of a foreign query, anything."""
        left = {hit.listing for hit in above_floor(self.rankings, rule).semantic}
        return bool(left) if self.target is None else self.target in left


def read_queries() -> dict[str, str | None]:
    """Text → the key of the sought listing, or None."""
    held: dict[str, Any] = json.loads(files("matching").joinpath("data/floor_queries.json").read_text("utf-8"))
    return {**held["sought"], **dict.fromkeys(held["foreign"])}


def cases(encoder: Encoder, engine: Engine) -> list[Case]:
    """`engine` is empty and is filled with the demonstration's vectors, no words."""
    drafts = {each.key: each.draft for each in demo_texts.listings(date(2026, 1, 1))}
    keys = {name: passages_of(draft)[1] for name, draft in drafts.items()}
    vectors: dict[Key, Vector] = {}
    for role in ("result", "need"):
        wanted = list(dict.fromkeys(key for own in keys.values() for key in own if key[0] == role))
        vectors |= dict(zip(wanted, encoder.encode([text for _, text in wanted], role), strict=True))
    engine.apply(
        [
            Document(
                id=DocumentId(name, "public"),
                kind="result" if drafts[name].kind.value == "result" else "need",
                revision=1,
                state_hash=name,
                zones=frozenset(),
                industries=frozenset(),
                fields={},
                passages=tuple(Passage("", vectors[key]) for key in own),
            )
            for name, own in keys.items()
        ],
        (),
    )
    queries = read_queries()
    asked = encoder.encode(list(queries), "query")
    return [
        Case(text, target, engine.rank(Query("public", vector=vector, limit=len(drafts))))
        for (text, target), vector in zip(queries.items(), asked, strict=True)
    ]


def choose(held: Sequence[Case]) -> Rule:
    """By what stands at the head. The highest floor, or the widest room, where none does."""
    foreign, sought = _parted(held)

    def alarms(floor: float) -> float:
        return _share(foreign, replace(_NO_FLOOR, floor=floor))

    floor = next((each for each in FLOORS if alarms(each) <= FALSE_ALARMS), FLOORS[-1])
    above = [case for case in sought if case.finds(replace(_NO_FLOOR, floor=floor))]
    rules = [replace(RULE, floor=floor, beside=beside) for beside in BESIDES]
    return next((rule for rule in rules if _share(above, rule) >= KEPT), rules[-1])


def _parted(held: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    return [case for case in held if case.target is None], [case for case in held if case.target is not None]


def _share(held: Sequence[Case], rule: Rule) -> float:
    return sum(case.finds(rule) for case in held) / len(held) if held else 0.0


def told(rule: Rule, held: Sequence[Case]) -> dict[str, float]:
    foreign, sought = _parted(held)
    return {
        "floor": rule.floor, "beside": rule.beside,
        "false_alarms": round(_share(foreign, rule), 4), "kept": round(_share(sought, rule), 4),
    }  # fmt: skip


def evaluate(encoder: Encoder, engine: Engine, *, folds: int | None = None) -> dict[str, Any]:
    """Shares of the shipped rule and of the one that these queries would choose; with `folds`, each query judged by the rule
    chosen outside its fold. Raises `InvalidInput` for an unusable number of folds; errors of engine and encoder as the
    ports say."""
    held = cases(encoder, engine)
    foreign, sought = _parted(held)
    if folds is not None and not 2 <= folds <= min(len(foreign), len(sought)):
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": min(len(foreign), len(sought))}))
    report: dict[str, Any] = {
        "queries": {"sought": len(sought), "foreign": len(foreign)},
        "shipped": told(RULE, held),
        "chosen": told(choose(held), held),
        "false_alarms": [case.text for case in foreign if case.finds(RULE)],
        "chinese": _places([case for case in sought if not case.is_english]),
        "english": _places([case for case in sought if case.is_english]),
    }
    return report | ({"cross_validated": _outside(foreign, sought, folds)} if folds is not None else {})


def _places(sought: Sequence[Case]) -> dict[str, int]:
    """How many there are, and how many have their listing first, and among the first five."""
    return {"queries": len(sought), **{f"first_{most}": sum(case.place <= most for case in sought) for most in (1, 5)}}


def _outside(foreign: Sequence[Case], sought: Sequence[Case], folds: int) -> Mapping[str, Any]:
    hits = {"false_alarms": 0, "kept": 0}
    chosen = []
    for number in range(folds):
        known = [case for part in (foreign, sought) for at, case in enumerate(part) if at % folds != number]
        rule = choose(known)
        chosen.append({"fold": number, "floor": rule.floor, "beside": rule.beside})
        hits["false_alarms"] += sum(case.finds(rule) for case in foreign[number::folds])
        hits["kept"] += sum(case.finds(rule) for case in sought[number::folds])
    return {
        "false_alarms": round(hits["false_alarms"] / len(foreign), 4), "kept": round(hits["kept"] / len(sought), 4),
        "chosen": chosen,
    }  # fmt: skip
