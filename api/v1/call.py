"""One request of the API: whose token it carries, in which language it wants to be answered, and that a post happens once.

Tokens are the only authority here: cookies are never read, so no page of another site can borrow anybody's session.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlmodel import Session
from starlette.responses import Response

from api.v1.problems import wanted_language
from api.v1.refusals import BadToken, ScopeNeeded, TokenNeeded, VersionNeeded, WrongMedia
from matching import tokens
from matching.access import VISITOR, Actor
from matching.errors import FieldError, InvalidInput
from matching.store.answers import KEY_LIMIT, Answered, Claim, answer, claim, release, request_digest
from matching.store.unit import UnitOfWork
from matching.typed_text import shown
from web import i18n
from web.services import Services, services_of

JSON: Final = "application/json"
_MOST_NAMED: Final = 20
_BODIES: Final = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Call:
    """`body_digest` is of the whole body, whatever it holds."""

    request: Request
    services: Services
    actor: Actor
    language: i18n.Language
    body_digest: bytes = b""
    scopes: frozenset[str] = frozenset()

    def require(self, scope: str) -> None:
        """For what needs a second scope only sometimes. Raises `ScopeNeeded`."""
        if scope not in self.scopes:
            raise ScopeNeeded(scope=scope)

    def speaking(self) -> Any:
        """A block whose wording is in the language of the answer."""
        return i18n.speaking(self.language)

    def respond(
        self, shape: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None, version: int | None = None
    ) -> Response:
        """The answer as JSON. A single thing carries an ETag: its version, where its reader may change it, and a digest."""
        return self.finished(Answered(status, dict(headers or {}) | tag_of(shape, version), shape.model_dump_json()))

    def listed(self, shape: BaseModel) -> Response:
        """A list, which has no ETag."""
        return self.finished(Answered(200, {}, shape.model_dump_json()))

    def finished(self, answered: Answered, *, again: bool = False) -> Response:
        headers = {
            "Content-Language": i18n.HTML_LANG[self.language],
            "Vary": "Authorization, Accept-Language",
            "Cache-Control": "private, no-cache" if self.actor.is_visitor else "no-store",
            **answered.headers,
        }
        if again:
            headers["Idempotency-Replayed"] = "true"
        known = self.request.headers.get("if-none-match")
        if self.request.method == "GET" and known and _matches(known, headers.get("ETag")):
            return Response(status_code=304, headers=headers)
        return Response(answered.body, answered.status, headers, JSON)

    def once(self, job: Callable[[UnitOfWork], Answered]) -> Response:
        """Do the job in a transaction; with an Idempotency-Key, once: asked again with the same body, the first answer."""
        database = self.services.database
        key = self.request.headers.get("idempotency-key")
        person = self.actor.person_id
        if key is None or person is None:
            with database.write() as unit:
                answered = job(unit)
                unit.commit()
            return self.finished(answered)
        url = self.request.url
        digest = request_digest(
            self.request.method.encode(), url.path.encode(), url.query.encode(),
            self.request.headers.get("if-match", "").encode(), self.body_digest,
        )  # fmt: skip
        with database.write() as unit:
            claimed = claim(unit, person, key, digest)
            unit.commit()
        if isinstance(claimed, Answered):
            return self.finished(claimed, again=True)
        return self.finished(self._answer(claimed, job))

    def _answer(self, claimed: Claim, job: Callable[[UnitOfWork], Answered]) -> Answered:
        database = self.services.database
        try:
            with database.write() as unit:
                answered = job(unit)
                answer(unit, claimed, answered)
                unit.commit()
        except BaseException:
            with database.write() as unit:
                release(unit, claimed)
                unit.commit()
            raise
        return answered


def _matches(known: str, tag: str | None) -> bool:
    """Whether If-None-Match names what would be sent: compared weakly, as a reader's copy that some proxy has packed."""
    return tag is not None and any(each.strip().removeprefix("W/") in (tag, "*") for each in known.split(","))


def tag_of(shape: BaseModel, version: int | None = None) -> dict[str, str]:
    digest = hashlib.sha256(shape.model_dump_json().encode()).hexdigest()[:16]
    return {"ETag": f'"{digest}"' if version is None else f'"{version}-{digest}"'}


