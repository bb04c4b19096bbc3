"""What the search box offers while somebody types. Without JavaScript nobody asks for it, and the form searches."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from matching.completions import LONGEST_TYPED, Suggestion, suggest
from web import i18n, paths
from web.context import Context, go_to
from web.rendering import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the list: what it says, where in it the typed text stands, and where it leads."""

    text: str
    spans: tuple[tuple[int, int], ...]
    beside: str
    badge: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    kind: str
    options: tuple[Option, ...]


@router.get(paths.SUGGEST)
def completing(context: Context, q: str = "") -> Response:
    """The options as a piece of the page; whoever asks for a page is sent to the search."""
    typed = q.strip()[:LONGEST_TYPED]
    if not context.is_fragment:
        return go_to(context, paths.with_query(paths.SEARCH, q=typed))
    with context.services.database.read() as session:
        found = suggest(session, context.actor, typed, context.today)
    with i18n.speaking(context.language):
        groups = _groups(found, typed)
    return render(context, "completing.html", "options", groups=groups, count=len(found), typed=typed)


def _groups(found: Sequence[Suggestion], typed: str) -> tuple[Group, ...]:
    kinds = dict.fromkeys(each.kind for each in found)
    return tuple(Group(kind, tuple(_option(each, typed) for each in found if each.kind == kind)) for kind in kinds)


def _option(each: Suggestion, typed: str) -> Option:
    text, beside = _own(each.text, each.text_en), _own(each.beside, each.beside_en)
    at = text.lower().find(typed.lower())
    spans = ((at, at + len(typed)),) if at >= 0 else ()
    if each.kind == "title":
        listing = each.listing or ""
        return Option(text, spans, beside, listing, paths.listing(listing, each.key))
    href = paths.of_organisation(each.text) if each.kind == "organisation" else paths.with_query(paths.SEARCH, q=text)
    return Option(text, spans, beside, "", href)


def _own(text: str, english: str) -> str:
    """In the reader's language, where there is English."""
    return english if english and i18n.current() == "en" else text
