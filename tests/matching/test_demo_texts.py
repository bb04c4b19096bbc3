"""The frame of the demonstration texts: how many, whose, in which shape, and that no two come from one frame.

Reads every file in matching/demo/texts. What the texts say is for people to judge; what can be counted is held here.
"""

import itertools
import re
import unicodedata
from collections import Counter
from statistics import median

import pytest
from pydantic import ValidationError

from tests.matching.demo_shapes import (
    INDUSTRIES,
    MATURITY_TRL,
    TEXTS,
    ZONES,
    Need,
    NeedIndicator,
    NeedTexts,
    Result,
    Tags,
    listings,
    needs,
    organisations,
    results,
    with_files,
)

SHARED_5GRAMS = 0.20
RUN, RUN_SHARE = 8, 0.04


def body(listing: Result | Need) -> str:
    """All its texts as they stand; title and key words not counted."""
    return "\n".join(text for text in listing.texts.model_dump().values() if text)


def bare(text: str) -> str:
    """One width, one case, no blanks: a reset comma or a space must not hide a copied sentence."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())


def grams(text: str, size: int) -> set[str]:
    return {text[at : at + size] for at in range(len(text) - size + 1)}


def families() -> dict[str, str]:
    """Key → the key its chain of near_duplicate_of ends at (its own, if none)."""
    parent = {each.key: each.near_duplicate_of for each in listings()}
    roots: dict[str, str] = {}
    for key in parent:
        root, seen = key, {key}
        while (above := parent.get(root)) is not None:
            assert above not in seen, f"{key}: near_duplicate_of runs in a circle"
            seen.add(above)
            root = above
        roots[key] = root
    return roots


def test_there_are_enough_of_each() -> None:
    assert len(organisations()) >= 24
    assert sum(map(len, results().values())) >= 120
    assert sum(map(len, needs().values())) >= 90


def test_every_file_is_a_result_or_need_file_of_a_known_industry() -> None:
    names = {path.name for path in TEXTS.glob("*.json")}
    expected = {f"{kind}-{industry}.json" for kind in ("results", "needs") for industry in INDUSTRIES}
    assert names == expected | {"organisations.json"}
    assert all(results().values())
    assert all(needs().values())


def test_industries_are_known_and_the_files_own_comes_first() -> None:
    for path, each in with_files():
        assert each.industries[0] == path.stem.split("-", 1)[1], each.key
        assert set(each.industries) <= set(INDUSTRIES), each.key
        assert len(set(each.industries)) == len(each.industries), each.key


def test_firms_sit_in_all_twelve_zones_and_two_in_none() -> None:
    """The needs of those in none fill the pool."""
    firms = {key: each.zone for key, each in organisations().items() if each.kind == "enterprise"}
    assert set(firms.values()) == {*ZONES, None}
    owners = {each.owner for each in listings()}
    assert {firms[key] for key in owners if key in firms} == {*ZONES, None}
    pooled = [each for rows in needs().values() for each in rows if firms[each.owner] is None]
    assert len(pooled) >= 2


def test_keys_are_unique_and_name_their_file() -> None:
    counted = Counter(each.key for each in listings())
    assert [key for key, count in counted.items() if count > 1] == []
    for path, each in with_files():
        kind, industry = path.stem.split("-", 1)
        assert re.fullmatch(rf"{kind[0]}-{industry}-[1-9]\d*", each.key), each.key


def test_owners_exist_and_needs_are_asked_by_enterprises() -> None:
    assert [each.key for each in listings() if each.owner not in organisations()] == []
    asked = {each.key: organisations()[each.owner].kind for rows in needs().values() for each in rows}
    assert {key: kind for key, kind in asked.items() if kind != "enterprise"} == {}
    assert {organisations()[each.owner].kind for rows in results().values() for each in rows} <= {
        "university",
        "institute",
        "enterprise",
    }


def test_organisations_carry_the_mark_and_titles_do_not() -> None:
    assert [each.key for each in organisations().values() if not each.name.startswith("演示")] == []
    assert [each.key for each in listings() if "演示" in each.title] == []


def test_titles_are_as_long_as_people_write() -> None:
    """English needs about three letters where Chinese needs one character."""
    for each in listings():
        limit = 40 if re.search(r"[\u4e00-\u9fff]", each.title) else 100
        assert 6 <= len(each.title) <= limit, each.key
    titles = Counter(bare(each.title) for each in listings() if each.near_duplicate_of is None)
    assert [title for title, count in titles.items() if count > 1] == []


def test_prices_are_ordered() -> None:
    ranges = [each.price_wan if isinstance(each, Result) else each.budget_wan for each in listings()]
    assert [pair for pair in ranges if pair is not None and pair[0] > pair[1]] == []
    assert None in ranges, "some are 面议"


def test_maturity_and_trl_agree() -> None:
    for each in itertools.chain.from_iterable(results().values()):
        low, high = MATURITY_TRL[each.maturity]
        assert each.trl is None or low <= each.trl <= high, each.key


def test_near_duplicates_refer_to_a_listing_of_their_kind() -> None:
    keys = {each.key for each in listings()}
    marked = [each for each in listings() if each.near_duplicate_of is not None]
    assert marked
    for each in marked:
        assert each.near_duplicate_of in keys - {each.key}, each.key
        assert str(each.near_duplicate_of)[0] == each.key[0], each.key


def test_near_duplicates_are_near() -> None:
    bodies = {each.key: grams(bare(body(each)), 5) for each in listings()}
    for each in listings():
        if each.near_duplicate_of is not None:
            one, other = bodies[each.key], bodies[each.near_duplicate_of]
            assert len(one & other) / min(len(one), len(other)) > SHARED_5GRAMS, each.key


def test_no_two_bodies_share_a_fifth_of_their_five_grams() -> None:
    """Share of the shorter body: |A ∩ B| / min(|A|, |B|), so that a short text inside a long one counts in full."""
    roots = families()
    bodies = {each.key: grams(bare(body(each)), 5) for each in listings()}
    too_alike = [
        (round(share, 3), one, other)
        for (one, a), (other, b) in itertools.combinations(bodies.items(), 2)
        if roots[one] != roots[other] and (share := len(a & b) / min(len(a), len(b))) > SHARED_5GRAMS
    ]
    assert sorted(too_alike, reverse=True) == []


def test_no_phrase_runs_through_the_listings() -> None:
    spread = Counter(run for each in listings() for run in grams(bare(body(each)), RUN))
    limit = RUN_SHARE * len(listings())
    assert {run: count for run, count in spread.items() if count > limit} == {}


def test_lengths_are_those_that_people_write() -> None:
    lengths = sorted(len(body(each)) for each in listings())
    assert lengths[0] >= 20
    assert lengths[-1] <= 1100
    assert sum(length < 60 for length in lengths) >= 5
    assert sum(length > 600 for length in lengths) >= 5
    assert 120 <= median(lengths) <= 280


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", id="mobile"),
        pytest.param(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)", id="landline"),
        pytest.param(r"[\w.+-]+\s*@\s*[\w-]+(?:\.[\w-]+)+", id="e-mail"),
        pytest.param(r"https?://|www\.", id="address of a page"),
        pytest.param(r"</?[A-Za-z][^<>]*>", id="HTML"),
    ],
)
def test_no_contact_data_and_no_markup(pattern: str) -> None:
    linked = {"texts": {"images", "films"}}  # the fields for addresses, whose shape allows only names that nobody can have
    found = [(each.key, hit.group()) for each in listings() if (hit := re.search(pattern, each.model_dump_json(exclude=linked)))]
    assert found == []


def test_a_third_of_the_listings_carry_the_fields_of_the_policy_and_the_sheets() -> None:
    carrying = [each for each in listings() if each.tags is not None]
    assert len(carrying) >= len(listings()) / 3
    used = {name for each in carrying for name, codes in (each.tags.model_dump() if each.tags else {}).items() if codes}
    assert used == set(Tags.model_fields)
    assert sum(each.amounts_wan is not None for rows in needs().values() for each in rows) >= 5
    dated = [right for rows in results().values() for each in rows for right in each.ip if right.filed]
    assert len(dated) >= 50
    assert [right.number for right in dated if right.granted and right.filed and right.granted < right.filed] == []


def test_a_floor_price_lies_within_the_budget() -> None:
    for each in itertools.chain.from_iterable(needs().values()):
        if each.amounts_wan and each.amounts_wan.floor_price and each.budget_wan:
            assert each.budget_wan[0] <= each.amounts_wan.floor_price[0] <= each.budget_wan[1], each.key


def test_the_schema_refuses_what_it_should() -> None:
    """The check itself is held: a comparison without its value, or an unknown field, is refused."""
    with pytest.raises(ValidationError, match="one value"):
        NeedIndicator.model_validate({"name": "粒径", "op": "<=", "unit": "nm", "low": 1.0})
    with pytest.raises(ValidationError, match="low < high"):
        NeedIndicator.model_validate({"name": "粒径", "op": "range", "unit": "nm", "low": 9.0, "high": 1.0})
    with pytest.raises(ValidationError, match="Extra inputs"):
        NeedTexts.model_validate({"detail": "甲", "phone": "乙"})
