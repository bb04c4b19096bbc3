"""Both languages are whole: nothing untranslated, nothing left over, no Chinese in templates, spaces where people set them."""

import ast
import re
from pathlib import Path

import pytest

import web
from web import i18n
from web.rendering import TEMPLATES

ROOM = Path(web.__file__).parent
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff01-\uff5e]")
HAN_LETTER = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
TIGHT = re.compile(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^>]+>")


def test_catalogue_is_complete_and_holds_nothing_else() -> None:
    assert i18n.missing() == []


def test_no_translation_is_fuzzy_and_placeholders_agree() -> None:
    for message in i18n.read_catalogue():
        if not message.id:
            continue
        assert not message.fuzzy
        wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[1]))
        for string in (message.string,) if isinstance(message.string, str) else message.string or ():
            assert set(PLACEHOLDER.findall(string)) == wanted, message.id


def test_chinese_and_latin_stand_apart() -> None:
    for message in i18n.read_catalogue():
        if message.id and isinstance(message.string, str):
            plain = re.sub(r"<[^>]+>", "", message.string)
            assert not TIGHT.search(re.sub(r"%\(\w+\)s", "…", plain)), message.string


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_chinese(template: Path) -> None:
    assert not HAN.search(re.sub(r"\{#.*?#\}", "", template.read_text("utf-8"), flags=re.DOTALL))


def test_code_words_nothing_in_chinese() -> None:
    """Chinese belongs into the catalogue; names that are the same in both languages are listed here."""
    allowed = {"中文"}
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
        } | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                assert node.value in allowed or not HAN_LETTER.search(node.value), (path.name, node.value)


def test_english_pages_answer_in_english() -> None:
    with i18n.speaking("en"):
        assert i18n.gettext("Results") == "Results"
        assert i18n.ngettext("%(n)d minute", "%(n)d minutes", 2) == "%(n)d minutes"
    assert i18n.gettext("Results") == "成果"
    assert i18n.pgettext("level", "Strong") == "强"


def test_update_changes_nothing_that_is_already_there(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    copy.write_bytes(i18n.CATALOGUE.read_bytes())
    assert i18n.update(copy) == 0
    assert copy.read_bytes() == i18n.CATALOGUE.read_bytes()


def test_update_keeps_translations_and_finds_what_is_new(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    text = i18n.CATALOGUE.read_text("utf-8")
    copy.write_text(text.replace('msgid "Menu"', 'msgid "Gone"'), "utf-8")
    assert any("Menu" in line for line in i18n.missing(i18n.read_catalogue(copy)))
    assert i18n.update(copy) == 1
    updated = i18n.read_catalogue(copy)
    assert updated.get("Gone") is None
    kept = updated.get("Strong", context="level")
    assert kept is not None
    assert kept.string == "强"
