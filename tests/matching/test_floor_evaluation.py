"""The floor of meaning: how it is chosen, and that the shipped one keeps its promise with the real encoder."""

from collections.abc import Iterator

import pytest

from matching.demo import texts
from matching.errors import InvalidInput
from matching.floor_evaluation import Case, choose, evaluate, read_queries, told
from search.encoder.hashing import HashingEncoder
from search.encoder.means import shipped_means
from search.encoder.transformer import TransformerEncoder
from search.engines.local import LocalEngine
from search.fusion import RULE, Rule
from search.ports import Encoder, Hit, Rankings
from tests.matching.world import TODAY
from tests.services import ROOT


def case(target: str | None, **cosines: float) -> Case:
    hits = sorted((Hit(name, cosine, 0) for name, cosine in cosines.items()), key=lambda hit: -hit.score)
    return Case(str(cosines), target, Rankings(semantic=tuple(hits)))


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    made = LocalEngine(384, "floor")
    yield made
    made.close()


def test_a_case_is_found_when_its_listing_is_left_and_a_foreign_one_when_anything_is() -> None:
    rule = Rule(floor=0.3, beside=0.1)
    assert case("a", a=0.31, b=0.4).finds(rule)
    assert not case("a", a=0.29, b=0.3).finds(rule)
    assert not case("a", a=0.35, b=0.5).finds(rule), "too far behind the best one"
    assert case(None, a=0.3).finds(rule)
    assert not case(None, a=0.29).finds(rule)


def test_the_least_floor_with_few_false_alarms_is_chosen() -> None:
    foreign = [case(None, a=0.2 + at / 1000) for at in range(99)] + [case(None, a=0.9)]
    sought = [case("a", a=0.5, b=0.5 + at / 1000) for at in range(100)] + [case("a", a=0.1)]
    rule = choose(foreign + sought)
    assert rule.floor == 0.3, "at 0.29 it would be ten false alarms of a hundred"
    assert rule.beside == 0.1, "94 of the hundred lie that near: the next step keeps nineteen in twenty"
    assert told(rule, foreign + sought) == {"floor": 0.3, "beside": 0.1, "false_alarms": 0.01, "kept": round(100 / 101, 4)}


def test_every_sought_listing_is_one_of_the_demonstration_and_no_query_is_both() -> None:
    queries = read_queries()
    keys = {each.key for each in texts.listings(TODAY)}
    sought = {text: target for text, target in queries.items() if target is not None}
    assert set(sought.values()) <= keys
    assert len(sought) >= 100
    assert len(queries) - len(sought) >= 100
    assert len({text.lower() for text in queries}) == len(queries)


def test_the_report_tells_shares_and_choices(engine: LocalEngine) -> None:
    report = evaluate(HashingEncoder(384), engine, folds=4)
    assert report["shipped"]["floor"] == RULE.floor
    assert 0 <= report["chosen"]["false_alarms"] <= 0.05 or report["chosen"]["floor"] == 0.59
    assert [each["fold"] for each in report["cross_validated"]["chosen"]] == [0, 1, 2, 3]
    places = [report[language] for language in ("chinese", "english")]
    assert sum(each["queries"] for each in places) == report["queries"]["sought"]
    assert all(0 <= each["first_1"] <= each["first_5"] <= each["queries"] for each in places)
    assert len(report["false_alarms"]) == round(report["shipped"]["false_alarms"] * report["queries"]["foreign"])


def test_an_unusable_number_of_folds_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(InvalidInput, match="folds_out_of_range"):
        evaluate(HashingEncoder(384), engine, folds=1)


@pytest.mark.slow
def test_the_shipped_floor_lets_one_foreign_query_in_twenty_through(engine: LocalEngine) -> None:
    folder = ROOT / "var" / "encoder"
    if not folder.is_dir():
        pytest.skip("the encoder folder var/encoder is not built")
    plain = TransformerEncoder(folder)
    encoder: Encoder = TransformerEncoder(folder, means=shipped_means(plain.digest))
    try:
        report = evaluate(encoder, engine, folds=5)
    finally:
        encoder.close()
        plain.close()
    assert report["shipped"]["false_alarms"] <= 0.05, report["false_alarms"]
    assert report["shipped"]["kept"] >= 0.75
    assert report["cross_validated"]["false_alarms"] <= 0.08
    assert report["cross_validated"]["kept"] >= 0.75
    assert report["english"]["first_5"] >= 0.8 * report["english"]["queries"], "English queries find Chinese listings"
    assert report["chinese"]["first_5"] >= 0.8 * report["chinese"]["queries"]
    assert abs(report["chosen"]["floor"] - RULE.floor) <= 0.02
    assert abs(report["chosen"]["beside"] - RULE.beside) <= 0.04
