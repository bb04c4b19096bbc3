"""A grade as a form of the desk or of the queue sends it."""

from matching import verdicts
from matching.access import Actor
from matching.store.receipts import take_receipt
from matching.store.unit import UnitOfWork
from matching.verdicts import STAFF_GRADES, GradePair
from web.typed import Typed


def give_once(unit: UnitOfWork, actor: Actor, zone: str, typed: Typed) -> None:
    """The same form sent twice is one verdict; sent again with another grade it is a change of mind. Raises as
    `verdicts.give` does."""
    grade, reason = typed.one("grade"), typed.one("reason")
    known = {str(each): each for each in STAFF_GRADES}
    command = GradePair(zone, typed.one("need"), typed.one("result"), known.get(grade, -1), reason)
    receipt = take_receipt(unit, actor.person_id, typed.one("form_token"))
    said = f"{command.grade} {reason}".strip()
    if receipt is None or receipt.target != said:
        verdicts.give(unit, actor, command)
        if receipt is not None:
            receipt.target = said
