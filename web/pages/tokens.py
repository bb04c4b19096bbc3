"""Tokens for programs: which there are, making one, ending one. A secret is on one page, once."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from matching import tokens
from matching.errors import InvalidInput, SignInNeeded
from matching.store.receipts import take_receipt
from matching.store.unit import fresh_token
from matching.tokens import TokenView
from web import paths
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.rendering import render
from web.typed import whole_number

router = APIRouter()

Line = Annotated[str, Form()]
_USUAL_DAYS = "90"


@router.get(paths.TOKENS)
def token_list(context: Context) -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    return _page(context, FormState({"days": _USUAL_DAYS, "scopes": ("read",)}))


@router.post(paths.TOKENS)
def make(
    context: Context,
    name: Line = "",
    days: Line = "",
    form_token: Line = "",
    scopes: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The answer holds the secret and so is the page itself: an address that could be opened again must not lead to it."""
    chosen = tuple(dict.fromkeys(scopes or ()))
    form = FormState({"name": name, "days": days, "scopes": chosen})
    try:
        with context.services.database.write() as unit:
            receipt = take_receipt(unit, context.actor.person_id, form_token)
            if receipt is not None and receipt.target:
                return go_to(context, paths.TOKENS, flash="token_made")
            made, secret = tokens.create(unit, context.actor, name=name, scopes=chosen, days=whole_number(days) or 0)
            if receipt is not None:
                receipt.target = made.public_id
            unit.commit()
    except InvalidInput as refused:
        return _page(context, form.with_errors(refused), status=422)
    return _page(context, FormState({"days": _USUAL_DAYS, "scopes": ("read",)}), made=made, secret=secret)


@router.post(paths.TOKENS + "/{public_id}/revoke")
def revoke(context: Context, public_id: str) -> Response:
    with context.services.database.write() as unit:
        tokens.revoke(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, paths.TOKENS, flash="token_revoked")


def _page(
    context: RequestContext, form: FormState, *, made: TokenView | None = None, secret: str = "", status: int = 200
) -> Response:
    with context.services.database.read() as session:
        held = tokens.mine(session, context.actor, context.services.database.clock.now())
    return render(
        context, "tokens.html", status=status, form=form, tokens=held, made=made, secret=secret, scopes=tokens.SCOPES,
        periods=tokens.PERIODS, limit=tokens.NAME_LIMIT, form_token=fresh_token(),
    )  # fmt: skip
