"""What the pages need from the process, put together once by the composition root and kept at `app.state.services`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fastapi import Request

from matching.access import Actor
from matching.discovery import SearchHit, SearchPage, SearchRequest
from matching.side_cache import SideCache
from matching.store.database import Database
from matching.synonym_effects import Effect
from matching.synonyms import Group
from search.ports import Health


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration, shown on the sign-in page while the demonstration is loaded. `label` is the person's
    name or a code of `web.messages.DEMO_LABELS`, `role` a code of `matching.model.Role`."""

    login: str
    password: str
    label: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`demo_accounts` is empty unless the demonstration is loaded. `notice` is a code that every page shows (a degraded
    installation: `hashing_encoder`)."""

    demo_accounts: tuple[DemoAccount, ...] = ()
    secure_cookies: bool = False
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class SheetSettings:
    """Where uploaded sheets wait, and how large one may be (rows, bytes)."""

    folder: Path
    row_limit: int = 20_000
    size_limit: int = 20 * 1024 * 1024


class Searcher(Protocol):
    """`matching.discovery.Discovery`."""

    def search(self, actor: Actor, request: SearchRequest, *, address: str = "") -> SearchPage: ...

    def similar(self, actor: Actor, public_id: str, *, limit: int = 10) -> tuple[SearchHit, ...]: ...


class Effects(Protocol):
    """`matching.synonym_effects.SynonymEffects`."""

    def of(self, actor: Actor, group: Group) -> tuple[Effect, ...] | None: ...


@dataclass(frozen=True, slots=True)
class Services:
    database: Database
    settings: WebSettings
    discovery: Searcher
    sheets: SheetSettings = SheetSettings(Path("var/uploads"))
    engine: Callable[[], Health] = lambda: Health(True, "", 0)
    """How the search engine is: asks it, and may take as long as the engine's own deadline."""
    address_of: Callable[[Request], str] = field(default=lambda request: request.client.host if request.client else "")
    """The address that limits are counted by; behind a proxy the composition root knows better."""
    synonym_effects: Effects | None = None
    sides: SideCache | None = None
    """What pairs are scored from on demand; without it only stored scores are told."""


def services_of(request: Request) -> Services:
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("app.state.services is not a web.services.Services")
    return services
