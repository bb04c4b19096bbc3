"""What holds for every text, also for one that nobody would write."""

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.text import chunks, comparison_key, normalise, number_key, signs, snippet, spans, terms, terms_among, unit_spellings
from search.text.cutting import LONGEST_TERM
from search.text.signs import LONGEST_SIGN
from search.text.stopwords import STOP_WORDS

_PIECES = [
    *"电池轴承膜的和。，！；.\n \u3000\u200b\u0301",
    *[
        "电池",
        "諧波",
        "減速器",
        "離子",
        "乾坤",
        "頭髮",
        "后面",
        "著作",
        "NB-IoT",
        "ＴＯＰＣｏｎ",
        "C++",
        "316L",
        "25℃",
        "5μm",
        "25摄氏度",
        "8 微米",
        "m²",
        "company",
    ],
    *["LiNi0.8Co0.1Mn0.1O2", "202310123456.7", "ZL202310123456.X", "ZL 2023 1 0123456.7", "CN 112345678 A", "10,000"],
]
LISTED = st.lists(st.sampled_from([piece for piece in _PIECES if len(piece) > 1]), max_size=12).map("，".join)
WRITTEN = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)
ANYTHING = st.text(st.characters(), max_size=200)  # lone surrogates, too
TEXTS = WRITTEN | ANYTHING
WANTED = st.lists(TEXTS.flatmap(lambda t: st.sampled_from(terms(t) or ("轴承",))) | st.text(max_size=6), max_size=8)


@given(TEXTS)
def test_normalise_is_idempotent_and_clean(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal) == normal
    assert normal == " ".join(normal.split())
    assert not {unicodedata.category(c) for c in normal} & {"Cc", "Cs"}
    normal.encode()


@given(TEXTS)
def test_case_width_and_white_space_do_not_matter(text: str) -> None:
    assert normalise(f"  {text}\n") == normalise(text)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert normalise(wide) == normalise(text)


@given(TEXTS)
def test_terms_are_what_engines_expect(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= LONGEST_TERM
        assert not any(c.isspace() for c in term)
        assert term not in STOP_WORDS
        term.encode()


@given(TEXTS)
def test_terms_depend_on_the_normal_form_only(text: str) -> None:
    text = text.replace("，", "、")  # the one character that tells more as it was written
    assert terms(normalise(text)) == terms(text)


@given(WRITTEN, WRITTEN)
def test_words_apart_are_cut_apart(one: str, other: str) -> None:
    assert terms(f"{one}。{other}") == terms(one) + terms(other)


@given(TEXTS)
@example(".202310123456.7")
def test_keys_are_stable(text: str) -> None:
    assert comparison_key(comparison_key(text)) == comparison_key(text)
    assert number_key(number_key(text)) == number_key(text)
    assert comparison_key(normalise(text)) == comparison_key(text)


@given(TEXTS, st.integers(1, 60))
def test_chunks_lose_only_white_space(text: str, size: int) -> None:
    pieces = chunks(text, size)
    assert all(piece == piece.strip() and 0 < len(piece) <= size for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(TEXTS, WANTED)
def test_spans_are_within_bounds_ascending_and_apart(text: str, wanted: list[str]) -> None:
    before = -1
    for start, end in spans(text, wanted):
        assert before < start < end <= len(text)
        before = end


@given(LISTED)
def test_every_term_of_a_text_is_marked_in_it(text: str) -> None:
    for term in set(terms(text)) - {"nbiot"}:  # the spelling without the hyphen stands nowhere
        assert spans(text, [term]), term


@given(TEXTS, WANTED, st.integers(1, 80))
@settings(max_examples=200)
def test_snippets_are_short_and_their_spans_fit(text: str, wanted: list[str], width: int) -> None:
    shown, found = snippet(text, wanted, width)
    assert len(shown) <= width + 2
    assert found == spans(shown, wanted)
    assert shown.strip("…") in " ".join(text.split()) or not shown.strip("…")


@given(WRITTEN, st.integers(40, 200))
def test_a_snippet_shows_a_word_if_the_text_has_one(text: str, width: int) -> None:
    text = f"{text}。{'无关的说明文字' * 40}。{text}"
    if spans(" ".join(text.split()), ("轴承", "316l")):
        assert snippet(text, ("轴承", "316l"), width)[1]


@given(TEXTS)
def test_signs_are_words_of_one_kind(text: str) -> None:
    for sign in signs(text):
        assert 0 < len(sign) <= LONGEST_SIGN
        assert sign.isdecimal() or not any(c.isdecimal() or c.isspace() for c in sign)
    assert signs(normalise(text)) == signs(text)


@given(LISTED.filter(bool), st.data())
def test_every_phrase_of_a_text_is_marked_in_it(text: str, data: st.DataObject) -> None:
    every = signs(text)
    start = data.draw(st.integers(0, len(every) - 1))
    end = data.draw(st.integers(start + 1, len(every)))
    assert any(b - a >= end - start for a, b in spans(text, (), [every[start:end]]))


@given(st.lists(st.sampled_from(["kw", "千瓦", "兆帕", "mpa", "um", "微米", "°c", "m", "电池"])))
def test_spellings_of_units_are_terms_and_none_of_those_asked(asked: list[str]) -> None:
    others = unit_spellings(asked)
    assert not set(others) & set(asked)
    assert all(other in terms(other) for other in others)
    assert set(others) >= {"兆帕"} - set(asked) if "mpa" in asked else "兆帕" not in others


@given(TEXTS, WANTED, TEXTS)
@example("高效太阳能电池，膜厚5 μm的轴承10,000件", list(terms("太阳 能 电池 膜 5um 10000 承 轴承")), "")
def test_terms_among_gives_what_terms_would(text: str, wanted: list[str], other: str) -> None:
    asked = {*(term for each in wanted for term in terms(each)), *terms(other), *terms(text)[::2]}
    assert terms_among(text, asked) == asked & {*terms(text)}
