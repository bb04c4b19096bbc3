"""What the pages need from the process, put together once by the composition root and kept at `app.state.services`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request
from sqlmodel import Session

from matching.access import Actor
from matching.discovery import SearchPage, SearchRequest
from matching.store.database import Database


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration, shown on the sign-in page while the demonstration is loaded. `label` is a code of
    `web.messages.DEMO_LABELS` or the person's own name."""

    login: str
    password: str
    label: str


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`demo_accounts` is empty unless the demonstration is loaded. `notice` is a code that every page shows (a degraded
    installation: `hashing_encoder`)."""

    demo_accounts: tuple[DemoAccount, ...] = ()
    secure_cookies: bool = False
    notice: str | None = None


class Identify(Protocol):
    def __call__(self, session: Session, token: str) -> Actor | None:
        """Who a session cookie belongs to as of now; None when it is unknown or has ended."""


class Searcher(Protocol):
    """`matching.discovery.Discovery`."""

    def search(self, actor: Actor, request: SearchRequest) -> SearchPage: ...


@dataclass(frozen=True, slots=True)
class Services:
    database: Database
    settings: WebSettings
    identify: Identify
    discovery: Searcher
    address_of: Callable[[Request], str] = field(default=lambda request: request.client.host if request.client else "")
    """The address that limits are counted by; behind a proxy the composition root knows better."""


def services_of(request: Request) -> Services:
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("app.state.services is not a web.services.Services")
    return services
