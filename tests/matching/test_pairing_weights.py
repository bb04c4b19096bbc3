"""The table of term weights: what it holds and where it comes from."""

import json
from importlib import resources

from matching.pairing.weights import FRAME, FRAME_WEIGHT, TABLE, TermWeights, from_counts, shipped, table
from search.text import TOKENISER_VERSION, terms

CONTENT = json.loads(resources.files("matching.pairing").joinpath(TABLE).read_text(encoding="utf-8"))


def test_the_shipped_table_says_where_it_comes_from() -> None:
    assert CONTENT["command"] == "python -m matching.pairing.weights"
    assert CONTENT["terms"].startswith(TOKENISER_VERSION)
    assert CONTENT["documents"] >= 200
    assert len(CONTENT["words"]) > 1000
    assert max(CONTENT["words"].values()) <= CONTENT["documents"]


def test_weights_lie_between_0_and_1_and_fall_with_frequency() -> None:
    weights = shipped()
    assert weights.word("从未见过的词") == 1.0
    assert all(0 < value <= 1 for value in (*weights.words.values(), *weights.characters.values()))
    counts = CONTENT["words"]
    common = max(counts, key=lambda word: (counts[word], word))
    rare = min(counts, key=lambda word: (counts[word], word))
    assert FRAME_WEIGHT < weights.word(common) < weights.word(rare) < 1


def test_frame_words_numbers_and_units_weigh_little() -> None:
    weights = shipped()
    for word in ("技术", "研究", "应用", "产业化", "mm", "680", "0.05", "5mm", "25°c", "system"):
        assert weights.word(word) == FRAME_WEIGHT
    assert TermWeights({}, {}, frozenset()).word("技术") == 1.0


def test_frame_words_are_as_the_cutter_gives_them() -> None:
    """A frame word that is never a term would stand there for nothing."""
    never = [word for word in FRAME if word not in terms(word) and len(word) > 1]
    assert never == []


def test_signs_are_the_characters_of_subject_words() -> None:
    assert shipped().signs(("机械", "技术", "plc", "臂")) == frozenset("机械臂")


def test_the_table_is_made_the_same_from_the_same_texts() -> None:
    texts = ["低温银浆烧结技术", "银浆印刷", "机器人减速器"]
    made = json.loads(table(texts))
    assert table(texts) == table(reversed(texts))
    assert made["documents"] == 3
    assert made["characters"] == {"浆": 2, "银": 2}
    assert "技术" not in made["words"]
    weights = from_counts(3, made["words"], made["characters"])
    assert weights.character("银") < weights.character("器") == 1.0
