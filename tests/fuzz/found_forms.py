"""The forms of the site, found by following its links in the browsers of all its people."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from starlette.routing import Match
from starlette.testclient import TestClient

from tests.web.page_routes import page_routes

_EACH: Final = 2
"""Addresses of one route that are opened in one browser."""
_TYPED: Final = frozenset({"text", "search", "email", "url", "tel", "number", "date", "month"})


@dataclass(frozen=True, slots=True)
class Control:
    """`is_typed`: a person writes into it, so that what was written must not be lost. `values` are what it holds or offers."""

    name: str
    is_typed: bool
    values: tuple[str, ...]
    sent: tuple[str, ...]
    is_file: bool = False


@dataclass(slots=True)
class Form:
    """`route` is the template of the address that it is sent to, `page` where it stands, `login` who saw it."""

    action: str
    page: str
    login: str = ""
    route: str = ""
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def fields(self) -> dict[str, list[str]]:
        """What it sends as it stands."""
        return {each.name: list(each.sent) for each in self.controls.values() if each.sent and not each.is_file}


class _Reader(HTMLParser):
    """Forms that post, with their controls, and the addresses that links lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._page, self._ids = page, dict[str, Form]()
        self._form: Form | None = None
        self._templates = 0
        self._area: tuple[Form, str, list[str]] | None = None
        self._select: tuple[Form, str, list[str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self._templates += tag == "template"
        if self._templates:
            return
        if tag == "a" and held.get("href", "").startswith("/"):
            self.links.append(held["href"].partition("#")[0])
        elif tag == "form":
            self._form = Form(held.get("action") or self._page, self._page) if held.get("method", "").lower() == "post" else None
            if self._form:
                self.forms.append(self._form)
                self._ids[held.get("id", "")] = self._form
        for address in (held.get("hx-post"), held.get("formaction")):
            if address:  # what it sends is the form around it
                self.forms.append(Form(address, self._page, controls=self._form.controls if self._form else {}))
        form = self._ids.get(held["form"]) if "form" in held else self._form
        if form is None or tag not in ("input", "textarea", "select", "button", "option"):
            if tag == "option" and self._select:
                self._option(held)
            return
        if tag == "option":
            self._option(held)
        else:
            self._control(form, tag, held)

    def _option(self, held: dict[str, str]) -> None:
        if self._select:
            self._select[2].append(held.get("value", ""))
            self._select[3].extend([held.get("value", "")] if "selected" in held else [])

    def _control(self, form: Form, tag: str, held: dict[str, str]) -> None:
        name, kind, value = held.get("name", ""), held.get("type", "text").lower(), held.get("value", "")
        if tag == "button":
            form.buttons.append((name, value))
        elif not name:
            return
        elif tag == "textarea":
            self._area = (form, name, [])
        elif tag == "select":
            self._select = (form, name, [], [])
        elif kind in ("checkbox", "radio"):
            before = form.controls.get(name, Control(name, False, (), ()))
            sent = (value or "on",) if "checked" in held else ()
            form.controls[name] = Control(name, False, (*before.values, value or "on"), (*before.sent, *sent))
        else:
            form.controls[name] = Control(name, kind in _TYPED and "readonly" not in held, (value,), (value,), kind == "file")

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area:
            form, name, text = self._area
            written = "".join(text).removeprefix("\n")
            form.controls[name], self._area = Control(name, True, (written,), (written,)), None
        elif tag == "select" and self._select:
            form, name, offered, chosen = self._select
            form.controls[name], self._select = Control(name, False, tuple(offered), tuple(chosen or offered[:1])), None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[2].append(data)


def read(markup: str, page: str) -> tuple[list[Form], list[str]]:
    """The forms that post, and the links, of a page."""
    reader = _Reader(page)
    reader.feed(markup)
    return reader.forms, reader.links


def post_routes() -> frozenset[str]:
    """The templates of all addresses that take a form."""
    return frozenset(each.path for each in page_routes("POST"))


def route_of(address: str, method: str) -> str:
    """The template of the first route that takes it; empty for none."""
    scope = {"type": "http", "path": urlsplit(address).path, "method": method, "root_path": ""}
    return next((each.path for each in page_routes(method) if each.matches(scope)[0] == Match.FULL), "")


def find(browser_of: Callable[[str], TestClient], logins: Sequence[str], starts: Collection[str] = ("/",)) -> list[Form]:
    """Every form once a person and set of controls."""
    found: dict[tuple[str, str, frozenset[str]], Form] = {}
    for login in logins:
        browser, waiting, seen = browser_of(login), list(starts), dict[tuple[str, bool], set[str]]()
        while waiting:
            address = waiting.pop(0)
            route = route_of(address, "GET")
            opened = seen.setdefault((route, bool(urlsplit(address).query)), set())
            if not route or address in opened or (len(opened) >= _EACH and address not in starts):
                continue
            opened.add(address)
            answer = browser.get(address)
            assert answer.status_code < 500, (address, login)
            if answer.is_redirect:
                waiting.append(answer.headers["location"].partition("#")[0])
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            forms, links = read(answer.text, address)
            waiting += links
            for form in forms:
                form.login, form.route = login, route_of(form.action, "POST")
                shape = frozenset(re.sub(r"\d+", "0", name) for name in form.controls)
                found.setdefault((login, form.route, shape), form)
    return list(found.values())
