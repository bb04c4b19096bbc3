"""Text sign by sign, for phrases: what stands in quotes is looked up as it stands, however the words around it are cut."""

import re
from typing import Final

from search.text.cutting import HAN
from search.text.normal import normalise

LONGEST_SIGN: Final = 64
SIGN: Final = re.compile(rf"[{HAN}]|\d{{1,{LONGEST_SIGN}}}|[^\W\d_{HAN}]{{1,{LONGEST_SIGN}}}")


def signs(text: str) -> tuple[str, ...]:
    """Every Han character, every run of letters and every run of digits of the normal form, in reading order.

    Signs between them (spaces, points, hyphens) are left out: LiNi0.8 is lini, 0, 8, and so is found at the beginning of
    LiNi0.8Co0.1Mn0.1O2. Never raises; no sign is empty or longer than 64 characters.
    """
    return tuple(SIGN.findall(normalise(text)))
