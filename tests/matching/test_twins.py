"""Near duplicates under access: who is shown what, what is remembered, what the worker keeps, and that finding stays cheap."""

import pytest
from sqlmodel import Session, select

from matching import listings, prints, twins
from matching.access import SYSTEM, VISITOR, Actor
from matching.documents import passages_of
from matching.errors import InvalidInput, MayNot, NotFound, SignInNeeded
from matching.listing_rows import Saved
from matching.model import AuditEntry, Listing, Note, Organisation, PrintKey, Role, Twin, TwinState
from matching.store.outbox import claim
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from tests.matching.world import World, need

TEXT = (
    "φ0.06 mm切割钢丝，收线18 m/s，从空盘到满盘张力波动±12%，换盘时常崩断，摆杆加PID已经调到极限。求把波动控制到±3%以内的办法。"
)
AGAIN = (
    "切割钢丝φ60 μm，收线18 m/s，从空盘到满盘张力波动±12%，换盘时常常崩断；"
    "摆杆加PID已调到极限。求把波动控制在±3%以内的办法。联系人：李工。"
)
TITLE, TITLE_AGAIN = "拉丝机收线张力波动大", "拉丝机收线的张力波动过大"


@pytest.fixture
def firm(world: World) -> Organisation:
    return world.organisation("甲公司", zone="changzhou")


@pytest.fixture
def rival(world: World) -> Organisation:
    return world.organisation("乙公司", zone="kunshan")


def post(world: World, owner: Organisation, title: str = TITLE, text: str = TEXT, **more: object) -> Saved:
    return world.published(owner, need(organisation=owner.public_id, title=title, texts={"detail": text}, **more))


def seen(world: World, actor: Actor, title: str = TITLE_AGAIN, text: str = AGAIN) -> list[str]:
    draft = need(title=title, texts={"detail": text})
    with world.database.read() as session:
        return [each.content.public_id for each in twins.undecided(session, actor, draft)]


def bring(world: World, *ids: str) -> int:
    return twins.bring(world.database, VectorStore(world.database, HashingEncoder()), ids)


def pairs(session: Session) -> list[tuple[TwinState, int]]:
    return [(row.state, row.percent) for row in session.exec(select(Twin).order_by(Twin.id))]  # type: ignore[arg-type]  # a column


def test_others_published_words_are_found_and_nothing_else_of_theirs(
    world: World, firm: Organisation, rival: Organisation
) -> None:
    seeker = world.person(Role.SEEKER, organisation=rival)
    draft = world.do(listings.save, SYSTEM, need(organisation=firm.public_id, title=TITLE, texts={"detail": TEXT}))
    assert seen(world, seeker) == [], "a draft of another organisation"
    assert seen(world, world.person(Role.SEEKER, organisation=firm)) == [draft.public_id]
    assert seen(world, world.person(Role.ZONE_STAFF, zone="changzhou")) == [draft.public_id]
    assert seen(world, world.person(Role.ZONE_STAFF, zone="kunshan")) == []
    open_one = post(world, firm)
    assert seen(world, seeker) == [open_one.public_id]
    assert seen(world, VISITOR) == []
    assert seen(world, seeker, text=AGAIN.replace("±12%", "±40%").replace("±3%", "±9%").replace("18", "45")) == []
    world.do(listings.withdraw, SYSTEM, open_one.public_id)
    assert seen(world, seeker) == []


def test_a_hidden_text_is_not_even_hinted_at(world: World, firm: Organisation, rival: Organisation) -> None:
    post(world, firm, title="收线设备改造", layers={"detail": "own"})
    assert seen(world, world.person(Role.SEEKER, organisation=rival)) == []
    assert seen(world, world.person(Role.ADMINISTRATOR)) == []
    post(world, firm, title="收线设备改造二", layers={"detail": "registered"})
    assert len(seen(world, world.person(Role.SEEKER, organisation=rival))) == 1


def test_words_being_changed_are_looked_at_in_the_newest_and_the_published_form(world: World, firm: Organisation) -> None:
    seeker = world.person(Role.SEEKER, organisation=firm)
    made = post(
        world, firm, title="完全另一回事", text="厂房屋面漏水，想换一种不用停产的防水做法，面积三千平方米，质保十年以上。"
    )
    world.do(
        listings.save, seeker, need(organisation=firm.public_id, title=TITLE, texts={"detail": TEXT}), listing=made.public_id
    )
    assert seen(world, seeker) == [made.public_id]
    draft = need(title=TITLE_AGAIN, texts={"detail": AGAIN})
    with world.database.read() as session:
        assert twins.undecided(session, seeker, draft, listing=made.public_id) == (), "an entry is not its own duplicate"


