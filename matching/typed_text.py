"""What a person typed or pasted, made storable without changing what they see. Pure.

White space of other kinds becomes spaces or newlines, characters that show nothing are left out, and the text is composed
(NFC). Width, script, case, HTML and emoji stay as typed: comparison has its own normal form (`search.text.normalise`),
and escaping is the template's.
"""

import re
import unicodedata
from typing import Final

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_NEWLINE: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE: Final = re.compile("[\t\x1f\xa0]")
_UNSEEN: Final = re.compile(
    "[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls, zero-width and bidirectional marks, noncharacters, tags. Not the joiner U+200D, which holds emoji together."""
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def is_broken(text: str) -> bool:
    """Whether it holds what no keyboard and no text file gives (NUL, half a surrogate pair): damaged, better refused."""
    return _BROKEN.search(text) is not None


def clean_text(text: str) -> str:
    """Several lines: newlines kept (at most one blank line in a row), each line and the whole trimmed. Idempotent."""
    visible = _UNSEEN.sub("", _SPACE.sub(" ", _NEWLINE.sub("\n", _BROKEN.sub("", text))))
    lines = (line.strip() for line in unicodedata.normalize("NFC", visible).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """One line: newlines and runs of white space become one space, except that the full-width space stays as typed."""
    return re.sub(r"[ \n]+", " ", clean_text(text)).strip()


def has_words(text: str) -> bool:
    """Whether there is a letter or a Han character: a title of emoji, digits or signs alone says nothing."""
    return any(character.isalpha() for character in text)


def shown(text: str, limit: int = 40) -> str:
    """The beginning of what was typed, safe to repeat in a message."""
    return clean_line(text[: limit * 4])[:limit]
