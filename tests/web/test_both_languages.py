"""Every page in both languages: no Chinese of the interface on English pages, no English sentence on Chinese ones."""

import io
import itertools
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

import pytest
import python_calamine
from sqlmodel import select

from matching.model import Organisation, Person
from tests.api.v1.example_world import ExampleWorld
from tests.web.every_page import HAN, ORGANISATION, PERSON, REFERENCE, VISITS, WRITTEN, browser_of, furnished, veil
from tests.web.markup import text_of
from tests.web.page_routes import page_routes

ADDRESSES: Final = [(route, login, address) for route, visits in VISITS.items() for login, address in visits]
FOR_FORMS: Final = re.compile(r"<input\b[^>]* type=\"(?:radio|checkbox|hidden)\"[^>]*>")
FULL_WIDTH: Final = re.compile(r"[\u3001\u3002\u300a-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1f]")
"""Without the semicolon, which stands between the values of a document."""
AGREED: Final = frozenset({"/imports/template/{kind}.xlsx", "/imports/{public_id}/errors.xlsx"})
"""Sheets with the agreed Chinese headings and the rows as they were uploaded."""
OWN_NAME: Final = re.compile(r"<a [^>]*hreflang=\"[^\"]*\"[^>]*>[^<]*</a>|<(p|pre)\b[^>]* translate=\"no\".*?</\1>", re.DOTALL)
"""The link to the other language, which names itself; headings of the agreed sheets and examples for programs, said to be
untranslatable."""
UNREAD: Final = re.compile(
    r"<(script|style|title|option)\b.*?</\1>|<([a-z][\w-]*)\b[^>]* lang=\"zh-CN\"[^>]*>[^<]*</\2>|<[^>]+>", re.DOTALL
)
"""What no screen reader reads aloud as words of the page, and what it reads as Chinese."""
FOR_PROGRAMS: Final = re.compile(r"<(code|pre|kbd|time|option|textarea)\b.*?</\1>|<script.*?</script>", re.DOTALL)
IN_ENGLISH: Final = re.compile(r"<span lang=\"en\">[^<]*</span>")
SENTENCE: Final = re.compile(r"\b[a-z]{3,} [a-z]{2,} [a-z]{2,}\b")


@pytest.fixture(scope="module")
def around(on_database: None) -> Iterator[ExampleWorld]:
    with furnished() as around:
        yield around


@pytest.fixture(scope="module")
def plain(around: ExampleWorld) -> Iterator[Any]:
    with around.app() as app:
        yield app


@pytest.fixture(scope="module")
def veiled(plain: Any, around: ExampleWorld) -> Iterator[Any]:
    """The same, its data moved out of the way: what is Chinese on an English page is the interface's."""
    veil(around.url)
    with around.app() as app:
        yield app


def read(app: Any, login: str, address: str, language: str) -> Any:
    with app.state.services.database.read() as session:
        enterprises = select(Organisation.public_id).where(Organisation.kind == "enterprise")
        named = {
            PERSON: session.exec(select(Person.public_id).where(Person.login == "seeker")).one(),
            ORGANISATION: session.exec(enterprises).first() or "",
        }
    for name, public_id in named.items():
        address = address.replace(name, public_id)
    pieces = "/industries" in address and "/listings/" in address
    return browser_of(app, login, language).get(address, headers={"HX-Request": "true"} if pieces else {})


def words_of(answer: Any) -> str:
    """All that a person may come across: the page with its attributes, the cells of a sheet."""
    if "spreadsheet" in answer.headers["content-type"]:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        return "\n".join(
            str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
        )
    return unescape(FOR_FORMS.sub("", OWN_NAME.sub("", answer.text)))


def found(pattern: re.Pattern[str], words: str) -> list[str]:
    """The first few, with what stands around them."""
    return [words[max(0, at.start() - 60) : at.end() + 20] for at in itertools.islice(pattern.finditer(words), 5)]


def test_every_page_is_visited() -> None:
    assert {each.path for each in page_routes("GET")} | {"/api/docs"} == set(VISITS)


@pytest.mark.parametrize(("route", "login", "address"), ADDRESSES)
def test_no_chinese_of_the_interface_on_english_pages(veiled: Any, route: str, login: str, address: str) -> None:
    answer = read(veiled, login, address, "en")
    assert answer.status_code in (200, 303), answer.status_code
    if answer.status_code == 303:
        assert route in ("/desk", "/language", "/work/bar", "/search/suggest"), answer.headers["location"]
        return
    if route in AGREED:
        return
    words = words_of(answer)
    assert found(HAN, words) == []
    assert found(FULL_WIDTH, words) == []
    if not route.startswith("/reference"):  # where the Chinese name itself is edited
        assert found(REFERENCE, words) == [], "an English name is known"
    if "html" in answer.headers["content-type"]:
        assert found(WRITTEN, UNREAD.sub("", answer.text)) == [], "not marked as Chinese for screen readers"


@pytest.mark.parametrize(("route", "login", "address"), ADDRESSES)
def test_no_english_sentence_on_chinese_pages(plain: Any, route: str, login: str, address: str) -> None:
    answer = read(plain, login, address, "zh_CN")
    assert answer.status_code in (200, 303), answer.status_code
    if answer.status_code == 303 or "html" not in answer.headers["content-type"]:
        return
    told = IN_ENGLISH.sub(" ", FOR_PROGRAMS.sub(" ", OWN_NAME.sub("", answer.text)))
    assert SENTENCE.findall(text_of(told))[:5] == []
    labels = " | ".join(re.findall(r"(?:title|aria-label|placeholder|alt)=\"([^\"]*)\"", told))
    assert SENTENCE.findall(labels)[:5] == []
    assert "<html" not in answer.text or 'lang="zh-CN"' in answer.text[:200]
