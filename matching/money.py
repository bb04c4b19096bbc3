"""Prices as people write them in sheets and forms, to integer fen and back. Pure; no float ever touches an amount."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from matching.errors import FieldError, InvalidInput

FEN_PER_YUAN: Final = 100
FEN_PER_WAN: Final = 1_000_000
MAX_FEN: Final = 10**15
"""Ten trillion yuan: above any contract there has been, below what 64 bits hold."""

_LONGEST: Final = 60
_NEGOTIABLE: Final = re.compile(
    r"(?:价格)?(?:可|另|再|具体)?(?:双方|当面)?(?:面议|面谈|议价|协商|商议|商定|详谈|待定|待议|另议|可议|协商确定|电议|不限|无|negotiable|n/?a|/|-+)"
)
_UNITS: Final = {
    "": 0, "元": 100, "圆": 100, "块": 100, "千": 100_000, "千元": 100_000, "k": 100_000,
    "万": FEN_PER_WAN, "万元": FEN_PER_WAN, "w": FEN_PER_WAN,
    "十万": 10 * FEN_PER_WAN, "十万元": 10 * FEN_PER_WAN, "百万": 100 * FEN_PER_WAN, "百万元": 100 * FEN_PER_WAN,
    "千万": 1000 * FEN_PER_WAN, "千万元": 1000 * FEN_PER_WAN, "亿": 10_000 * FEN_PER_WAN, "亿元": 10_000 * FEN_PER_WAN,
}  # fmt: skip
_AMOUNT: Final = re.compile(
    r"(?P<sign>[-+])?(?P<yuan>¥|rmb|cny|人民币)?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d*))?"
    r"(?P<unit>[元圆块千万十百亿kw]*)(?:人民币|rmb|cny)?"
)
_AT_LEAST: Final = re.compile(r"(?:(?:不低于|不少于|至少|最低|>=?|≥)(?P<after>.+)|(?P<before>.+?)(?:以上|起|及以上|\+))")
_AT_MOST: Final = re.compile(
    r"(?:(?:不高于|不超过|不大于|至多|最多|最高|<=?|≤)(?P<after>.+)|(?P<before>.+?)(?:以下|以内|之内|及以下))"
)
_RANGE: Final = re.compile(r"(?P<low>[^~]+)~(?P<high>[^~]+)")
_DASHES: Final = str.maketrans(
    {"~": "~", "∼": "~", "〜": "~", "—": "~", "–": "~", "―": "~", "−": "-", "‐": "-", "‑": "-", "至": "~", "到": "~"}
)


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Bounds in fen; a missing one is open. At least one is given: by negotiation is None in the place of a range."""

    low: int | None
    high: int | None


def parse(text: str, *, field: str = "price", bare: Literal["wan", "yuan"] = "wan") -> PriceRange | None:
    """`60-120万`, `60万元`, `600000元`, `￥60,000.50`, `不超过80万` to fen; None for 面议 and for nothing at all.

    A number without any unit is in `bare` (the sheets' headings say 万元); in a range the unit behind the second number
    is also the first's. Raises `InvalidInput` with `bad_money`, `negative_money`, `too_precise` (less than a fen),
    `too_large` or `min_over_max`.
    """

    def refuse(code: str) -> InvalidInput:
        return InvalidInput(FieldError(field, code))

    if len(text) > _LONGEST * 4:
        raise refuse("bad_money")
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    for word in ("人民币", "约", "大约", "左右", "(含税)"):
        plain = plain.replace(word, "")
    if not plain or _NEGOTIABLE.fullmatch(plain):
        return None
    if len(plain) > _LONGEST:
        raise refuse("bad_money")
    plain = plain.translate(_DASHES)
    default = FEN_PER_WAN if bare == "wan" else FEN_PER_YUAN

    def amount(piece: str, unit_of_other: int = 0) -> tuple[int, int]:
        """Fen, and the unit that was written (0 for none)."""
        found = _AMOUNT.fullmatch(piece)
        if found is None or found["unit"] not in _UNITS:
            raise refuse("bad_money")
        written = _UNITS[found["unit"]] or (FEN_PER_YUAN if found["yuan"] else 0)
        unit = written or unit_of_other or default
        part = (found["part"] or "").rstrip("0")
        scaled = int(found["whole"].replace(",", "") + part) * unit
        fen, rest = divmod(scaled, 10 ** len(part))
        if found["sign"] == "-" and scaled:
            raise refuse("negative_money")
        if rest:
            raise refuse("too_precise")
        if fen > MAX_FEN:
            raise refuse("too_large")
        return fen, written

    for pattern, is_low in ((_AT_LEAST, True), (_AT_MOST, False)):
        bound = pattern.fullmatch(plain)
        if bound is not None:
            fen, _ = amount(bound["after"] or bound["before"])
            return PriceRange(fen, None) if is_low else PriceRange(None, fen)
    pair = _RANGE.fullmatch(plain) or _RANGE.fullmatch(re.sub(r"(?<=[^-~])-", "~", plain, count=1))
    if pair is None:
        fen, _ = amount(plain)
        return PriceRange(fen, fen)
    high, unit = amount(pair["high"])
    low, _ = amount(pair["low"], unit)
    if low > high:
        raise refuse("min_over_max")
    return PriceRange(low, high)


def format_wan(fen: int, *, grouped: bool = False) -> str:
    """Fen as 万元 without trailing zeros: 60000000 is `60`, 6000050 is `6.00005`. Exact; `parse` reads it back."""
    whole, rest = divmod(abs(fen), FEN_PER_WAN)
    text = f"{whole:,}" if grouped else str(whole)
    part = f"{rest:06d}".rstrip("0")
    return ("-" if fen < 0 else "") + text + (f".{part}" if part else "")