def made(shape: BaseModel, *, status: int = 200, version: int | None = None, location: str | None = None) -> Answered:
    """What a write answers with."""
    headers = tag_of(shape, version) | ({"Location": location} if location else {})
    return Answered(status, headers, shape.model_dump_json())


async def _body_digest(request: Request) -> bytes:
    """FastAPI has read a JSON body by now, or will read the same bytes."""
    if request.method not in _BODIES or not _is_json(request):
        return b""
    return hashlib.sha256(await request.body()).digest()


def _is_json(request: Request) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media == JSON or (media.startswith("application/") and media.endswith("+json"))


def _parameters(route: APIRoute) -> frozenset[str]:
    """Those of the query, which are declared by the operations themselves."""
    return frozenset(each.alias for each in route.dependant.query_params)


@dataclass(frozen=True, slots=True)
class Needs:
    """The dependency of an operation: who asks, with a token of this scope. Visitors read what is public without one.

    Raises `BadToken`, `ScopeNeeded`, `TokenNeeded`, `WrongMedia`, and `InvalidInput` for a parameter that the operation does not
    have: a filter that is passed over would give more than was asked for.
    """

    scope: str
    visitors: bool = False
    takes_json: bool = True

    def __call__(self, request: Request, body_digest: Annotated[bytes, Depends(_body_digest)]) -> Call:
        services = services_of(request)
        language = wanted_language(request.headers.get("accept-language"))
        actor, scopes = self._holder(services, request.headers.get("authorization"))
        has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
        if self.takes_json and request.method in _BODIES and has_body and not _is_json(request):
            raise WrongMedia(media=JSON)
        if unknown := sorted(set(request.query_params) - _parameters(request.scope["route"])):
            raise InvalidInput(*(FieldError(f"query {shown(each)}", "unknown_parameter") for each in unknown[:_MOST_NAMED]))
        return Call(request, services, actor, language, body_digest, scopes)

    def _holder(self, services: Services, header: str | None) -> tuple[Actor, frozenset[str]]:
        if header is None:
            if self.visitors:
                return VISITOR, frozenset()
            raise TokenNeeded()
        kind, _, secret = header.strip().partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise BadToken()
        database = services.database
        with database.read() as session:
            held = tokens.holder(session, secret.strip(), database.clock.now())
        if held is None:
            raise BadToken()
        if self.scope not in held.scopes:
            raise ScopeNeeded(scope=self.scope)
        if held.is_due:
            with database.write() as unit:
                tokens.note_use(unit, held.token_id)
                unit.commit()
        return held.actor, held.scopes


Public = Annotated[Call, Depends(Needs("read", visitors=True))]
Reading = Annotated[Call, Depends(Needs("read"))]
Writing = Annotated[Call, Depends(Needs("write"))]
Desking = Annotated[Call, Depends(Needs("desk"))]
Importing = Annotated[Call, Depends(Needs("import"))]
Uploading = Annotated[Call, Depends(Needs("import", takes_json=False))]


def _seen_version(
    request: Request,
    if_match: Annotated[str | None, Header()] = None,
) -> int | None:
    """The version that If-Match names; None for `*`; 0, which is older than all, for what is no ETag of ours."""
    if if_match is None:
        raise VersionNeeded()
    if if_match.strip() == "*":
        return None
    tag = if_match.strip()
    number = tag[1:-1].partition("-")[0] if len(tag) > 2 and tag[0] == tag[-1] == '"' else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


SeenVersion = Annotated[int | None, Depends(_seen_version)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=KEY_LIMIT)]
"""Declared by every post, for the document and the limit; `Call.once` reads it."""


def session_of(call: Call) -> Any:
    """A session that only reads."""
    return call.services.database.read()


__all__ = [
    "Call", "Desking", "IdempotencyKey", "Importing", "Needs", "Public", "Reading", "SeenVersion", "Session", "Uploading",
    "Writing", "made", "session_of", "tag_of",
]  # fmt: skip
