"""Wording of questions and examples: every code has its words, each reason fits what staff may send, in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from matching.content import Indicator
from matching.demo.texts import listings
from matching.model import ListingKind
from matching.quality import Writing, of_draft, questions, rate
from matching.reference import IndustryNode, ZoneView
from matching.reviews import REASON_LIMIT
from web import i18n, quality_view
from web.wording import quality as words

DEMO = [of_draft(each.draft) for each in listings(date(2026, 1, 1))]


def every_text() -> Iterator[Writing]:
    """The demonstration's, and texts that lack now this and now that."""
    yield from DEMO
    yield from (replace(each, modes=(), industries=()) for each in DEMO if each.kind == ListingKind.NEED)
    pieces = ("轴承", "提高耐磨性", "开裂", "现在用铸铁。", "试过两种。", "比传统做法好。", "专利")
    for chosen in product((True, False), repeat=len(pieces)):
        text = "。".join(piece for piece, is_in in zip(pieces, chosen, strict=True) if is_in)
        for kind, code in ((ListingKind.NEED, "detail"), (ListingKind.RESULT, "summary")):
            yield Writing(kind, "", {code: text})
            yield Writing(kind, "", {code: text}, (Indicator("寿命", ">=", 1.0, None, "h"),), has_maturity=True)


def test_every_question_and_part_has_words() -> None:
    asked = {each.code for writing in every_text() for each in questions(rate(writing))}
    assert asked == set(words.QUESTIONS)
    parts = {f"{kind.value}.{part.code}" for kind in ListingKind for part in rate(Writing(kind, "")).parts}
    assert parts == set(words.PARTS)
    assert {each.partition(".")[2] for each in parts} == set(words.EXAMPLES)


def test_every_industry_of_the_tree_has_examples_of_its_own() -> None:
    industries = {industry for writing in DEMO for industry in writing.industries}
    assert len(industries) == 14
    for part in ("product", "difficulty", "indicators", "state"):
        assert set(words.BY_INDUSTRY[part]) == industries


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_reasons_fit_and_say_what_is_quoted(language: i18n.Language) -> None:
    for writing in every_text():
        with i18n.speaking(language):
            shown = quality_view.shown(writing)
            reasons = shown.reasons
        assert all(0 < len(text) <= REASON_LIMIT for text in reasons.values())
        for each in questions(shown.rating):
            said = reasons[each.field].replace(" ", "")
            assert all(value.replace(" ", "") in said for value in each.params.values())


def test_an_example_comes_from_the_industry_of_the_text_else_from_that_of_its_zone() -> None:
    node = IndustryNode(1, "pv", "光伏", "Photovoltaics", None, (), "")
    zone = ZoneView(1, "changzhou", "常州高新区", "Changzhou", "常州", "national", node, "")
    with i18n.speaking("zh_CN"):
        general, near, own = (
            quality_view.shown(Writing(ListingKind.NEED, "", industries=industries), of).questions[0].example
            for industries, of in (((), None), ((), zone), (("medtech",), zone))
        )
    assert len({general, near, own}) == 3
    assert "TOPCon" in near
    assert "2.7F" in own
