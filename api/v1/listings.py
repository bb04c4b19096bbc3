"""Results and needs, read: the lists with their filters, one of them, the caller's own, contact data of one's own."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Call, Public, Reading, session_of
from api.v1.cursors import Cursor, Limit
from api.v1.shapes import Contacts, Listing, ListingDetail, OwnListing, Page, Writer
from matching import listing_views
from matching.errors import FieldError, InvalidInput, NotFound
from matching.model import ListingKind
from matching.my_listings import mine
from matching.reference import codes

router = APIRouter()

Code = Annotated[str | None, Query(max_length=60)]


def _browse(call: Call, kind: ListingKind, limit: int, cursor: str | None, **filters: str | None) -> Response:
    of = cursors.list_of(kind.value, **filters)
    after = cursors.day_and_id(cursors.read(cursor, of, str, int))
    with session_of(call) as session:
        if filters["maturity"] and filters["maturity"] not in codes(session, "maturity"):
            raise InvalidInput(FieldError("maturity", "unknown_code", {"value": filters["maturity"]}))
        found = listing_views.browse(
            session,
            call.actor,
            kind,
            zone=filters["zone"],
            industry=filters["industry"],
            maturity=filters["maturity"],
            limit=limit + 1,
            after=after,
        )
        items, last = cursors.cut(found.items, limit)
        writer = Writer(session)
        following = cursors.write(of, last.published_at.isoformat(), last.id) if last and last.published_at else None
        return call.listed(Page(items=[writer.listing(each) for each in items], next_cursor=following, total=found.total))


@router.get("/results", response_model=Page[Listing], tags=["Results"])
def list_results(
    call: Public,
    industry: Code = None,
    zone: Code = None,
    maturity: Code = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    return _browse(call, ListingKind.RESULT, limit, cursor, industry=industry, zone=zone, maturity=maturity)


@router.get("/needs", response_model=Page[Listing], tags=["Needs"])
def list_needs(
    call: Public,
    industry: Code = None,
    zone: Code = None,
    maturity: Code = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    return _browse(call, ListingKind.NEED, limit, cursor, industry=industry, zone=zone, maturity=maturity)


def detail(session: Session, call: Call, kind: ListingKind, public_id: str, *, latest: bool = False) -> ListingDetail:
    """One listing of this kind as the caller may see it. Raises `NotFound`."""
    page = listing_views.page(session, call.actor, public_id, latest=latest)
    if page.content.kind != kind:
        raise NotFound(kind="listing")
    return Writer(session).detail(page, is_inside=page.is_own or page.in_charge or call.actor.is_administrator)


def version_of(shape: ListingDetail) -> int | None:
    return shape.inside.version if shape.inside else None


def _one(call: Call, kind: ListingKind, public_id: str, latest: bool) -> Response:
    with session_of(call) as session:
        found = detail(session, call, kind, public_id, latest=latest)
    return call.respond(found, version=version_of(found))


@router.get("/results/{listing}", response_model=ListingDetail, tags=["Results"])
def read_result(call: Public, listing: str, latest: bool = False) -> Response:
    return _one(call, ListingKind.RESULT, listing, latest)


@router.get("/needs/{listing}", response_model=ListingDetail, tags=["Needs"])
def read_need(call: Public, listing: str, latest: bool = False) -> Response:
    return _one(call, ListingKind.NEED, listing, latest)


def _contacts(call: Call, kind: ListingKind, public_id: str) -> Response:
    with session_of(call) as session:
        detail(session, call, kind, public_id)
        found = listing_views.contacts(session, call.actor, public_id)
    return call.respond(Contacts(contacts=found))


@router.get("/results/{listing}/contacts", response_model=Contacts, tags=["Results"])
def read_result_contacts(call: Reading, listing: str) -> Response:
    return _contacts(call, ListingKind.RESULT, listing)


@router.get("/needs/{listing}/contacts", response_model=Contacts, tags=["Needs"])
def read_need_contacts(call: Reading, listing: str) -> Response:
    return _contacts(call, ListingKind.NEED, listing)


def _mine(call: Call, kind: ListingKind, limit: int, cursor: str | None) -> Response:
    of = cursors.list_of(f"my {kind.value}")
    after = cursors.day_and_id(cursors.read(cursor, of, str, int))
    with session_of(call) as session:
        today = call.services.database.clock.today()
        found = mine(session, call.actor, kind, today=today, limit=limit + 1, after=after)
        items, last = cursors.cut(found.items, limit)
        writer = Writer(session)
        following = cursors.write(of, last.content.updated_at.isoformat(), last.content.id) if last else None
        return call.listed(Page(items=[writer.own(each) for each in items], next_cursor=following, total=found.total))


@router.get("/my/results", response_model=Page[OwnListing], tags=["Results"])
def list_my_results(call: Reading, limit: Limit = cursors.USUAL, cursor: Cursor = None) -> Response:
    return _mine(call, ListingKind.RESULT, limit, cursor)


@router.get("/my/needs", response_model=Page[OwnListing], tags=["Needs"])
def list_my_needs(call: Reading, limit: Limit = cursors.USUAL, cursor: Cursor = None) -> Response:
    return _mine(call, ListingKind.NEED, limit, cursor)
