"""The fields of a listing beside its texts: kept, read, restricted, searched and matched as the catalogue says."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from matching import listing_views, listings
from matching.access import SYSTEM, VISITOR
from matching.content import Content, load
from matching.documents import AUDIENCES, describe
from matching.drafts import KnownCodes, ListingDraft, from_content, validate
from matching.errors import InvalidInput
from matching.imports.cells import OwnerCells
from matching.imports.payload import Planned, from_json, to_json
from matching.model import Layer, ListingKind, Organisation, Role
from matching.model.fields import AMOUNT_FIELDS, BY_CODE, DAY_FIELDS, FIELDS, TAG_FIELDS
from matching.pairing import business
from matching.side_cache import side_of
from matching.surroundings import Surroundings, read_surroundings
from tests.matching.world import TODAY, World, need, result

WAN = 1_000_000
TENDER = need(
    texts={
        "detail": "两条线的正面栅线仍用含铝浆。",
        "tender_overview": "采购涂布单元两套",
        "transferee": "常州受让有限公司",
        "images": "https://example.org/a.jpg",
        "activity": "HD2026-018",
    },
    tags={"policy": ("clean", "robots"), "chain": ("midstream",), "overseas": ("cooperation",), "languages": ("en", "zh")},
    amounts={
        "budget": (80 * WAN, 150 * WAN),
        "deposit": (2 * WAN, 2 * WAN),
        "floor_price": (70 * WAN, 70 * WAN),
        "deal_price": (None, 90 * WAN),
        "service_fee": (WAN, None),
    },
    days={"delivery_on": date(2027, 6, 30), "acceptance_on": date(2027, 9, 30)},
    declined=("0123456789ab",),
)
OWN = {"floor_price", "deal_price", "service_fee", "transferee"}


def stored(world: World, draft: ListingDraft) -> tuple[str, Content]:
    firm = world.organisation("常州电池有限公司", zone="changzhou")
    made = world.published(firm, replace(draft, organisation=firm.public_id, industries=("pv",)))
    id_ = world.listing(made.public_id).id or 0
    with world.database.read() as session:
        return made.public_id, load(session, [id_])[id_]


def surroundings(content: Content) -> Surroundings:
    lines, codes = places(content)
    return Surroundings(zones=codes, industries=lines)


def places(content: Content) -> tuple[dict[int, tuple[str, ...]], dict[int, str]]:
    """Industry lines and zone codes, as far as this listing goes."""
    return {tag.id: (tag.code,) for tag in content.industries}, {content.organisation.zone_id or 0: "changzhou"}


def test_what_is_kept_comes_back_and_makes_the_same_draft(world: World, known: KnownCodes) -> None:
    _, content = stored(world, TENDER)
    again = from_content(content, known)
    for name in ("texts", "tags", "amounts", "days", "declined"):
        assert getattr(again, name) == getattr(TENDER, name), name
    assert validate(again, known, TODAY, submit=True) == again


def test_a_planned_row_survives_as_json() -> None:
    again = from_json(to_json(Planned(replace(TENDER, organisation="x"), OwnerCells()))).draft
    assert again == replace(TENDER, organisation="x")


def test_the_own_layer_is_read_by_the_owner_and_the_staff_in_charge_alone(world: World) -> None:
    id_, content = stored(world, TENDER)
    with world.database.read() as session:
        firm = session.get_one(Organisation, content.organisation.id)
    insiders = [world.person(Role.SEEKER, organisation=firm), world.person(Role.ZONE_STAFF, zone="changzhou")]
    others = [world.person(Role.ZONE_STAFF, zone="kunshan"), world.person(Role.BROKER, zone="changzhou"), VISITOR]
    with world.database.read() as session:
        for actor in insiders:
            seen = listing_views.page(session, actor, id_).content
            assert {*seen.amounts, *seen.texts} >= OWN
        for actor in others:
            seen = listing_views.page(session, actor, id_).content
            assert not {*seen.amounts, *seen.texts, *seen.hidden} & OWN
            (listed,) = listing_views.browse(session, actor, ListingKind.NEED).items
            assert not {*listed.amounts, *listed.texts, *listed.hidden} & OWN


def test_the_own_layer_reaches_no_document_and_no_pair(world: World) -> None:
    _, content = stored(
        world, replace(TENDER, layers={"indicators_text": "own"}, texts=TENDER.texts | {"indicators_text": "机密参数"})
    )
    around = surroundings(content)
    for audience in AUDIENCES:
        text = repr(describe(content, audience, around, fingerprint="f"))
        assert "采购涂布单元两套" in text
        assert "受让有限公司" not in text
        assert "机密参数" not in text


def test_what_is_the_owners_own_by_nature_cannot_be_opened(known: KnownCodes) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate(replace(TENDER, layers={"floor_price": "registered"}), known, TODAY, submit=False)
    assert [(each.field, each.code) for each in caught.value.fields] == [("layers", "always_own")]
    assert {each.code for each in FIELDS if each.layer is Layer.OWN} == OWN


def test_tags_are_facets_and_levels_meet_across_scales(world: World) -> None:
    _, content = stored(world, replace(TENDER, maturity="step-pilot"))
    with world.database.read() as session:
        found = describe(content, "public", read_surroundings(session), fingerprint="f")
        assert found.facets["policy"] == {"clean", "robots"}
        assert {"step-pilot", "pilot", "gbt-7"} <= found.facets["maturity"]
        assert not {"mass", "other"} & found.facets["maturity"]
        for asked, hits in (("pilot", 1), ("gbt-7", 1), ("mass", 0), ("other", 0)):
            assert listing_views.browse(session, VISITOR, ListingKind.NEED, maturity=asked).total == hits, asked


def test_the_pair_compares_the_budget_with_the_price(world: World) -> None:
    _, content = stored(world, replace(TENDER, price_min_fen=5 * WAN, price_max_fen=5 * WAN))
    side = side_of(content, np.ones((1, 4), np.float32), *places(content))
    assert side.price == (80 * WAN, 150 * WAN)
    value, facts = business.price_part(side.price, (100 * WAN, 120 * WAN))
    assert (value, facts["verdict"]) == (1.0, "within")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"tags": {"policy": ("nothing",)}}, "policy", "unknown_code"),
        ({"tags": {"landmark": ("major",)}}, "landmark", "not_for_kind"),
        ({"tags": {"colour": ("red",)}}, "colour", "unknown_field"),
        ({"amounts": {"deposit": (3, 2)}}, "deposit", "min_over_max"),
        ({"amounts": {"deposit": (-3, None)}}, "deposit", "negative_money"),
        ({"amounts": {"bribe": (3, None)}}, "bribe", "unknown_field"),
        ({"days": {"delivery_on": date(2999, 1, 1)}}, "delivery_on", "out_of_range"),
        ({"days": {"delivery_on": date(2027, 2, 1), "acceptance_on": date(2027, 1, 1)}}, "acceptance_on",
         "accepted_before_delivered"),
        ({"maturity": "gbt-6", "trl": 7}, "trl", "trl_differs"),
    ],
)  # fmt: skip
def test_what_is_refused(known: KnownCodes, changes: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate(need(**changes), known, TODAY, submit=False)
    assert (field, code) in [(each.field, each.code) for each in caught.value.fields]


def test_every_scale_has_its_levels(known: KnownCodes) -> None:
    values = known.lists["maturity"]
    assert {str(each.facts["scale"]) for each in values.values()} == {"local", "policy", "trl"}
    assert [known.trl_of(f"gbt-{level}") for level in range(1, 14)] == [(level, level) for level in range(1, 14)]
    assert known.trl_of("step-used") == (9, 9)


def test_a_result_on_a_level_of_ten_and_above_is_kept(world: World) -> None:
    tags = {"landmark": ("major", "original"), "technology_type": ("disruptive",)}
    _, content = stored(world, result(maturity="gbt-12", tags=tags))
    assert (content.trl, content.tags) == ((12, 12), tags)


def test_every_list_of_the_catalogue_is_seeded_and_every_field_is_stored_somewhere(known: KnownCodes) -> None:
    for each in FIELDS:
        if each.code_list:
            assert known.lists[each.code_list], each.code
    assert {each.code for each in (*TAG_FIELDS, *AMOUNT_FIELDS, *DAY_FIELDS)} <= BY_CODE.keys()


def test_a_new_revision_keeps_what_the_old_one_said(world: World) -> None:
    id_, content = stored(world, TENDER)
    newer = replace(TENDER, organisation=content.organisation.public_id, amounts={}, tags={})
    world.do(listings.save, SYSTEM, newer, listing=id_)
    with world.database.read() as session:
        old = listing_views.page(session, SYSTEM, id_).content
        new = listing_views.page(session, SYSTEM, id_, latest=True).content
    assert (old.amounts, new.amounts, new.tags) == (TENDER.amounts, {}, {})
