"""What is shown of a listing that was found: its words marked, its best passage, and in a line why it was found."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matching.access import Actor, readable_layers
from matching.content import Content, restrict
from matching.documents import body_of, passages_of
from search.fusion import Fused
from search.text import normalise, snippet, spans, terms_among

_SENTENCE: Final = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]?")
_LONGEST_SENTENCE: Final = 60
_normal: Final = lru_cache(maxsize=4096)(normalise)
"""Kept for the texts that were shown last."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`content` is narrowed to what the reader may see. Spans are character offsets into `content.title` and `snippet`.

    `words` are those of the query that were found, `related` those found in their place; `is_semantic` says that meaning
    found it, too or alone, and `sentence` is the one of its text that is nearest to what was asked.
    """

    content: Content
    title_spans: Spans
    snippet: str
    snippet_spans: Spans
    words: tuple[str, ...]
    is_semantic: bool
    pinned: bool
    sentence: str = ""
    related: tuple[str, ...] = ()


def hit_of(
    actor: Actor,
    content: Content,
    fused: Fused,
    wanted: Sequence[str],
    *,
    pinned: bool = False,
    asked: str = "",
    quoted: Sequence[tuple[str, ...]] = (),
    related: Sequence[str] = (),
) -> SearchHit:
    """`wanted` are the query's terms, `quoted` its phrases as signs, `related` the terms beside them, `asked` its text."""
    seen = restrict(content, readable_layers(actor))
    passages, _ = passages_of(seen)
    body = body_of(seen)
    said = "\n".join((seen.title, seen.texts.get("keywords", ""), body, seen.organisation.name))
    found = terms_among(said, {*wanted, *related})
    words = tuple(dict.fromkeys(word for word in wanted if word in found))
    beside = longest_only(tuple(dict.fromkeys(word for word in related if word in found and word not in words)))
    marked = (*words, *beside)
    nearest = fused.passage if fused.passage is not None and 0 < fused.passage < len(passages) else None
    text, text_spans = snippet(_best_passage(passages, nearest, words, quoted) or body, marked, phrases=quoted)
    near = passages[nearest] if nearest is not None else body
    return SearchHit(
        content=seen,
        title_spans=spans(seen.title, marked, quoted),
        snippet=text,
        snippet_spans=text_spans,
        words=_as_written(longest_only(words), asked, f"{seen.title}\n{body}"),
        is_semantic=fused.semantic_rank is not None,
        pinned=pinned,
        sentence=_nearest_sentence(near, asked) if fused.semantic_rank is not None and fused.passage != 0 else "",
        related=beside,
    )


def longest_only(words: Sequence[str]) -> tuple[str, ...]:
    """Words that are not part of a longer one among them: 减速器 goes where 谐波减速器 stays."""
    return tuple(word for word in words if not any(word != other and word in other for other in words))


def _as_written(words: tuple[str, ...], asked: str, text: str) -> tuple[str, ...]:
    """Single characters that stand together in the question and in the text are told as the word they make: 银浆, not 银、浆."""
    singles = "".join(re.escape(word) for word in words if len(word) == 1)
    if not singles:
        return words
    normal = _normal(text)
    made = [each for each in re.findall(f"[{singles}]{{2,}}", normalise(asked)) if each in normal]
    inside = {character for each in made for character in each}
    return tuple(dict.fromkeys([*(word for word in words if word not in inside), *made])) if made else words


def _best_passage(
    passages: Sequence[str], nearest: int | None, words: Collection[str], quoted: Collection[tuple[str, ...]]
) -> str:
    """The passage that holds a phrase, else most of the words by their length; the nearest in meaning where it holds no less."""

    def worth(at: int) -> tuple[int, int, int]:
        text = _normal(passages[at])
        phrases = sum(bool(spans(passages[at], (), (each,))) for each in quoted)
        return phrases, sum(len(word) for word in words if word in text), int(at == nearest)

    below_title = range(1, len(passages))
    return passages[max(below_title, key=lambda at: (*worth(at), -at))] if below_title else ""


def _nearest_sentence(text: str, asked: str) -> str:
    """The sentence that shares most pairs of signs with the question; the first where none does."""
    wanted = _pairs(asked)
    sentences = [each.group().strip() for each in _SENTENCE.finditer(text) if each.group().strip()]
    if not sentences:
        return ""
    best = max(sentences, key=lambda each: (len(_pairs(each) & wanted) / (12 + len(each)), -sentences.index(each)))
    return best if len(best) <= _LONGEST_SENTENCE else best[: _LONGEST_SENTENCE - 1].rstrip() + "…"


def _pairs(text: str) -> set[str]:
    normal = _normal(text)
    return {normal[at : at + 2] for at in range(len(normal) - 1)}
