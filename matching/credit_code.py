"""The unified social credit code of GB 32100-2015: eighteen characters, the last a check over the others modulo 31."""

import unicodedata
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The standard's 31 characters: no I, O, S, V, Z."""

LENGTH: Final = 18
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def normalise(text: str) -> str:
    """As the standard writes it: half-width capitals and digits without spaces or hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if not c.isspace() and c != "-")


def check_character(prefix: str) -> str:
    """The eighteenth character for the first seventeen. Raises ValueError for a wrong length or a foreign character."""
    if len(prefix) != LENGTH - 1 or any(c not in _VALUES for c in prefix):
        raise ValueError("seventeen characters of the standard's alphabet are needed")
    total = sum(_VALUES[c] * weight for c, weight in zip(prefix, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def make(prefix: str) -> str:
    """The whole code for its first seventeen characters."""
    return prefix + check_character(prefix)


def is_valid(code: str) -> bool:
    """Whether `code`, already normalised, is well formed and its check character fits."""
    if len(code) != LENGTH or any(c not in _VALUES for c in code):
        return False
    return check_character(code[:-1]) == code[-1]
