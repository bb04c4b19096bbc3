"""One normal form for everything that is compared: width, script, case, control characters, white space."""

import re
import threading
import unicodedata
from typing import Final

from opencc import OpenCC

_PASSES: Final = 4
"""Conversion by phrases can open the way for another phrase; text people write is stable after one pass."""

_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\ud800-\udfff]"
)
_DEGREE: Final = str.maketrans({"º": "°", "˚": "°"})
"""The ordinal sign and the ring, typed for a degree: NFKC would make a letter of the one and a space of the other."""
_FOLD: Final = str.maketrans(
    {
        "μ": "u",  # unit prefix: μm and um are one (NFKC has already made the micro sign µ this letter)
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "−": "-",
        "・": "·",
        "‧": "·",
        "•": "·",
        "⁄": "/",  # NFKC writes ½ with the fraction slash
    }
)
_APPLICATION: Final = re.compile(r"(?:zl|cn)?((?:19|20)\d{2}[1-9]\d{7})\.?([\dx])?")
"""A Chinese patent application number since 2003: year, kind, seven digits, and after the dot a check digit."""

_converter: OpenCC | None = None
_converter_lock: Final = threading.Lock()


def to_simplified(text: str) -> str:
    """Traditional characters to simplified ones, by phrase. `text` must hold no lone surrogate and no NUL."""
    global _converter
    if text.isascii():
        return text
    with _converter_lock:  # one converter for all threads: its thread safety is nowhere promised
        if _converter is None:
            _converter = OpenCC("t2s")
        return str(_converter.convert(text))


def visible(text: str) -> str:
    """Without control characters, zero-width characters, variation selectors and lone surrogates; white space stays."""
    return _INVISIBLE.sub("", text)


def fold(text: str) -> str:
    """Width, case and spelling of units, without the conversion of scripts."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_DEGREE)).lower().translate(_FOLD))


def _once(text: str) -> str:
    return " ".join(to_simplified(fold(visible(text))).split())


def normalise(text: str) -> str:
    """The normal form of `text`: NFKC, simplified characters, lower case, no control characters, white space folded.

    Idempotent. Offsets change (`㎏` becomes `kg`, a zero-width space nothing): never use positions in the result on the
    original; `spans` maps them. Also folded: μ to u as in μm, the dashes that stand for a hyphen, the middle dots.
    """
    result = _once(text)
    if result.isascii():
        return result
    for _ in range(_PASSES):
        again = _once(result)
        if again == result:
            break
        result = again
    return result


def comparison_key(text: str) -> str:
    """Equal for titles and names that differ only in width, script, case, white space or punctuation.

    Symbols stay (`C++` is not `C`). A text of nothing but punctuation is its own normal form.
    """
    normal = normalise(text)
    kept = "".join(c for c in normal if unicodedata.category(c)[0] not in "PZC")
    return normalise(kept) or normal  # once more: an accent may stand beside a letter now


def number_key(text: str) -> str:
    """One spelling for a patent or listing number: `ZL 2023 1 0123456.7` and `2023101234567` give `202310123456.7`.

    Application numbers lose their prefix ZL or CN and keep their check digit after a dot. Every other number
    (publication numbers, listing numbers) keeps its letters and digits, in lower case, without anything between them.
    """
    normal = normalise(text)
    bare = "".join(c for c in normal if c.isalnum())
    dotted = "".join(c for c in normal if c.isalnum() or c == ".")
    whole = _APPLICATION.fullmatch(dotted) or _APPLICATION.fullmatch(bare)  # a dot may stand where it has no business
    return application_key(whole) if whole else bare


def application_key(found: re.Match[str]) -> str:
    """The key of an application number from a match whose groups are the twelve digits and the check digit."""
    digits, check = found.group(1), found.group(2)
    return f"{digits}.{check}" if check else digits
