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
            assert not TIGHT.search(re.sub(r"%\(\w+\)s|%s", "…", plain)), message.string


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_chinese(template: Path) -> None:
    assert not HAN.search(re.sub(r"\{#.*?#\}", "", template.read_text("utf-8"), flags=re.DOTALL))


_BLOCKS = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{#.*?#}|{{.*?}}|{%.*?%}", re.DOTALL)
_CODE = re.compile(r"<(code|pre|kbd|script|style)\b.*?</\1>", re.DOTALL)
_WORD = re.compile(r"(?<![&\w])[A-Za-z]{2,}")


def untranslated(template: str) -> list[str]:
    """English between the tags of a template, or in a label, that does not come through the catalogue."""
    plain = _BLOCKS.sub("", _CODE.sub("", template))
    labels = re.findall(r'\s(?:title|aria-label|placeholder|alt)="([^"]*)"', plain)
    between = re.sub(r'<[^<>]*>|[\w-]+="[^"]*"', " ", plain)  # macros hold attributes outside of tags
    return [word for text in (between, *labels) for word in _WORD.findall(text)]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_word_nothing_outside_the_catalogue(template: Path) -> None:
    assert set(untranslated(template.read_text("utf-8"))) <= {"TRL", "IPC", "JSON", "OpenAPI"}


def test_a_bare_word_in_a_template_is_found() -> None:
    assert untranslated('<p title="{{ _("Fine") }}">{{ _("Fine") }} <b>Bare</b></p>') == ["Bare"]
    assert untranslated('<a aria-label="Close">{% trans %}Fine <b>too</b>{% endtrans %}&nbsp;</a>') == ["Close"]
    assert untranslated("<p><code>curl</code> {% if is_open %}·{% endif %}</p>") == []


def worded(tree: ast.Module) -> set[str]:
    """The texts in a module that somebody might read: no documentation, no patterns that read what people type."""
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "re.compile":
            left_out |= {id(part) for part in ast.walk(call)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out
    }


@pytest.mark.parametrize("module", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_code_words_nothing_in_chinese(module: Path) -> None:
    """Chinese belongs into the catalogue; the language's own name is the same in both."""
    assert {text for text in worded(ast.parse(module.read_text("utf-8"))) if HAN_LETTER.search(text)} <= {"中文"}


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
