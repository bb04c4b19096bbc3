"""Which parts keep a pair at 无: found by scoring it again without them. Pure."""

from itertools import combinations
from typing import Final

from matching.pairing.reasons import PARTS
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Side

TEXTS: Final = ("meaning", "terms")
_MOST: Final = 2
"""More parts at a time are no answer to "why not?"."""


def held_back_by(need: Side, result: Side, context: Context, pair: Scored) -> tuple[str, ...]:
    """Codes of parts, for a pair at level 0; empty for any other.

    The fewest business parts (one, else two) without which the pair would be 弱 or better, of equally few those that cost
    most; where no business part does, the texts: both codes of `TEXTS`, the lower one first.
    """
    if pair.level > 0:
        return ()
    costing = [
        code
        for code, away in PARTS.items()
        if pair.part(code).value is not None and score_pair(*away(need, result), context).score > pair.score
    ]
    for size in range(1, _MOST + 1):
        found: list[tuple[float, tuple[str, ...]]] = []
        for chosen in combinations(costing, size):
            a, b = need, result
            for code in chosen:
                a, b = PARTS[code](a, b)
            without = score_pair(a, b, context)
            if without.level > 0:
                found.append((-without.score, chosen))
        if found:
            return min(found)[1]
    return tuple(sorted(TEXTS, key=lambda code: pair.part(code).value or 0.0))
