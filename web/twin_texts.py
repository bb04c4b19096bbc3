"""Two entries side by side, with what only one of them says marked in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matching.content import Content
from matching.documents import body_parts
from matching.twins import TwinPair
from web.differences import Spans
from web.messages import field_label


@dataclass(frozen=True, slots=True)
class MarkedField:
    label: str
    text: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class MarkedSide:
    content: Content
    title: Spans
    fields: tuple[MarkedField, ...]


def sides(pair: TwinPair) -> tuple[MarkedSide, MarkedSide]:
    told = pair.differences
    one = (*told.only_one, *(each.one for each in told.figures))
    other = (*told.only_other, *(each.other for each in told.figures))
    return _side(pair.first, one), _side(pair.second, other)


def _side(content: Content, marked: tuple[str, ...]) -> MarkedSide:
    fields = tuple(MarkedField(field_label(code, content.kind), text, _spans(text, marked)) for code, text in body_parts(content))
    return MarkedSide(content, _spans(content.title, marked), fields)


def _spans(text: str, wanted: Iterable[str]) -> Spans:
    """Where these stand, ascending, those that touch joined."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(place for each in wanted for place in _places(text, each)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _places(text: str, piece: str) -> Iterator[tuple[int, int]]:
    at = text.find(piece) if piece else -1
    while at >= 0:
        yield at, at + len(piece)
        at = text.find(piece, at + len(piece))
