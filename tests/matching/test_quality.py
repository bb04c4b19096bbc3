"""What a text says, in points, and what is asked of it: on texts that people write, on the demonstration, on anything typed."""

from dataclasses import replace
from datetime import date

import pytest

from matching.content import Indicator, IpRight
from matching.demo.texts import listings
from matching.model import ListingKind
from matching.model.fields import fields_of
from matching.quality import MOST_QUESTIONS, Question, Writing, of_draft, questions, rate

VAGUE = Writing(ListingKind.NEED, "提高耐磨性", {"detail": "希望进一步提高耐磨性，降低成本，具体面谈。"})
GOOD = Writing(
    ListingKind.NEED,
    "绞吸船泥泵衬板耐磨",
    {
        "detail": "3500 m³/h绞吸船吹填贝壳粗砂时，泵壳衬板平均600小时磨穿，因为石块冲击，碎过三回。"
        "要求寿命1200 小时以上，硬度≥HB 500，零下15 ℃不脆。",
        "basis": "目前用高铬铸铁，换过两家供应商，没有改善。",
    },
    indicators=(Indicator("寿命", ">=", 1200, None, "h"), Indicator("硬度", ">=", 500, None, "HB")),
    modes=("03",),
    industries=("special-steel",),
    offer=(60_000_000, 120_000_000),
    dated=True,
)


def points(writing: Writing) -> dict[str, int]:
    return {part.code: part.points for part in rate(writing).parts}


def asked(writing: Writing) -> dict[str, Question]:
    return {each.part: each for each in questions(rate(writing))}


def test_a_good_need_has_nearly_all_points_and_a_vague_one_few() -> None:
    assert rate(GOOD).score >= 90
    assert rate(VAGUE).score <= 15
    assert questions(rate(GOOD)) == ()


@pytest.mark.parametrize("kind", list(ListingKind))
def test_parts_are_named_whole_and_make_a_hundred(kind: ListingKind) -> None:
    rating = rate(Writing(kind, ""))
    assert rating.score == 0
    assert sum(part.most for part in rating.parts) == 100
    assert len(questions(rating)) == MOST_QUESTIONS
    assert {each.field for each in questions(rating)} <= {each.code for each in fields_of(kind)}


def test_questions_quote_the_very_text() -> None:
    found = asked(VAGUE)
    assert found["product"].code == "where_wish"
    assert found["product"].params == {"wish": "提高耐磨性"}
    assert found["indicators"].params == {"wish": "提高耐磨性"}
    named = asked(replace(VAGUE, title="提高TBM滚刀刀具耐磨性"))
    assert named["difficulty"].code == "what_fails"
    assert named["difficulty"].params == {"product": "TBM滚刀刀具"}


def test_a_symptom_is_asked_for_its_cause_and_a_tried_way_not_again() -> None:
    told = replace(VAGUE, texts={"detail": "刀具开裂。我们换过两种涂层，没有改善。"})
    found = asked(told)
    assert found["difficulty"].code == "why_fails"
    assert found["difficulty"].params == {"symptom": "刀具开裂"}
    assert found["state"].code == "what_now"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("寿命要达到1200 h。", "indicators"),
        ("废品率降到百分之二。", "indicators"),
        ("已尝试渗氮。", "state"),
        ("我们试过两家的涂层。", "state"),
        ("We tried two coatings without success.", "state"),
        ("预算50万元左右。", "budget"),
        ("计划投入120-200万。", "budget"),
        ("The budget is up to 80 million yuan.", "budget"),
        ("半年内要见效。", "deadline"),
        ("2027年6月前交付。", "deadline"),
        ("within 6 months", "deadline"),
        ("可以委托开发。", "cooperation"),
        ("刀具在井下高温环境使用。", "product"),
        ("The bearing leaks because the seal cracks.", "difficulty"),
    ],
)
def test_free_text_carries_what_the_fields_lack(text: str, part: str) -> None:
    empty = Writing(ListingKind.NEED, "")
    assert points(replace(empty, texts={"detail": text}))[part] > 0


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("公司注册资金1100万元，占地168亩，员工40人。", "budget"),
        ("公司员工40人，年产20吨。", "indicators"),
        ("成立于2010年内蒙。", "indicators"),
        ("预算面议，价格可谈。", "budget"),
        ("希望合作，具体面谈。", "difficulty"),
    ],
)
def test_what_says_nothing_of_the_matter_earns_nothing(text: str, part: str) -> None:
    assert points(Writing(ListingKind.NEED, "", {"detail": text}))[part] == 0


def test_a_pasted_table_is_read() -> None:
    table = "指标\t要求\t测法\n耐磨寿命\t≥1200 h\t台架\n硬度\t≥500 HB\t布氏\n厚度\t20 mm\t卡尺"
    assert points(Writing(ListingKind.NEED, "", {"detail": table}))["indicators"] >= 13


def test_a_result_is_asked_for_what_it_lacks() -> None:
    empty = Writing(ListingKind.RESULT, "耐磨涂层", {"summary": "一种耐磨涂层，性能优异。"}, has_maturity=True)
    assert {each.code for each in questions(rate(empty))} == {"what_problem", "what_advantage", "result_figures", "rights"}
    righted = replace(empty, ip=(IpRight("invention", "涂层", "ZL202119338090.2", "granted", ""),))
    assert points(righted)["rights"] == 15
    compared = replace(empty, texts={**empty.texts, "advantage": "相比传统堆焊，寿命由600 h提高到1500 h，成本降低30%。"})
    assert points(compared)["advantage"] >= 14


def test_the_demonstration_parts_what_is_vague_on_purpose_from_the_rest() -> None:
    """The default threshold lies between the two."""
    drafts = {each.key: each.draft for each in listings(date(2026, 1, 1))}
    scores = {key: rate(of_draft(draft)).score for key, draft in drafts.items() if draft.kind == ListingKind.NEED}
    below = {key for key, score in scores.items() if score < 45}
    assert below == {
        "n-new-energy-5", "n-special-steel-7", "n-medtech-4", "n-safety-6", "n-environment-5", "n-new-materials-2",
        "n-robotics-8", "n-software-6", "n-iot-7", "n-new-it-6",
    }  # fmt: skip
    assert not [key for key, score in scores.items() if 45 <= score <= 50]
