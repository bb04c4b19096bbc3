"""Chromium and the whole site, once a session. Run by a pytest call of its own: playwright leaves a running event loop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from matching.people import DEMO_PASSWORD
from tests.browser.site import Site, serving
from tests.services import chromium

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium as root, and quiet: without the last ones it calls home, which the closed network refuses."""

WIDE, NARROW = (1440, 900), (360, 760)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With the demonstration and the hashing encoder."""
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(FLAGS))
        yield browser
        browser.close()


class Visitor:
    """A page in a context of its own that remembers what the console complained of."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def goto(self, path: str) -> Page:
        self.page.goto(self.site.base + path)
        return self.page

    def sign_in(self, login: str, password: str = DEMO_PASSWORD) -> None:
        """As a person of the demonstration, or with a password that he has chosen."""
        self.goto("/sign-in?next=/about")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/about")

    def sideways(self) -> int:
        """How many pixels the page scrolls sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def path(self) -> str:
        """The address without the host."""
        return self.page.url.removeprefix(self.site.base)


Visit = Callable[..., Visitor]


@contextmanager
def windows(browser: Browser, site: Site, *, patience: float = 15_000) -> Iterator[Visit]:
    """Opens browser windows on a site: `visit(login, size=NARROW, language="en", javascript=False)`. `patience` is how many
    milliseconds a step waits for what it needs."""
    contexts: list[BrowserContext] = []

    def open_window(
        login: str | None = None, *, size: tuple[int, int] = WIDE, language: str = "zh_CN", javascript: bool = True
    ) -> Visitor:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=javascript)
        context.set_default_timeout(patience)
        contexts.append(context)
        context.add_cookies([{"name": "lang", "value": language, "url": site.base}])
        visitor = Visitor(context, site)
        if login:
            visitor.sign_in(login)
        return visitor

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    with windows(browser, site) as open_window:
        yield open_window
