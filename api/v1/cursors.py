"""Cursors: where a list goes on. Opaque to their readers, and tied to the list and its filters.

A cursor names the last item that was shown, not a number of items: what is posted meanwhile shifts nothing.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import Query

from matching.errors import FieldError, InvalidInput

MOST: Final = 50
USUAL: Final = 20
_LONGEST: Final = 400

Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str | None, Query(max_length=_LONGEST)]

T = TypeVar("T")


def list_of(name: str, **filters: object) -> str:
    """The mark of a list with its filters, by which a cursor of another one is known."""
    told = json.dumps([name, {key: value for key, value in sorted(filters.items()) if value}], default=sorted)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def write(of: str, *position: object) -> str:
    told = json.dumps([of, *position], ensure_ascii=True, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


def read(cursor: str | None, of: str, *kinds: type) -> list[Any] | None:
    """The position, of values of these kinds; None to begin. Raises `InvalidInput` for what this list did not write."""
    if not cursor:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _refused() from None
    if not isinstance(told, list) or told[:1] != [of] or [type(each) for each in told[1:]] != list(kinds):
        raise _refused()
    return told[1:]


def _refused() -> InvalidInput:
    return InvalidInput(FieldError("query cursor", "bad_cursor"))


def cut(items: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The page, and its last item where there are more, of up to `limit + 1` items."""
    return (items[:limit], items[limit - 1]) if len(items) > limit else (items, None)


def day_and_id(position: Sequence[Any] | None) -> tuple[Any, int] | None:
    """A position of an instant and an id. Raises `InvalidInput` for what is no instant."""
    from datetime import datetime

    if position is None:
        return None
    try:
        at = datetime.fromisoformat(position[0])
    except ValueError:
        raise _refused() from None
    if at.tzinfo is None or not 0 < position[1] < 2**63:
        raise _refused()
    return at, position[1]


Filters = Mapping[str, object]
