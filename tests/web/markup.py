"""Reading a page's markup in tests: text without tags, and what the Content-Security-Policy would refuse."""

import re
from html import unescape
from html.parser import HTMLParser


def text_of(markup: str) -> str:
    """What a reader sees, white space folded."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", without)).split())


class _Policeman(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        for name, value in attrs:
            foreign = name in ("src", "href", "action") and re.match(r"(https?:)?//|javascript:", value or "")
            if name == "style" or name.startswith(("on", "hx-on")) or foreign:
                self.found.append(f"{tag} {name}={value}")
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


def refused(markup: str) -> list[str]:
    """Inline styles, handlers, scripts and style sheets, and files from elsewhere: what the policy drops silently."""
    policeman = _Policeman()
    policeman.feed(markup)
    return policeman.found
