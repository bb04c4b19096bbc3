"""How Chinese is read aloud, for those who type the letters: the one owner of pypinyin."""

import re
import threading
from functools import cache
from typing import Final

from search.text.cutting import HAN

_HAN: Final = re.compile(f"[{HAN}]")
_OTHER: Final = {
    "长": ("chang", "zhang"), "重": ("zhong", "chong"), "调": ("tiao", "diao"), "行": ("xing", "hang"), "薄": ("bo", "bao"),
    "传": ("chuan", "zhuan"), "弹": ("tan", "dan"), "降": ("jiang", "xiang"), "率": ("lv", "shuai"), "削": ("xue", "xiao"),
    "轧": ("zha", "ya"), "壳": ("ke", "qiao"), "藏": ("cang", "zang"), "盛": ("sheng", "cheng"), "朝": ("chao", "zhao"),
    "乐": ("le", "yue"), "都": ("du", "dou"), "参": ("can", "shen"), "血": ("xue", "xie"), "色": ("se", "shai"),
    "栅": ("shan", "zha"), "给": ("gei", "ji"), "曾": ("zeng", "ceng"), "单": ("dan", "shan"), "泊": ("bo", "po"),
    "厦": ("xia", "sha"), "宿": ("su", "xiu"), "浒": ("hu", "xu"), "解": ("jie", "xie"), "便": ("bian", "pian"),
    "粘": ("zhan", "nian"), "扎": ("zha", "za"), "剥": ("bo", "bao"), "露": ("lu", "lou"), "熟": ("shu", "shou"),
}  # fmt: skip
"""Characters of titles and names that are read in more ways than one, where both are common."""
_lock: Final = threading.Lock()


@cache
def _alone(character: str) -> str:
    return _read(character)[0]


def _read(han: str) -> list[str]:
    from pypinyin import lazy_pinyin  # a fifth of a second and 30 MB, for the processes that read something aloud

    with _lock:  # its tables are filled on first use
        return list(lazy_pinyin(han, errors=list))  # type: ignore[arg-type]  # a list stands for several characters


def syllables(han: str) -> tuple[str, ...]:
    """One a character, without tones, ü as v, by phrase: 银行 is yin hang and 行星 xing xing.

    `han` holds nothing but Han characters; one without a reading stands for itself.
    """
    return tuple(_read(han)) if han else ()


def is_han(character: str) -> bool:
    return _HAN.match(character) is not None


def other_reading(character: str, syllable: str) -> str | None:
    """The other common reading of a character whose reading no phrase decided; None where there is none."""
    readings = _OTHER.get(character, ())
    if syllable != _alone(character):
        return None
    return next((each for each in readings if each != syllable), None)
