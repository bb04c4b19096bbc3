"""Words that mean the same: which are searched beside those of a question. On the question's side and in Python, so that
every engine agrees and a change is in force with the next question, in every process.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlmodel import Session, col, select

from matching.held import held
from matching.model import Industry, SynonymGroup
from matching.pairing.weights import shipped
from matching.reference import ancestors_by_id
from search.text import normalise, terms

MOST_TERMS: Final = 12
"""Distinct terms of a question that is still about single words; a longer one is a description, and its meaning carries."""
MOST_WORDS: Final = 12
_EDGE: Final = r"(?<![a-z\d]){}(?![a-z\d])"


@dataclass(frozen=True, slots=True)
class Group:
    """`heads` ask for all others; `words` do so too, unless the group goes one way. `industries` are the codes of the group's
    industry and of all above it."""

    code: str
    heads: tuple[str, ...]
    words: tuple[str, ...]
    one_way: bool
    industries: tuple[str, ...]

    @property
    def asking(self) -> tuple[str, ...]:
        """The words that bring others."""
        return self.heads if self.one_way else (*self.heads, *self.words)


@dataclass(frozen=True, slots=True)
class Expansion:
    """`words` as people read them, `terms` as engines look for them."""

    words: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@held
def read_groups(session: Session) -> tuple[Group, ...]:
    lines = ancestors_by_id(session)
    codes: Mapping[int | None, str] = dict(session.exec(select(Industry.id, Industry.code)).all())
    rows = session.exec(
        select(SynonymGroup)
        .where(col(SynonymGroup.valid_until).is_(None))
        .order_by(col(SynonymGroup.position), col(SynonymGroup.id))
    ).all()
    return tuple(
        Group(
            row.code, tuple(each for each in (row.name, row.name_en) if each), tuple(row.words), row.one_way,
            tuple(codes[each] for each in lines[row.industry_id]),
        )
        for row in rows
    )  # fmt: skip


def expand(groups: Iterable[Group], text: str, industries: Collection[str] = ()) -> Expansion:
    """What is searched beside `text`, at most `MOST_WORDS` words; nothing for a description.

    Where a question is narrowed to industries, groups of other fields are left out. Of words that overlap in the text the
    longest counts: 谐波减速器 is not 减速器.
    """
    asked = terms(text)
    if not asked or len(set(asked)) > MOST_TERMS:
        return Expansion()
    normal = normalise(text)
    near = [each for each in groups if not industries or set(each.industries) & set(industries)]
    found = {word: _key(word) for each in near for word in each.asking if _stands_in(normal, _key(word))}
    whole = {word for word, key in found.items() if not any(key != other and key in other for other in found.values())}
    beside: dict[str, None] = {}
    for each in near:
        if whole & set(each.asking):
            beside |= dict.fromkeys(word for word in (*each.heads, *each.words) if not _stands_in(normal, _key(word)))
    words = tuple(beside)[:MOST_WORDS]
    wanted = dict.fromkeys(term for word in words for term in terms_for(word))
    return Expansion(words, tuple(term for term in wanted if term not in asked))


def terms_for(word: str) -> tuple[str, ...]:
    """The term that stands for a word: the word itself where the cutter knows it whole, else the rarest of its parts, because
    engines look for any of the terms, and 电池 is not 太阳能电池. None for a word that says nothing."""
    parts = dict.fromkeys(terms(word))
    whole = normalise(word)
    if whole in parts:
        return (whole,)
    weights = shipped()
    return tuple(sorted(parts, key=lambda term: (-weights.word(term), -len(term), term))[:1])


@lru_cache(maxsize=8192)
def _key(word: str) -> str:
    return normalise(word)


def _stands_in(normal: str, key: str) -> bool:
    """Latin words and numbers as wholes only: PI is not in pixel."""
    if key not in normal:
        return False
    return re.search(_EDGE.format(re.escape(key)), normal) is not None if key[0].isascii() or key[-1].isascii() else True