def test_the_worker_keeps_open_pairs_and_a_decision_is_not_asked_again(
    world: World, firm: Organisation, rival: Organisation
) -> None:
    one, other = post(world, firm), post(world, rival, TITLE_AGAIN, AGAIN)
    owner, staff = world.person(Role.SEEKER, organisation=firm), world.person(Role.ZONE_STAFF, zone="kunshan")
    assert bring(world, one.public_id) == 1
    assert bring(world, one.public_id, other.public_id) == 0
    with world.database.read() as session:
        for actor in (owner, staff, world.person(Role.ADMINISTRATOR)):
            found, total = twins.waiting(session, actor)
            assert [(each.first.public_id, each.second.public_id) for each in found] == [(one.public_id, other.public_id)]
            assert total == 1
        assert twins.waiting(session, world.person(Role.ZONE_STAFF, zone="wuxi")) == ((), 0)
        found_pair = twins.pair(session, owner, other.public_id, one.public_id)
        assert found_pair.may_write == {one.public_id}
        assert found_pair.differences.figures == ()
    world.do(twins.decide, owner, one.public_id, other.public_id, "different")
    with world.database.read() as session:
        assert [state for state, _ in pairs(session)] == [TwinState.DIFFERENT]
        assert twins.waiting(session, staff) == ((), 0)
        audited = session.exec(select(AuditEntry).where(AuditEntry.action == "twin.decide")).one()
        assert audited.details == {"other": other.public_id, "state": "different"}
        content = twins.pair(session, staff, one.public_id, other.public_id).first
        (like,) = twins.alike(session, staff, content)
        assert like.decision is not None
        assert like.decision.state == TwinState.DIFFERENT
        again = need(title=TITLE, texts={"detail": TEXT})
        assert twins.undecided(session, owner, again, listing=one.public_id) == ()
    assert bring(world, one.public_id, other.public_id) == 0, "not asked again"


def test_an_open_pair_goes_when_the_texts_part(world: World, firm: Organisation, rival: Organisation) -> None:
    one, other = post(world, firm), post(world, rival, TITLE_AGAIN, AGAIN)
    bring(world, one.public_id, other.public_id)
    from matching import reviews

    world.do(
        listings.save, SYSTEM, need(organisation=rival.public_id, title="换屋面", texts={"detail": "屋面漏水，求不停产的做法。"}),
        listing=other.public_id,
    )  # fmt: skip
    world.do(reviews.publish, SYSTEM, other.public_id)
    assert bring(world, other.public_id) == 1
    with world.database.read() as session:
        assert pairs(session) == []
        assert prints.old(session, [other.public_id]) == [], "keys of words that nobody reads any more are gone"


def test_who_may_not_decide(world: World, firm: Organisation, rival: Organisation) -> None:
    one, other = post(world, firm), post(world, rival, TITLE_AGAIN, AGAIN)
    stranger = world.person(Role.SEEKER, organisation=world.organisation("丙公司", zone="wuxi"))
    with pytest.raises(MayNot):
        world.do(twins.decide, stranger, one.public_id, other.public_id, "same")
    with pytest.raises(SignInNeeded):
        world.do(twins.decide, VISITOR, one.public_id, other.public_id, "same")
    owner = world.person(Role.SEEKER, organisation=firm)
    with pytest.raises(InvalidInput):
        world.do(twins.decide, owner, one.public_id, other.public_id, "merged")
    with pytest.raises(NotFound):
        world.do(twins.decide, owner, one.public_id, one.public_id, "same")
    hidden = world.do(listings.save, SYSTEM, need(organisation=rival.public_id, title=TITLE))
    with pytest.raises(NotFound):
        world.do(twins.decide, owner, one.public_id, hidden.public_id, "same")


def test_vectors_are_weighed_where_both_texts_have_them(world: World, firm: Organisation, rival: Organisation) -> None:
    one = post(world, firm)
    post(world, rival, TITLE_AGAIN, AGAIN)
    vectors = VectorStore(world.database, HashingEncoder())
    with world.database.read() as session:
        content = twins.pair(session, SYSTEM, one.public_id, _second(session, one.public_id)).first
        ((_, bare),) = twins.find(session, SYSTEM, content, but=(content.id,), vectors=vectors)
        other = twins.pair(session, SYSTEM, one.public_id, _second(session, one.public_id)).second
    assert bare.meaning is None
    vectors.get([*passages_of(content)[1], *passages_of(other)[1]], lane="bulk")
    with world.database.read() as session:
        ((_, weighed),) = twins.find(session, SYSTEM, content, but=(content.id,), vectors=vectors)
    assert weighed.meaning is not None
    assert 0 < weighed.meaning <= 1


def _second(session: Session, first: str) -> str:
    return session.exec(select(Listing.public_id).where(Listing.public_id != first)).one()


def test_keys_are_made_again_from_the_revisions(world: World, firm: Organisation) -> None:
    post(world, firm)
    with world.database.read() as session:
        before = sorted((row.key, row.revision_id) for row in session.exec(select(PrintKey)))
    with world.database.write() as unit:
        prints.put(unit.session, {})
        prints.drop(unit.session, [id_ for _, id_ in before])
        prints.ask(unit)
        unit.commit()
    prints.work(world.database, claim(world.database, kinds=["prints"], lanes=["bulk"], limit=1))
    with world.database.read() as session:
        assert sorted((row.key, row.revision_id) for row in session.exec(select(PrintKey))) == before
        assert session.get_one(Note, prints.NOTE).value == prints.VERSION
    assert not world.jobs("prints")
