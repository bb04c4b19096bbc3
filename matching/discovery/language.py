"""What people may write into the search box beside words: "phrases", -without, 机构:…, 区:…. Pure; parses anything.

Nothing here is an error: what is not understood is read as words, and a `Problem` says so. Running text (several
sentences, a pasted paragraph) holds no commands: there quotation marks and colons are just what the author wrote. So it is with
marks that stand inside a text, as in titles: a phrase stands apart, between spaces (one title in twenty of the papers that
search is measured on holds quotation marks, and none of them is found where they are commands).
"""

import difflib
import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from search.text import signs

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "organisation": ("机构", "单位", "org", "organisation", "organization"),
    "number": ("专利号", "编号", "patent", "number"),
    "title": ("标题", "名称", "title"),
    "zone": ("区", "高新区", "zone"),
    "industry": ("产业", "industry"),
    "maturity": ("成熟度", "阶段", "maturity"),
    "kind": ("类型", "kind", "type"),
    "region": ("地区", "城市", "region", "city"),
    "mode": ("合作", "合作方式", "mode"),
    "ip": ("知识产权", "ip"),
    "ip_status": ("法律状态", "status"),
    "owner": ("机构类型", "单位性质", "owner"),
    "year": ("年份", "发布年份", "year"),
    "price": ("价格", "price"),
}
"""Field → the words that may stand before its colon; the first is the one that help and advice name, the next Latin one its
English twin."""
_FIELD_OF: Final = {word: field for field, words in FIELDS.items() for word in words}
_CLOSES: Final = {"“": "”", "「": "」", "『": "』", "„": "“", "”": "”", '"': '"', "＂": "＂"}
_MINUS: Final = "-－−"
_NAMED: Final = re.compile(r"([A-Za-z_]{2,20}|[\u4e00-\u9fff]{1,8})\s?[:：](?!//)")
_NUMBER: Final = re.compile(r"(?:zl|cn)?\s?\d[\d \u3000]*(?:\.\s?[\dx])?(?![a-z\d])", re.IGNORECASE)
"""A patent's number is written in groups, too."""
_PROSE: Final = re.compile(r"[。；！？\n]")
LONGEST_COMMANDS: Final = 160
"""Characters; a longer text is a description, not a list of commands."""
MOST_PIECES: Final = 24
_LONGEST_NAME: Final = max(len(word) for words in FIELDS.values() for word in words if not word.isascii())
_LONGEST_VALUE: Final = 14
"""Characters of what may be a mistyped field and its value. A longer one is a title with a colon in it: 学习笔记：对…的探讨."""

