"""Choosing the language."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from web import i18n, paths
from web.context import Context, remember_language

router = APIRouter()


@router.get(paths.LANGUAGE)
def choose_language(context: Context, to: str = "", next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Remember the language and go back to the same page."""
    response = RedirectResponse(paths.safe_return(next), status_code=303, headers={"Cache-Control": "no-store"})
    remember_language(response, context.services, i18n.language_of(to))
    return response
