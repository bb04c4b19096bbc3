"""What the score was taught: which model holds where, what waits for a decision, and a zone's weights and its graders."""

import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from matching import learned, learned_encoders, long_work
from matching.access import Actor
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound, StaleRevision
from matching.pairing.parts import BUSINESS_WEIGHTS
from matching.store.unit import UnitOfWork
from web import models_view, paths, work_view
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.names import read_names
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()
Deed = Callable[[UnitOfWork, Actor, str], None]
_DEEDS: Final[Mapping[str, tuple[Deed, str]]] = {
    "promote": (learned.promote, "model_promoted"),
    "refuse": (learned.refuse, "model_refused"),
    "back": (learned.back, "model_back"),
}
_ENCODER_DEEDS: Final[Mapping[str, tuple[Deed, str]]] = {
    "promote": (learned_encoders.promote, "encoder_promoted"),
    "refuse": (learned_encoders.refuse, "model_refused"),
    "back": (learned_encoders.back, "encoder_back"),
}


@router.get(paths.MODELS)
def models_page(context: Context) -> Response:
    database = context.services.database
    with database.read() as session:
        found = learned.page(session, context.actor)
        names = read_names(session)
        running = long_work.running(session, context.actor, database.clock.now())
        encoders = learned_encoders.page(session, context.actor)
    active, teaching = (tuple(each for each in running if each.kind == kind) for kind in ("learn", "teach"))
    return render(
        context, "models/all.html", page=found, names=names, view=models_view, active=active, works_view=work_view,
        encoders=encoders, teaching=teaching,
    )  # fmt: skip


@router.get(paths.MODELS + "/zones/{code}")
def zone_page(context: Context, code: str) -> Response:
    return _zone_page(context, code)


@router.post(paths.MODELS + "/zones/{code}")
def set_weights(context: Context, code: str, typed: TypedForm) -> Response:
    form = FormState({part: typed.one(part) for part in BUSINESS_WEIGHTS})
    if (answer := signed_out(context, typed, lambda signed_in, _: _zone_page(signed_in, code, form=form))) is not None:
        return answer
    try:
        weights = BUSINESS_WEIGHTS if typed.one("do") == "usual" else _weights(typed)
        with context.services.database.write() as unit:
            learned.set_weights(unit, context.actor, code, weights, seen_version=typed.number("seen_version"))
            unit.commit()
    except InvalidInput as refused:
        return _zone_page(context, code, form=form.with_errors(refused), status=422)
    except StaleRevision:
        return go_to(context, paths.zone_model(code), flash="changed_meanwhile")
    return go_to(context, paths.zone_model(code), flash="weights_saved")


@router.get(paths.MODELS + "/encoders/{public_id}")
def one_encoder(context: Context, public_id: str) -> Response:
    database = context.services.database
    with database.read() as session:
        found = learned_encoders.show(session, context.actor, public_id)
        names = read_names(session)
        running = long_work.running(session, context.actor, database.clock.now())
    desks = [each for each in names.zones if not each.retired and context.may("desk.read", zones=frozenset({each.id}))]
    active = [each for each in running if each.kind == "reindex"]
    return render(
        context, "models/encoder.html", each=found, names=names, view=models_view, desks=desks, active=active,
        works_view=work_view,
    )  # fmt: skip


@router.post(paths.MODELS + "/encoders/{public_id}/{deed}")
def decide_on_encoder(context: Context, public_id: str, deed: str) -> Response:
    return _decided(context, _ENCODER_DEEDS, public_id, deed, paths.encoder(public_id))


@router.get(paths.DESK + "/{zone}/foreseen")
def foreseen(context: Context, zone: str, need: str = "") -> Response:
    with context.services.database.read() as session:
        found = learned_encoders.foreseen(session, context.actor, zone, need)
        needs = learned_encoders.foreseen_needs(session, context.actor, zone)
        names = read_names(session)
        waits = learned_encoders.waiting(session)
    chosen = next((each for each in needs if each.need == need), None)
    if need and chosen is None:
        raise NotFound(kind="need")
    return render(
        context, "models/foreseen.html", zone=names.zone(zone), rows=found, needs=needs, need=chosen, encoder=waits, names=names
    )


@router.get(paths.MODELS + "/{public_id}")
def one_model(context: Context, public_id: str) -> Response:
    with context.services.database.read() as session:
        found = learned.show(session, context.actor, public_id)
        names = read_names(session)
    return render(context, "models/one.html", each=found, names=names, view=models_view)


@router.post(paths.MODELS + "/{public_id}/{deed}")
def decide(context: Context, public_id: str, deed: str) -> Response:
    return _decided(context, _DEEDS, public_id, deed, paths.model(public_id))


def _decided(context: RequestContext, deeds: Mapping[str, tuple[Deed, str]], public_id: str, deed: str, at: str) -> Response:
    if deed not in deeds:
        raise NotFound()
    job, flash = deeds[deed]
    try:
        with context.services.database.write() as unit:
            job(unit, context.actor, public_id)
            unit.commit()
    except IllegalMove:
        return go_to(context, at, flash="changed_meanwhile")
    return go_to(context, at, flash=flash)


def _zone_page(context: RequestContext, code: str, *, form: FormState | None = None, status: int = 200) -> Response:
    with context.services.database.read() as session:
        found = learned.zone_page(session, context.actor, code)
        names = read_names(session)
    shown = form or FormState({part: f"{found.weights.get(part, 0):g}" for part in BUSINESS_WEIGHTS})
    return render(
        context, "models/zone.html", each=found, form=shown, usual=BUSINESS_WEIGHTS, names=names, view=models_view,
        status=status,
    )  # fmt: skip


def _weights(typed: Typed) -> Mapping[str, float]:
    found: dict[str, float] = {}
    wrong: list[FieldError] = []
    for part in BUSINESS_WEIGHTS:
        text = unicodedata.normalize("NFKC", typed.one(part)).strip()
        try:
            found[part] = float(text)
        except ValueError:
            found[part] = math.nan
        if not math.isfinite(found[part]):
            wrong.append(FieldError(part, "bad_number" if text else "required"))
    if wrong:
        raise InvalidInput(*wrong)
    return found
