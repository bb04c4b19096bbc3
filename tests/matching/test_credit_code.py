"""GB 32100-2015 against values worked out by hand, and against every single mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.credit_code import ALPHABET, check_character, is_valid, make, normalise

prefixes = st.text(ALPHABET, min_size=17, max_size=17)


def test_the_standards_alphabet() -> None:
    assert len(ALPHABET) == 31
    assert not set("IOSVZ") & set(ALPHABET)


def test_check_characters_worked_by_hand() -> None:
    # 1 in the first place weighs 1: 31 - 1 = 30, the last character, Y.
    assert check_character("1" + "0" * 16) == "Y"
    # 1 in the second place weighs 3: 31 - 3 = 28, W.
    assert check_character("01" + "0" * 15) == "W"
    # 1 in the seventeenth weighs 3**16 mod 31 = 28: 31 - 28 = 3.
    assert check_character("0" * 16 + "1") == "3"
    # a sum of nothing gives 0, not 31
    assert check_character("0" * 17) == "0"
    # 9*1 + 1*3 = 12: 31 - 12 = 19, K
    assert check_character("91" + "0" * 15) == "K"


def test_the_example_of_the_standard() -> None:
    assert is_valid("91350100M000100Y43")
    assert not is_valid("91350100M000100Y44")


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y433", "91350100M000100Y4I", "９1350100M000100Y43"])
def test_malformed_codes(code: str) -> None:
    assert not is_valid(code)


def test_normalise_takes_what_people_type() -> None:
    assert normalise(" ９１３５０１００ m000100y-43 ") == "91350100M000100Y43"


@pytest.mark.parametrize("prefix", ["", "1" * 16, "1" * 18, "O" * 17])
def test_make_refuses_a_bad_prefix(prefix: str) -> None:
    with pytest.raises(ValueError, match="seventeen"):
        make(prefix)


@given(prefixes)
def test_what_is_made_is_valid(prefix: str) -> None:
    assert is_valid(make(prefix))


@given(prefixes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_a_change_of_one_character_is_detected(prefix: str, place: int, other: str) -> None:
    code = make(prefix)
    changed = code[:place] + other + code[place + 1 :]
    assert is_valid(changed) == (changed == code)
