"""What the commit of a slice is asked for, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.errors import FieldError, InvalidInput, ZoneMatchError
from matching.imports.payload import Planned


@dataclass(frozen=True, slots=True)
class Wish:
    """One planned row. `listing_id` and `base_version` are the target's as the plan saw it; None for a new listing."""

    row_id: int
    planned: Planned
    listing_id: int | None
    base_version: int | None


@dataclass(slots=True)
class Outcome:
    """Row id → the listing that was written, or the reasons why none was; for the undo the revision that was written, what an
    update found, and the organisation that was made for the row."""

    written: dict[int, int] = field(default_factory=dict)
    refused: dict[int, tuple[FieldError, ...]] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)
    before: dict[int, Mapping[str, object]] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)


def reasons_of(refused: ZoneMatchError) -> tuple[FieldError, ...]:
    """A refusal as reasons of a row."""
    if isinstance(refused, InvalidInput):
        return refused.fields
    return (FieldError("title", refused.code, refused.params),)
