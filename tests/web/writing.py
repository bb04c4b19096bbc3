"""Filling in forms as a browser does: what a page's form would send, changed here and there, and sent."""

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Protocol

from starlette.testclient import TestClient

from tests.web.markup import text_of

Sent = dict[str, list[str]]
Change = str | Sequence[str]


class Answer(Protocol):
    """What the test client answers, whichever of its libraries it stands on."""

    @property
    def status_code(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class _Reader(HTMLParser):
    """The controls of the form with this id, or of the first one; a button elsewhere does not count."""

    def __init__(self, form_id: str | None) -> None:
        super().__init__()
        self.fields: Sent = {}
        self._id, self._inside, self._hidden = form_id, False, 0
        self._area: str | None = None
        self._text: list[str] = []
        self._select: str | None = None
        self._chosen: list[str] = []
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = self._id is None or held.get("id") == self._id
        elif tag == "template":
            self._hidden += 1
        if not self._inside or self._hidden:
            return
        name = held.get("name", "")
        if tag == "input" and (held.get("type") != "checkbox" or "checked" in held):
            self.fields.setdefault(name, []).append(held.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select, self._chosen, self._first = name, [], None
        elif tag == "option" and self._select:
            self._first = held.get("value", "") if self._first is None else self._first
            self._chosen += [held.get("value", "")] if "selected" in held else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._hidden -= 1
        elif tag == "textarea" and self._area is not None:
            text = "".join(self._text).replace("\r\n", "\n").removeprefix("\n")
            self.fields.setdefault(self._area, []).append(text)
            self._area = None
        elif tag == "select" and self._select is not None:
            self.fields.setdefault(self._select, []).extend(self._chosen[-1:] or [self._first or ""])
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)


def form_of(markup: str, form_id: str | None = "listing-form") -> Sent:
    """Name → values that the form would send."""
    reader = _Reader(form_id)
    reader.feed(markup)
    assert reader.fields, "the page has no such form"
    return reader.fields


def send(browser: TestClient, address: str, do: str, changes: Mapping[str, Change], *, form: Sent | None = None) -> Answer:
    """Open the page (or take the form at hand), fill it in, press the button `do`."""
    fields = form_of(browser.get(address).text) if form is None else dict(form)
    for name, value in changes.items():
        fields[name] = [value] if isinstance(value, str) else list(value)
    return browser.post(address, data={**fields, "do": do})


def send_anyway(browser: TestClient, address: str, changes: Mapping[str, Change]) -> Answer:
    """Submit; where the form asks whether entries much like it are the same, they are other matters."""
    answer = send(browser, address, "submit", changes)
    asked = (
        dict.fromkeys(re.findall(r'name="(twin-[a-z0-9]{12})"', answer.text), "different") if answer.status_code == 409 else {}
    )
    return send(browser, address, "submit", {**changes, **asked}) if asked else answer


def errors_at(markup: str, code: str) -> list[str]:
    """The wordings that stand at one field, or at one cell (`indicators-0-value`)."""
    block = re.search(rf'<div id="f-{code}-note" class="note">(.*?)</div>', markup, re.DOTALL)
    cell = re.findall(rf'<p class="error" id="f-{code}-note">(.*?)</p>', markup)
    return [text_of(each) for each in (re.findall(r'<p class="error">(.*?)</p>', block[1]) if block else []) + cell]


def public_id(answer: Answer) -> str:
    """Of the listing that a form led to."""
    assert answer.status_code == 303, answer.text
    return next(each for each in answer.headers["location"].split("/") if re.fullmatch(r"[a-z0-9]{12}", each))


NEED: dict[str, Change] = {
    "title": "电池片正面银浆单耗再降三成",
    "detail": "两条线的正面栅线仍用含铝浆，单片银耗 88 mg。\r\n\r\n验收：同炉各印五百片。",
    "indicators-0-name": "单片银耗",
    "indicators-0-comparator": "<=",
    "indicators-0-value": "60",
    "indicators-0-unit": "mg",
    "maturity": "pilot",
    "modes": ["02", "03"],
    "price_min": "80",
    "price_max": "150",
}
RESULT: dict[str, Change] = {
    "title": "低铝银浆与激光辅助接触",
    "summary": "浆料中的铝含量压到 0.3 wt% 以下，随后用激光沿栅线扫描。",
    "ip-0-kind": "invention",
    "ip-0-number": "ZL202310123456.7",
    "ip-0-title": "一种低铝银浆",
    "ip-0-status": "granted",
    "ip-0-filed_on": "2023-02-01",
    "completed_on": "2025-06",
}
