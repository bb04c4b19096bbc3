"""The two texts of a pair side by side: their words by field, with the shared terms and the closest passages pointed out."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching.content import Content
from matching.documents import body_of, body_parts, passages_of
from matching.pair_views import Explained
from search.text import spans
from web.messages import field_label


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a field; `marks` are where shared terms stand in them. `is_closest` for those of the closest passage."""

    text: str
    marks: tuple[tuple[int, int], ...]
    is_closest: bool = False


@dataclass(frozen=True, slots=True)
class FieldText:
    code: str
    label: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class SideText:
    """One listing's words by field, the title apart."""

    content: Content
    title: Stretch
    fields: tuple[FieldText, ...]


def side_texts(pair: Explained) -> tuple[SideText, SideText]:
    """Need and result. Where a text is newer than the score, which passages are closest is not known, and none is pointed out."""
    if pair.scored is None:
        return _side(pair.need, None, ()), _side(pair.result, None, ())
    at = pair.scored.best_passages if pair.is_current else (None, None)
    return _side(pair.need, at[0], pair.scored.shared_terms), _side(pair.result, at[1], pair.scored.shared_terms)


def _side(content: Content, passage: int | None, terms: tuple[str, ...]) -> SideText:
    start, end = _place(content, passage)
    fields: list[FieldText] = []
    offset = 0
    for code, text in body_parts(content):
        pieces = _cut(text, start - offset, end - offset)
        stretches = tuple(Stretch(piece, spans(piece, terms), is_closest) for piece, is_closest in pieces)
        fields.append(FieldText(code, field_label(code, content.kind), stretches))
        offset += len(text) + 1
    for code in ("keywords", "application", "field"):
        if text := content.texts.get(code, ""):
            fields.append(FieldText(code, field_label(code, content.kind), (Stretch(text, spans(text, terms)),)))
    return SideText(content, Stretch(content.title, spans(content.title, terms), passage == 0), tuple(fields))


def _place(content: Content, passage: int | None) -> tuple[int, int]:
    """Where in the body the passage of this number stands; nowhere for the title, which is number 0."""
    passages = passages_of(content)[0]
    if not passage or passage >= len(passages):
        return 0, 0
    body, at, end = body_of(content), 0, 0
    for text in passages[1 : passage + 1]:
        at = body.find(text, end)
        end = at + len(text)
    return at, end


def _cut(text: str, start: int, end: int) -> Iterator[tuple[str, bool]]:
    """The text before, within and after [start, end), those that are not empty."""
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    for piece, is_closest in ((text[:start], False), (text[start:end], True), (text[end:], False)):
        if piece:
            yield piece, is_closest
