"""What the score was taught: which model holds where, what waits for a decision, and a zone's weights and its graders."""

import math
import unicodedata
from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from matching import learned, long_work
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound, StaleRevision
from matching.pairing.parts import BUSINESS_WEIGHTS
from web import models_view, paths, work_view
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.names import read_names
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()
_DEEDS = {
    "promote": (learned.promote, "model_promoted"),
    "refuse": (learned.refuse, "model_refused"),
    "back": (learned.back, "model_back"),
}


@router.get(paths.MODELS)
def models_page(context: Context) -> Response:
    database = context.services.database
    with database.read() as session:
        found = learned.page(session, context.actor)
        names = read_names(session)
        active = tuple(each for each in long_work.running(session, context.actor, database.clock.now()) if each.kind == "learn")
    return render(
        context, "models/all.html", page=found, names=names, view=models_view, active=active, works_view=work_view
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


@router.get(paths.MODELS + "/{public_id}")
def one_model(context: Context, public_id: str) -> Response:
    with context.services.database.read() as session:
        found = learned.show(session, context.actor, public_id)
        names = read_names(session)
    return render(context, "models/one.html", each=found, names=names, view=models_view)


@router.post(paths.MODELS + "/{public_id}/{deed}")
def decide(context: Context, public_id: str, deed: str) -> Response:
    if deed not in _DEEDS:
        raise NotFound()
    job, flash = _DEEDS[deed]
    try:
        with context.services.database.write() as unit:
            job(unit, context.actor, public_id)
            unit.commit()
    except IllegalMove:
        return go_to(context, paths.model(public_id), flash="changed_meanwhile")
    return go_to(context, paths.model(public_id), flash=flash)


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
