"""The files a browser fetches: addresses that carry a digest, so that they may be kept for ever, and the folder they are in."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
TABLER: Final = "vendor/tabler-1.6.1.min.css"
HTMX: Final = "vendor/htmx-4.0.1.min.js"
PREFIX: Final = "/static"


@cache
def asset_url(name: str) -> str:
    """`/static/<name>?v=<digest>`. Raises FileNotFoundError for a name that is not in the folder."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/{name}?v={digest}"


class Assets(StaticFiles):
    """Static files: kept for a year where the address carries a digest, asked for again otherwise."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response