PieceKind = Literal["words", "phrase", "field"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what was typed. `text` is its content without signs, [start, end) where it stood, signs included.

    A word with a minus before it is a negated phrase. `field` is a key of `FIELDS`, of a `field` alone.
    """

    kind: PieceKind
    text: str
    start: int
    end: int
    field: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What was read otherwise than it may have been meant. `code`: `unknown_field`, `no_value`, `unclosed_quote`,
    `empty_phrase`, `too_many`, and of values (`matching.discovery.asking`) `unknown_value`, `bad_value`. `near` are names
    that may have been meant."""

    code: str
    text: str
    field: str = ""
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """`text` is what was typed. `is_prose`: it was taken as running text though it holds signs of commands."""

    text: str
    pieces: tuple[Piece, ...]
    problems: tuple[Problem, ...] = ()
    is_prose: bool = False

    @property
    def words(self) -> str:
        """What is looked for by words and meaning: the words, and phrases that are wanted."""
        return " ".join(each.text for each in self.pieces if each.kind != "field" and not each.negated)

    @property
    def commands(self) -> tuple[Piece, ...]:
        """All pieces but plain words."""
        return tuple(each for each in self.pieces if each.kind != "words")

    def without(self, piece: Piece) -> str:
        """What was typed but for one piece."""
        return " ".join((self.text[: piece.start] + " " + self.text[piece.end :]).split())


def parse(text: str) -> Parsed:
    """Never raises. Pieces are in reading order and do not overlap; neighbouring words are one piece."""
    if len(text) > LONGEST_COMMANDS or _PROSE.search(text.strip()):
        stripped = text.strip()
        pieces = (Piece("words", stripped, text.index(stripped), text.index(stripped) + len(stripped)),) if stripped else ()
        return Parsed(text, pieces, is_prose=bool(re.search(r'[“「"]|(?:^|\s)-[^\s\d]', text)))
    reader = _Reader(text)
    reader.read()
    parsed = Parsed(text, tuple(reader.pieces), tuple(reader.problems))
    return replace(parsed, is_prose=reader.has_quoted_words and not parsed.commands)


def named(field: str, *, english: bool = False) -> str:
    """The word that stands before the colon of a field."""
    words = FIELDS[field]
    return next((each for each in words if each.isascii()), words[0]) if english else words[0]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.pieces: list[Piece] = []
        self.problems: list[Problem] = []
        self.has_quoted_words = False
        """Whether there are quotation marks that were read as words."""
        self._words_from: int | None = None

    def read(self) -> None:
        text = self.text
        while self.at < len(text):
            if text[self.at].isspace():
                self.at += 1
            elif len(self.pieces) >= MOST_PIECES:
                self.problems.append(Problem("too_many", text[self.at :][:40]))
                self._word(len(text))
            elif not self._command():
                self._word(self._end_of_run(self.at))
        self._close_words(len(text))

    def _command(self) -> bool:
        """Read a phrase or a field that begins here, with its minus; False where none does."""
        text, start = self.text, self.at
        at = start
        is_start = start == 0 or text[start - 1].isspace()
        negated = is_start and text[at] in _MINUS and at + 1 < len(text) and not _is_no_minus(text[at + 1])
        at += negated
        found = _NAMED.match(text, at) if is_start else None
        if found is not None and self._field(found, start, negated=negated):
            return True
        is_after_phrase = bool(self.pieces) and self.pieces[-1].kind == "phrase" and self.pieces[-1].end == start
        if text[at] in _CLOSES and (is_start or is_after_phrase) and self._stands_apart(at):
            return self._phrase(at, start, negated=negated)
        if negated:
            end = self._end_of_run(at)
            return self._add(Piece("phrase", text[at:end], start, end, negated=True))
        return False

    def _stands_apart(self, at: int) -> bool:
        """Whether nothing but space, or another quotation, follows the one that opens here. Not closed, it goes to the end."""
        _, end, _ = self._quoted(at)
        following = self.text[end : end + 1]
        return not following or following.isspace() or following in _CLOSES

    def _phrase(self, at: int, start: int, *, negated: bool) -> bool:
        inside, end, is_closed = self._quoted(at)
        if not is_closed and self.text[at] == '"' and not inside:
            return False
        if not is_closed:
            self.problems.append(Problem("unclosed_quote", inside))
        return self._add(Piece("phrase", inside, start, end, negated=negated))

    def _field(self, found: re.Match[str], start: int, *, negated: bool) -> bool:
        name, at = found[1].lower(), found.end()
        field = _FIELD_OF.get(name)
        while at < len(self.text) and self.text[at] in " \u3000" and field is not None:
            at += 1
        value, end = "", at
        if at < len(self.text) and self.text[at] in _CLOSES:
            value, end, is_closed = self._quoted(at)
            if field is not None and not is_closed:
                self.problems.append(Problem("unclosed_quote", value))
        elif at < len(self.text):
            grouped = _NUMBER.match(self.text, at) if field == "number" else None
            end = grouped.end() if grouped else self._end_of_run(at)
            value = self.text[at:end]
        if field is None:
            near = difflib.get_close_matches(name, list(_FIELD_OF), n=2, cutoff=0.5)
            looks_like_one = bool(near) or (not name.isascii() and len(name) <= _LONGEST_NAME)
            if looks_like_one and 0 < len(value) <= _LONGEST_VALUE:
                self.problems.append(Problem("unknown_field", found[1], near=tuple(near)))
            return False
        if not value.strip():
            self.problems.append(Problem("no_value", found[1], field))
            return False
        return self._add(Piece("field", value.strip(), start, end, field, negated))

    def _quoted(self, at: int) -> tuple[str, int, bool]:
        """What stands in the quotation marks that open here, where they end, and whether they do."""
        close = self.text.find(_CLOSES[self.text[at]], at + 1)
        if close < 0:
            return self.text[at + 1 :].strip(), len(self.text), False
        return self.text[at + 1 : close].strip(), close + 1, True

    def _add(self, piece: Piece) -> bool:
        self._close_words(piece.start)
        if piece.kind == "phrase" and not signs(piece.text):
            self.problems.append(Problem("empty_phrase", self.text[piece.start : piece.end]))
        else:
            self.pieces.append(piece)
        self.at = piece.end
        return True

    def _end_of_run(self, at: int) -> int:
        """The end of what is written without a space."""
        while at < len(self.text) and not self.text[at].isspace():
            at += 1
        return at

    def _word(self, end: int) -> None:
        self.has_quoted_words |= any(each in self.text[self.at : end] for each in "“「『")
        if self._words_from is None:
            self._words_from = self.at
        self.at = end

    def _close_words(self, end: int) -> None:
        if self._words_from is not None:
            words = self.text[self._words_from : end].strip()
            if words:
                self.pieces.append(Piece("words", words, self._words_from, self._words_from + len(words)))
            self._words_from = None


def _is_no_minus(following: str) -> bool:
    """A number below zero and a dash alone are no exclusion."""
    return following.isspace() or following.isdigit() or following in _MINUS
