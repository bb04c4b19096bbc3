"""The machine of listings: every move from every state, in the pure table and through the use-cases."""

from collections.abc import Callable

import pytest

from matching import listings, reviews
from matching.access import SYSTEM, TABLE
from matching.errors import IllegalMove
from matching.model import ListingState, Organisation
from matching.stages import LISTING, Machine, Move
from tests.matching.world import TODAY, World, need

LEGAL: dict[str, dict[str, str]] = {
    "draft": {"revise": "draft", "submit": "submitted", "publish": "published", "withdraw": "withdrawn"},
    "submitted": {
        "revise": "submitted",
        "submit": "submitted",
        "publish": "published",
        "send_back": "sent_back",
        "withdraw": "withdrawn",
    },
    "sent_back": {"revise": "sent_back", "submit": "submitted", "withdraw": "withdrawn"},
    "published": {
        "revise": "published",
        "submit": "published",
        "publish": "published",
        "send_back": "published",
        "withdraw": "withdrawn",
        "renew": "published",
        "expire": "expired",
    },
    "expired": {"revise": "draft", "withdraw": "withdrawn", "renew": "published"},
    "withdrawn": {"revise": "draft"},
}
CELLS = [(state, move.name) for state in LISTING.states for move in LISTING.moves]


@pytest.mark.parametrize(("state", "move"), CELLS)
def test_every_cell(state: str, move: str) -> None:
    if move in LEGAL[state]:
        assert LISTING.target(move, state) == LEGAL[state][move]
        return
    with pytest.raises(IllegalMove) as caught:
        LISTING.target(move, state)
    assert caught.value.params == {"move": move, "state": state}


@pytest.mark.parametrize("state", LISTING.states)
def test_open_moves(state: str) -> None:
    assert {each.name for each in LISTING.open_moves(state)} == set(LEGAL[state])


def test_the_machine_fits_its_table_and_the_access_table() -> None:
    assert set(LISTING.states) == {state.value for state in ListingState} == set(LEGAL)
    assert LISTING.initial in LISTING.states
    for move in LISTING.moves:
        assert set(move.paths) | set(move.paths.values()) <= set(LISTING.states)
        assert (move.action in TABLE) != (move.action == "system")
        assert (move.deadline is not None) == (move.action == "system")


def test_a_move_nobody_wrote_down_is_a_programming_error() -> None:
    machine = Machine("lamp", "off", ("off", "on"), (Move("switch", {"off": "on", "on": "off"}, "system"),))
    assert machine.target("switch", machine.initial) == "on"
    with pytest.raises(KeyError, match="lamp has no move break"):
        machine.target("break", "on")


def in_state(world: World, owner: Organisation, state: str) -> str:
    """A listing with complete words, newer than the published ones where there are any, brought there by use-cases."""
    made = world.do(listings.save, SYSTEM, need(organisation=owner.public_id, valid_until=TODAY))
    public_id = made.public_id
    if state in ("submitted", "sent_back"):
        world.do(listings.submit, SYSTEM, public_id)
    if state == "sent_back":
        world.do(reviews.send_back, SYSTEM, public_id, {"general": "补充"})
    if state in ("published", "expired"):
        world.do(reviews.publish, SYSTEM, public_id)
        world.do(listings.save, SYSTEM, need(), listing=public_id)
        world.do(listings.submit, SYSTEM, public_id)
    if state == "withdrawn":
        world.do(listings.withdraw, SYSTEM, public_id)
    if state == "expired":
        world.clock.move(days=1)
        world.do(listings.expire_due)
    assert world.listing(public_id).state.value == state
    return public_id


def make(world: World, move: str, public_id: str) -> None:
    jobs: dict[str, Callable[[], object]] = {
        "revise": lambda: world.do(listings.save, SYSTEM, need(title="改"), listing=public_id),
        "submit": lambda: world.do(listings.submit, SYSTEM, public_id),
        "publish": lambda: world.do(reviews.publish, SYSTEM, public_id),
        "send_back": lambda: world.do(reviews.send_back, SYSTEM, public_id, {"general": "补充"}),
        "withdraw": lambda: world.do(listings.withdraw, SYSTEM, public_id),
        "renew": lambda: world.do(listings.renew, SYSTEM, public_id),
    }
    jobs[move]()


@pytest.mark.parametrize(("state", "move"), [(state, move) for state, move in CELLS if move != "expire"])
def test_the_use_cases_obey(world: World, state: str, move: str) -> None:
    public_id = in_state(world, world.organisation(zone="changzhou"), state)
    before = world.listing(public_id)
    if move in LEGAL[state]:
        make(world, move, public_id)
        after = world.listing(public_id)
        assert after.state.value == LEGAL[state][move]
        assert after.version == before.version + 1
        return
    with pytest.raises(IllegalMove) as caught:
        make(world, move, public_id)
    assert caught.value.params == {"move": move, "state": state}
    after = world.listing(public_id)
    assert (after.state, after.version, after.revision) == (before.state, before.version, before.revision)
