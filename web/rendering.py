"""One template environment; a page, or the one block of it that htmx asked for."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule
from jinja2_fragments import render_block
from starlette.responses import HTMLResponse

from web import (
    first_ten,
    formats,
    i18n,
    industry_words,
    listing_facts,
    messages,
    pair_view,
    paths,
    reasons,
    record_view,
    search_view,
    why,
    work_view,
)
from web.assets import HTMX, TABLER, asset_url
from web.chinese import mark_chinese
from web.context import FLASH_COOKIE, RequestContext, drop_cookie

TEMPLATES: Final = Path(__file__).parent / "templates"
VARY: Final = "HX-Request, HX-History-Restore-Request, Cookie"
"""What an answer depends on; without it the browser's cache shows a fragment as a page."""


class _Macros:
    """A file of macros as one global. Loaded at its first use, because what it can see of the globals is fixed then."""

    def __init__(self, environment: Environment, template: str) -> None:
        self._environment = environment
        self._template = template

    @cached_property
    def _module(self) -> TemplateModule:
        return self._environment.get_template(self._template).module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext, npgettext=i18n.npgettext
    )
    for function in (
        formats.named, formats.number, formats.money, formats.day, formats.moment, formats.marked, formats.joined,
        formats.in_their_language, formats.indicator_value, formats.offered, formats.quantity,
    ):  # fmt: skip
        environment.filters[function.__name__] = function
    environment.globals |= {
        "asset": asset_url,
        "TABLER": TABLER,
        "HTMX": HTMX,
        "paths": paths,
        "say": messages,
        "formats": formats,
        "first_ten_view": first_ten,
        "facts": listing_facts,
        "industry_words": industry_words,
        "pair_view": pair_view,
        "reasons": reasons,
        "record_view": record_view,
        "search_view": search_view,
        "why": why,
        "work_view": work_view,
        "i18n": i18n,
    }
    # A block rendered alone does not run the imports at the head of its template, so the macros are globals: `ui.level(3)`.
    for file in sorted((TEMPLATES / "macros").glob("*.html")):
        environment.globals[file.stem] = _Macros(environment, f"macros/{file.name}")
    return environment


environment: Final = _environment()


def text_of(template: str, block: str | None, language: i18n.Language, values: Mapping[str, Any]) -> str:
    """The template, or one block of it, as HTML in a language; on English pages with the Chinese words marked as such."""
    with i18n.speaking(language):
        if block is not None:
            html = str(render_block(environment, template, block, dict(values)))
        else:
            html = environment.get_template(template).render(dict(values))
    return mark_chinese(html) if language == "en" else html


def render(
    context: RequestContext,
    template: str,
    block: str | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """The whole page; only `block` of it where the request is a fragment's. Values are the template's; it also sees `context`.

    Pages of a signed-in person are stored nowhere; a visitor's may be kept but are asked for again.
    """
    fragment = block if context.is_fragment else None
    html = text_of(template, fragment, context.language, {"context": context, **values})
    response = HTMLResponse(html, status_code=status, headers=dict(headers or {}))
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = "private, no-cache" if context.actor.is_visitor else "no-store"
    response.headers["Content-Language"] = i18n.HTML_LANG[context.language]
    if context.flash is not None and fragment is None:
        drop_cookie(response, context.services, FLASH_COOKIE)
    return response
