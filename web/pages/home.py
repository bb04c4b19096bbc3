"""The first page: one search box and the zones."""

from fastapi import APIRouter
from starlette.responses import Response

from matching.reference import zones
from web import paths
from web.context import Context
from web.rendering import render

router = APIRouter()


@router.get(paths.HOME)
def home(context: Context) -> Response:
    with context.services.database.read() as session:
        every_zone = zones(session)
    return render(context, "home.html", zones=every_zone)
