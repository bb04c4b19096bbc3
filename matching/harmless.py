"""Texts on their way into a sheet: what a spreadsheet would calculate is marked as text, and comes back as it was.

Every export writes its texts through `harmless`, whatever the format: a workbook is saved as CSV tomorrow. Figures are
written as figures and need it not.
"""

import re
from typing import Final

WRITING: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Options of every workbook that is written (`xlsxwriter.Workbook`)."""
CELL_LIMIT: Final = 32_000
"""Characters; a spreadsheet takes 32,767 and counts some of them twice."""
_ACTIVE: Final = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r]")
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def harmless(text: str) -> str:
    """What a cell may hold: an apostrophe before a text that would be a formula, nothing that XML cannot carry, no more
    than fits. `as_meant` takes the apostrophe away again."""
    storable = _UNSTORABLE.sub("", text)[:CELL_LIMIT].encode("utf-8", "replace").decode("utf-8")
    return f"'{storable}" if _ACTIVE.match(storable) else storable


def as_meant(cell: str) -> str:
    """A cell's text without the apostrophe that `harmless`, or a person, put before it to mark it as text."""
    return cell[1:] if cell.startswith("'") and _ACTIVE.match(cell[1:]) else cell
