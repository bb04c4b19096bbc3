"""What our own sheets say beside the agreed headings, in both languages; and that an import knows them again."""

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from matching.imports.headings import NUMBER_HEADINGS, REASONS_HEADINGS
from matching.imports.templates import HEADINGS
from matching.model import ListingKind
from tests.web.conftest import SignIn
from web import i18n
from web.sheet_words import error_heads, template_words

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_columns_of_error_sheets_are_known_again(language: i18n.Language) -> None:
    with i18n.speaking(language):
        number, reasons = error_heads()
    assert number in NUMBER_HEADINGS
    assert reasons in REASONS_HEADINGS
    assert bool(HAN.search(number + reasons)) is (language == "zh_CN")


@pytest.mark.parametrize("kind", list(ListingKind))
def test_an_english_guide_tells_what_every_heading_means(kind: ListingKind) -> None:
    with i18n.speaking("en"):
        words = template_words(kind)
    assert {heading for heading, _ in words.meanings[1:]} == set(HEADINGS[kind])
    assert not any(HAN.search(meaning) for _, meaning in words.meanings)
    assert all(re.search("[a-z]{3}", line) for line in words.lines)
    assert template_words(kind).meanings == (), "who reads Chinese reads the headings"
    assert all(HAN.search(line) for line in template_words(kind).lines)


def test_templates_in_both_languages(signed_in: SignIn) -> None:
    staff = signed_in("staff")
    for language, names in (("zh_CN", ["成果", "填写说明"]), ("en", ["Results", "How to fill in"])):
        staff.cookies.set("lang", language)
        book = CalamineWorkbook.from_filelike(io.BytesIO(staff.get("/imports/template/results.xlsx").content))
        assert book.sheet_names == names
        assert tuple(book.get_sheet_by_index(0).to_python()[0]) == HEADINGS[ListingKind.RESULT]
