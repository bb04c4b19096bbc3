"""Zones, industries, code lists, organisations: what entries refer to."""

from fastapi import APIRouter
from starlette.responses import Response

from api.v1.call import Public, Reading, session_of
from api.v1.shapes import CodeList, CodeValue, Everything, Industry, Organisation, Writer, Zone
from matching import organisations
from matching.errors import NotFound
from matching.listing_counts import zone_counts
from matching.records.kinds import code_lists as named_lists
from matching.reference import code_lists, industries, zones

router = APIRouter(tags=["Reference"])


@router.get("/zones", response_model=Everything[Zone])
def list_zones(call: Public) -> Response:
    with session_of(call) as session:
        counts = zone_counts(session)
        return call.listed(Everything(items=[Zone.of(each, counts[each.code]) for each in zones(session)]))


@router.get("/zones/{zone}", response_model=Zone)
def read_zone(call: Public, zone: str) -> Response:
    with session_of(call) as session:
        found = next((each for each in zones(session) if each.code == zone), None)
        if found is None:
            raise NotFound(kind="zone")
        return call.respond(Zone.of(found, zone_counts(session)[found.code]))


@router.get("/industries", response_model=Everything[Industry])
def list_industries(call: Public) -> Response:
    with session_of(call) as session:
        return call.listed(Everything(items=[Industry.of(each) for each in industries(session).values()]))


@router.get("/industries/{industry}", response_model=Industry)
def read_industry(call: Public, industry: str) -> Response:
    with session_of(call) as session:
        found = next((each for each in industries(session).values() if each.code == industry), None)
    if found is None:
        raise NotFound(kind="industry")
    return call.respond(Industry.of(found))


@router.get("/code-lists", response_model=Everything[str])
def list_code_lists(call: Public) -> Response:
    with session_of(call) as session:
        return call.listed(Everything(items=named_lists(session)))


@router.get("/code-lists/{code_list}", response_model=CodeList)
def read_code_list(call: Public, code_list: str) -> Response:
    with session_of(call) as session:
        if code_list not in named_lists(session):
            raise NotFound(kind="code_list")
        values = [CodeValue.of(each) for each in code_lists(session).get(code_list, {}).values()]
    return call.respond(CodeList(code_list=code_list, items=values))


@router.get("/organisations", response_model=Everything[Organisation], tags=["Organisations"])
def list_own_organisations(call: Reading) -> Response:
    with session_of(call) as session:
        writer = Writer(session)
        return call.listed(Everything(items=[writer.organisation(each) for each in organisations.of_actor(session, call.actor)]))


@router.get("/organisations/{organisation}", response_model=Organisation, tags=["Organisations"])
def read_organisation(call: Public, organisation: str) -> Response:
    with session_of(call) as session:
        return call.respond(Writer(session).organisation(organisations.readable(session, call.actor, organisation)))
