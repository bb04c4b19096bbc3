"""Translations are filled in from a file, by several people at once, and what nobody uses is left out."""

import subprocess
import sys
from pathlib import Path

from web import i18n

ROOT = Path(i18n.__file__).parent.parent


def test_texts_are_filled_in_by_id_context_and_singular(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    copy.write_bytes(i18n.CATALOGUE.read_bytes())
    texts = {"Menu": "菜谱", "level\x04Strong": "很强", "%(n)d minute": "%(n)d 分", "nobody says this": "没人说"}
    left = i18n.update(copy, texts)
    filled = i18n.read_catalogue(copy)
    assert left == len([line for line in i18n.missing() if line.startswith("untranslated")])
    menu, level, minutes = filled.get("Menu"), filled.get("Strong", context="level"), filled.get("%(n)d minute")
    assert menu is not None
    assert menu.string == "菜谱"
    assert level is not None
    assert level.string == "很强"
    assert minutes is not None
    assert minutes.string == ("%(n)d 分",)
    assert filled.get("nobody says this") is None


def test_command_tells_how_it_is_used() -> None:
    asked = subprocess.run([sys.executable, "-m", "web.i18n", "translate"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "translate FILE.json" in asked.stdout
