"""Reading the words that a form was made from, after others have changed them."""

import pytest

from matching import listings
from matching.access import SYSTEM, VISITOR
from matching.errors import NotFound
from matching.listing_views import page
from matching.model import Role
from matching.store.database import Database
from tests.matching.world import World, need


def test_owner_reads_an_earlier_revision_and_others_do_not(world: World, database: Database) -> None:
    firm = world.organisation(zone="changzhou")
    owner, other = world.person(Role.SEEKER, organisation=firm), world.person(Role.SEEKER, organisation=world.organisation())
    made = world.published(firm)
    world.do(listings.save, SYSTEM, need(organisation=firm.public_id, title="改过的标题"), listing=made.public_id)
    with database.read() as session:
        assert page(session, owner, made.public_id, revision=1).content.title == need().title
        assert page(session, owner, made.public_id, revision=2).content.title == "改过的标题"
        for actor, revision in ((other, 1), (VISITOR, 1), (owner, 3), (owner, 0)):
            with pytest.raises(NotFound):
                page(session, actor, made.public_id, revision=revision)
