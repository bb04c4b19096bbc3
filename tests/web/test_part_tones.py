"""The bars of the ten parts: red where a part speaks against the pair."""

import pytest

from matching.pairing.parts import CODES, TEXT_PARTS, Part
from matching.pairing.ranker import shipped
from web.reasons import part_tone


@pytest.mark.parametrize("code", CODES)
def test_a_bar_turns_from_red_to_green_as_its_part_grows(code: str) -> None:
    tones = [part_tone(Part(code, value / 100, 0.1, 0.0, {})) for value in range(101)]
    assert list(dict.fromkeys(tones)) == ["poor", "fair", ""]
    assert part_tone(Part(code, None, 0.1, 0.0, {})) == "na"


@pytest.mark.parametrize("code", TEXT_PARTS)
def test_texts_that_have_as_much_in_common_as_good_pairs_do_are_not_red(code: str) -> None:
    assert part_tone(Part(code, shipped().zone.thresholds[1], 0.5, 0.1, {})) == ""
