"""How matching works, for whoever wants to judge it."""

from fastapi import APIRouter
from starlette.responses import Response

from matching.pairing.parts import CODES
from web import paths
from web.context import Context
from web.rendering import render

router = APIRouter()


@router.get(paths.ABOUT)
def about(context: Context) -> Response:
    return render(context, "about.html", parts=CODES)
