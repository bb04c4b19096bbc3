"""What holds of any text: whole parts that add up, more never costs, and saying it again or saying nothing never pays."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.content import Indicator, IpRight
from matching.demo.texts import listings
from matching.model import ListingKind
from matching.quality import MOST_QUESTIONS, Writing, of_draft, questions, rate

HELD = [of_draft(each.draft) for each in listings(date(2026, 1, 1))]
SENTENCES = sorted({one for each in HELD for text in each.texts.values() for one in text.split("。") if one})
MAIN = {ListingKind.NEED: "detail", ListingKind.RESULT: "summary"}
PADDING = (
    "我公司是行业领先的高新技术企业，技术先进，欢迎各位专家老师合作。", "具体面谈。", "希望提高产品质量和性能，增强市场竞争力。",
    "。。。！！！",
    "      ", "非常非常非常重要", "😀😀😀", "详见附件", "We hope to improve our products.", "国内领先，国际一流。",
)  # fmt: skip

kinds = st.sampled_from(list(ListingKind))
pieces = st.one_of(st.sampled_from(SENTENCES), st.text(max_size=60))
bodies = st.lists(pieces, max_size=4).map("\n".join)
figures = st.builds(
    Indicator, st.sampled_from(["寿命", "硬度", ""]), st.just(">="),
    st.one_of(st.none(), st.integers(0, 3).map(float)), st.none(),
    st.sampled_from(["h", "%", ""]),
)  # fmt: skip
fields = {ListingKind.NEED: ("detail", "difficulty", "basis"), ListingKind.RESULT: ("summary", "problem", "advantage")}


@st.composite
def writings(draw: st.DrawFn) -> Writing:
    kind = draw(kinds)
    return Writing(
        kind, draw(pieces), {code: draw(bodies) for code in fields[kind]}, tuple(draw(st.lists(figures, max_size=3))),
        modes=draw(st.sampled_from([(), ("03",)])), industries=draw(st.sampled_from([(), ("pv",)])), dated=draw(st.booleans()),
        offer=draw(st.sampled_from([(None, None), (1, 2)])), has_maturity=draw(st.booleans()),
    )  # fmt: skip


@given(writings())
def test_parts_add_up_and_questions_fit(writing: Writing) -> None:
    rating = rate(writing)
    assert rating.score == sum(part.points for part in rating.parts)
    assert all(0 <= part.points <= part.most for part in rating.parts)
    asked = questions(rating)
    assert len(asked) <= MOST_QUESTIONS
    assert len({each.part for each in asked}) == len(asked)
    assert all(each.points == rating.part(each.part).missing for each in asked)
    assert rate(writing) == rating
    assert all(value for each in asked for value in each.params.values())


@settings(deadline=None)
@given(writings(), pieces, st.data())
def test_more_words_never_cost(writing: Writing, more: str, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(fields[writing.kind]))
    fuller = replace(writing, texts={**writing.texts, code: f"{writing.texts[code]}\n{more}"})
    before, after = rate(writing), rate(fuller)
    assert all(now.points >= was.points for was, now in zip(before.parts, after.parts, strict=True))


@settings(deadline=None)
@given(writings(), figures)
def test_more_rows_and_facts_never_cost(writing: Writing, figure: Indicator) -> None:
    fuller = replace(
        writing, indicators=(*writing.indicators, figure), ip=(*writing.ip, IpRight("invention", "一种", "ZL1", "granted", "")),
        modes=(*writing.modes, "01"), industries=(*writing.industries, "nano"), offer=(1, 1), dated=True, has_maturity=True,
    )  # fmt: skip
    assert all(now.points >= was.points for was, now in zip(rate(writing).parts, rate(fuller).parts, strict=True))


@settings(deadline=None)
@given(writings(), st.integers(2, 4))
def test_saying_it_again_never_pays(writing: Writing, times: int) -> None:
    repeated = replace(writing, texts={code: "\n".join([text] * times) for code, text in writing.texts.items()})
    assert rate(repeated).score == rate(writing).score


def test_padding_never_pays() -> None:
    for writing in HELD:
        main = MAIN[writing.kind]
        padded = replace(writing, texts={**writing.texts, main: "\n".join((writing.texts.get(main, ""), *PADDING))})
        assert rate(padded).score == rate(writing).score, writing.title


def test_a_very_long_body_is_rated() -> None:
    body = "。".join(SENTENCES * 20)
    assert len(body) > 100_000
    assert 0 < rate(Writing(ListingKind.NEED, "", {"detail": body})).score <= 100
    for junk in ("1" * 50_000, "a" * 50_000, "提高" * 25_000, "\t|" * 25_000):
        assert rate(Writing(ListingKind.NEED, junk[:200], {"detail": junk})).score < 20
