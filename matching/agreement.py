"""How well graders agree. Pure."""

from collections.abc import Sequence

import numpy as np

GRADES = 4


def weighted_kappa(first: Sequence[int], second: Sequence[int]) -> float:
    """Quadratically weighted kappa of two graders' grades 0 to 3 on the same pairs: 1 full agreement, 0 that of chance, nan
    without any pair or where neither grader ever varied. J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968).

    Raises ValueError for lists of different length.
    """
    table = np.zeros((GRADES, GRADES))
    for a, b in zip(first, second, strict=True):
        table[a, b] += 1
    if not table.sum():
        return float("nan")
    distance = np.subtract.outer(np.arange(GRADES), np.arange(GRADES)) ** 2.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    by_chance = float((distance * expected).sum())
    return 1 - float((distance * table).sum()) / by_chance if by_chance else float("nan")
