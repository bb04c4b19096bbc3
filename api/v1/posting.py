"""Results and needs, written: each operation makes the move that a button of the pages makes, by the same use-case."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import PREFIX
from api.v1.call import Call, IdempotencyKey, SeenVersion, Writing, made
from api.v1.commands import IndustriesIn, ListingIn, ReasonsIn, RenewIn
from api.v1.listings import detail, version_of
from api.v1.shapes import ListingDetail
from matching import listing_views, listings, reviews
from matching.errors import MayNot, NotFound
from matching.listing_rows import Saved
from matching.model import ListingKind
from matching.store.answers import Answered
from matching.store.unit import UnitOfWork
from web import submitting

router = APIRouter()

RESULT, NEED = ListingKind.RESULT, ListingKind.NEED
Move = Callable[[UnitOfWork, str], Saved]


def _answer(session: Session, call: Call, kind: ListingKind, public_id: str, *, is_new: bool = False) -> Answered:
    """The entry in its newest words."""
    shape = detail(session, call, kind, public_id, latest=True)
    location = f"{PREFIX}/{kind.value}s/{public_id}" if is_new else None
    return made(shape, status=201 if is_new else 200, version=version_of(shape), location=location)


def _then(unit: UnitOfWork, call: Call, body: ListingIn, saved: Saved) -> None:
    if body.then == "submit":
        submitting.submit(unit, call.actor, saved.public_id, language=call.language)
    elif body.then == "publish":
        reviews.publish(unit, call.actor, saved.public_id)


def _submit(unit: UnitOfWork, call: Call, public_id: str, seen: int | None) -> Saved:
    return submitting.submit(unit, call.actor, public_id, seen_version=seen, language=call.language)


def _create(call: Call, kind: ListingKind, body: ListingIn) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        saved = listings.save(unit, call.actor, body.draft(kind))
        _then(unit, call, body, saved)
        return _answer(unit.session, call, kind, saved.public_id, is_new=True)

    return call.once(job)


def _edit(call: Call, kind: ListingKind, public_id: str, body: ListingIn, seen: int | None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        page = _known(unit.session, call, kind, public_id)
        if body.contacts and "contacts" not in page.may:
            raise MayNot(action="contact.read")
        saved = listings.save(unit, call.actor, body.draft(kind), listing=public_id, seen_version=seen)
        _then(unit, call, body, saved)
        return _answer(unit.session, call, kind, public_id)

    return call.once(job)


def _move(call: Call, kind: ListingKind, public_id: str, move: Move) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        _known(unit.session, call, kind, public_id)
        move(unit, public_id)
        return _answer(unit.session, call, kind, public_id)

    return call.once(job)


def _known(session: Session, call: Call, kind: ListingKind, public_id: str) -> listing_views.ListingPage:
    page = listing_views.page(session, call.actor, public_id)
    if page.content.kind != kind:
        raise NotFound(kind="listing")
    return page


def _moves(kind: ListingKind, tag: str) -> None:
    """The operations of one kind: both have the same, each under its own address."""
    base, name = f"/{kind.value}s", kind.value

    def create(call: Writing, body: ListingIn, idempotency_key: IdempotencyKey = None) -> Response:
        return _create(call, kind, body)

    def edit(call: Writing, listing: str, body: ListingIn, seen: SeenVersion) -> Response:
        return _edit(call, kind, listing, body, seen)

    def submit(call: Writing, listing: str, seen: SeenVersion, idempotency_key: IdempotencyKey = None) -> Response:
        return _move(call, kind, listing, lambda unit, of: _submit(unit, call, of, seen))

    def publish(call: Writing, listing: str, seen: SeenVersion, idempotency_key: IdempotencyKey = None) -> Response:
        return _move(call, kind, listing, lambda unit, of: reviews.publish(unit, call.actor, of, seen_version=seen))

    def send_back(
        call: Writing, listing: str, body: ReasonsIn, seen: SeenVersion, idempotency_key: IdempotencyKey = None
    ) -> Response:
        return _move(
            call, kind, listing, lambda unit, of: reviews.send_back(unit, call.actor, of, body.reasons, seen_version=seen)
        )

    def withdraw(call: Writing, listing: str, seen: SeenVersion, idempotency_key: IdempotencyKey = None) -> Response:
        return _move(call, kind, listing, lambda unit, of: listings.withdraw(unit, call.actor, of, seen_version=seen))

    def renew(call: Writing, listing: str, body: RenewIn, seen: SeenVersion, idempotency_key: IdempotencyKey = None) -> Response:
        return _move(
            call, kind, listing, lambda unit, of: listings.renew(unit, call.actor, of, until=body.until, seen_version=seen)
        )

    def industries(
        call: Writing, listing: str, body: IndustriesIn, seen: SeenVersion, idempotency_key: IdempotencyKey = None
    ) -> Response:
        return _move(
            call,
            kind,
            listing,
            lambda unit, of: listings.decide_industries(
                unit, call.actor, of, confirmed=body.confirmed, rejected=body.rejected, seen_version=seen
            ),
        )

    for path, method, endpoint, operation in (
        ("", "POST", create, f"create_{name}"),
        ("/{listing}", "PUT", edit, f"edit_{name}"),
        ("/{listing}/submit", "POST", submit, f"submit_{name}"),
        ("/{listing}/publish", "POST", publish, f"publish_{name}"),
        ("/{listing}/send-back", "POST", send_back, f"send_back_{name}"),
        ("/{listing}/withdraw", "POST", withdraw, f"withdraw_{name}"),
        ("/{listing}/renew", "POST", renew, f"renew_{name}"),
        ("/{listing}/industries", "POST", industries, f"decide_{name}_industries"),
    ):
        router.add_api_route(
            base + path, endpoint, methods=[method], name=operation, response_model=ListingDetail, tags=[tag],
            status_code=201 if endpoint is create else 200,
        )  # fmt: skip


_moves(RESULT, "Results")
_moves(NEED, "Needs")
