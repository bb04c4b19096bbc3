"""One table-driven state machine for everything that moves through stages: listings now, deals and procedures later.

Pure: no SQL, no clock. A machine is data: states, moves (from where to where), the access action that a mover needs, and
the deadline that makes the worker move by itself. Use-cases ask `target` and write what it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matching.errors import IllegalMove


@dataclass(frozen=True, slots=True)
class Move:
    """`paths` maps each state the move may start from to the one it leads to. `action` is a row of the access table."""

    name: str
    paths: Mapping[str, str]
    action: str
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    name: str
    initial: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]

    def move(self, name: str) -> Move:
        """The move of that name. Raises KeyError for one the machine does not have: a programming error."""
        for each in self.moves:
            if each.name == name:
                return each
        raise KeyError(f"{self.name} has no move {name}")

    def target(self, name: str, state: str) -> str:
        """Where the move leads from `state`. Raises `IllegalMove` when it does not start there."""
        paths = self.move(name).paths
        if state not in paths:
            raise IllegalMove(move=name, state=state)
        return paths[state]

    def open_moves(self, state: str) -> tuple[Move, ...]:
        return tuple(each for each in self.moves if state in each.paths)


LISTING = Machine(
    name="listing",
    initial="draft",
    states=("draft", "submitted", "sent_back", "published", "expired", "withdrawn"),
    moves=(
        # An edit of a published text waits as a newer revision: the listing stays published with its old words.
        Move(
            "revise",
            {each: each for each in ("draft", "submitted", "sent_back", "published")}
            | {"expired": "draft", "withdrawn": "draft"},
            "listing.write",
        ),
        Move(
            "submit",
            {"draft": "submitted", "sent_back": "submitted", "submitted": "submitted", "published": "published"},
            "listing.write",
        ),
        Move("publish", {"draft": "published", "submitted": "published", "published": "published"}, "listing.publish"),
        Move("send_back", {"submitted": "sent_back", "published": "published"}, "listing.publish"),
        Move(
            "withdraw",
            dict.fromkeys(("draft", "submitted", "sent_back", "published", "expired"), "withdrawn"),
            "listing.write",
        ),
        Move("renew", {"published": "published", "expired": "published"}, "listing.write"),
        Move("expire", {"published": "expired"}, "system", deadline="valid_until"),
    ),
)
