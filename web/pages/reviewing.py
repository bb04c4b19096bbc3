"""The publishing list: what waits, oldest first; one text with its changes; publish it or send it back.

Staff read what is in the charge of their zones; administrators what is in no zone's charge, and on demand everything.
"""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from matching import access, listing_views, reviews, twins
from matching.content import Content
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound, StaleRevision, ZoneMatchError
from matching.listing_views import ListingPage
from matching.model import ListingKind, ListingState
from matching.model.fields import fields_of
from matching.reviews import TakeView
from web import i18n, paths, quality_view
from web.context import Context, RequestContext, go_to
from web.errors import status_of
from web.forms import FormState
from web.listing_changes import Change, changes
from web.names import Names, read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.signed_out import sign_in_again, signed_out_page
from web.typed import Typed, TypedForm

router = APIRouter()

ALL: Final = "all"
"""The scope by which an administrator asks for what waits for the zones too."""
_QUEUE: int = listing_views.MOST_ITEMS
"""So far the list is looked through for the text that comes after this one."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the staff read of one text. `published` are the words that others read until now."""

    page: ListingPage
    published: Content | None
    changes: tuple[Change, ...]
    names: Names
    waiting: int
    taken: TakeView | None
    may_take: bool
    quality: quality_view.Shown
    alike: tuple[twins.Alike, ...]

    @property
    def is_vague(self) -> bool:
        """Below what the zone asks of needs: proposed for sending back."""
        return self.page.is_waiting and self.page.asks is not None and self.quality.score < self.page.asks.need_quality

    @property
    def change_of(self) -> dict[str, Change]:
        return {each.code: each for each in self.changes}


@router.get(paths.REVIEW)
def review_list(context: Context, page: str = "", scope: str = "") -> Response:
    number = page_number(page)
    own = context.actor.is_administrator and scope != ALL
    with context.services.database.read() as session:
        start = (number - 1) * PAGE_SIZE
        found = listing_views.waiting(session, context.actor, unzoned=own, offset=start, limit=PAGE_SIZE)
        others = (
            listing_views.waiting(session, context.actor, unzoned=not own, limit=1).total if context.actor.is_administrator else 0
        )
        names = read_names(session)
        taken = reviews.takes(session, context.services.database.clock.now(), [each.content.public_id for each in found.items])
    paging = Paging(found.total, number, paths.REVIEW, {"scope": ALL if context.actor.is_administrator and not own else ""})
    return render(
        context, "review.html", "found", items=found.items, paging=paging, names=names, taken=taken, own=own, others=others,
        now=context.services.database.clock.now(), everything=paths.with_query(paths.REVIEW, scope=ALL),
    )  # fmt: skip


@router.get(paths.REVIEW + "/{public_id}")
def review_one(context: Context, public_id: str) -> Response:
    return _show(context, public_id, FormState({}, form="r"))


@router.post(paths.REVIEW + "/{public_id}")
def decide(context: Context, public_id: str, typed: TypedForm) -> Response:
    """Publish, or send back with reasons; then the next text of the list. What was typed survives every refusal."""
    form = FormState(_reasons(typed), form="r")
    if context.actor.is_visitor:
        if typed.one("do") != "sign_in":
            return signed_out_page(context, typed)
        return sign_in_again(context, typed, lambda signed_in: _show(signed_in, public_id, form))
    if typed.one("do") in ("take", "give_back"):
        return _hold(context, public_id, form, typed.one("do"))
    if typed.one("do") not in ("publish", "send_back"):
        return _show(context, public_id, form)
    with context.services.database.read() as session:
        following = _following(session, context, public_id)
    try:
        with context.services.database.write() as unit:
            seen = _version_of(unit.session, context, public_id, typed.number("seen_revision"))
            if typed.one("do") == "publish":
                reviews.publish(unit, context.actor, public_id, seen_version=seen)
            else:
                reasons = {name.removeprefix("reason-"): text for name, text in form.values.items() if isinstance(text, str)}
                reviews.send_back(unit, context.actor, public_id, reasons, seen_version=seen)
            unit.commit()
    except InvalidInput as refused:
        return _show(context, public_id, form, refused=refused, status=422)
    except (StaleRevision, IllegalMove) as refused:
        return _show(context, public_id, form, refused=refused, status=status_of(refused))
    done = "published" if typed.one("do") == "publish" else "sent_back"
    return go_to(context, paths.review(following) if following else paths.REVIEW, flash=done)


def _hold(context: RequestContext, public_id: str, form: FormState, do: str) -> Response:
    """Take the text for one's zone, or let the others decide."""
    try:
        with context.services.database.write() as unit:
            (reviews.take if do == "take" else reviews.give_back)(unit, context.actor, public_id)
            unit.commit()
    except IllegalMove as refused:
        return _show(context, public_id, form, refused=refused, status=status_of(refused))
    return go_to(context, paths.review(public_id), flash="review_taken" if do == "take" else "review_given_back")


def _version_of(session: Session, context: RequestContext, public_id: str, revision: int) -> int:
    """The version now, if the words are still those that were read: what else changes it (an industry confirmed beside the
    text, by the same person perhaps) is no reason to read again. Raises `StaleRevision`, `NotFound`."""
    content = listing_views.page(session, context.actor, public_id, latest=True).content
    if content.latest_revision != revision:
        raise StaleRevision(seen=revision, current=content.latest_revision)
    return content.version


def _reasons(typed: Typed) -> dict[str, str | tuple[str, ...]]:
    return {name: text for name, text in typed.pairs if name.startswith("reason-")}


def _following(session: Session, context: RequestContext, public_id: str) -> str | None:
    """The text after this one in its list; the first one again at its end; None when this is the last."""
    own = context.actor.is_administrator and listing_views.page(session, context.actor, public_id).in_nobodys_charge
    ids = [each.content.public_id for each in listing_views.waiting(session, context.actor, unzoned=own, limit=_QUEUE).items]
    later = ids[ids.index(public_id) + 1 :] if public_id in ids else []
    return next((each for each in (*later, *ids) if each != public_id), None)


def _show(
    context: RequestContext, public_id: str, form: FormState, *, refused: ZoneMatchError | None = None, status: int = 200
) -> Response:
    with context.services.database.read() as session, i18n.speaking(context.language):
        desk = _read(session, context, public_id)
        if desk.is_vague and not form.values:  # the questions as reasons, to be changed or not; nothing is sent by itself
            form = FormState({f"reason-{field}": text for field, text in desk.quality.reasons.items()}, form="r")
    errors = refused.fields if isinstance(refused, InvalidInput) else ()
    return render(
        context, "review_one.html", "content", status=status, desk=desk, page=desk.page, content=desk.page.content,
        names=desk.names, form=form.with_errors(_at_reasons(errors)), refused=refused if not errors else None,
        missing=tuple(each for each in errors if each.field != "reasons"), fields=_fields(desk.page.content.kind),
    )  # fmt: skip


def _fields(kind: ListingKind) -> list[str]:
    """The fields that a reason can concern: those of the form."""
    return [each.code for each in fields_of(kind) if each.code not in ("ip_kind", "ip_status")]


def _read(session: Session, context: RequestContext, public_id: str) -> Desk:
    access.require(context.actor, "review.read", zones=context.actor.staff_zones)
    page = listing_views.page(session, context.actor, public_id, latest=True)
    if not (page.in_charge or context.actor.is_administrator):
        raise NotFound(kind="listing")
    content, names = page.content, read_names(session)
    published = None
    if content.state == ListingState.PUBLISHED and content.published_revision != content.latest_revision:
        published = listing_views.page(session, context.actor, public_id).content
    found = tuple(changes(published, content, names)) if published is not None else ()
    taken = reviews.takes(session, context.services.database.clock.now(), [public_id]).get(public_id)
    own = context.actor.is_administrator and page.in_nobodys_charge
    waiting = listing_views.waiting(session, context.actor, unzoned=own, limit=1).total
    may_take = page.in_charge and not page.owner_zone
    shown = quality_view.of_content(content, page.asks)
    alike = twins.alike(session, context.actor, content)
    return Desk(page, published, found, names, waiting, taken, may_take, shown, alike)


def _at_reasons(errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    """Errors of reasons at the field whose reason is meant; that there is none at all, at the general one."""
    found: list[FieldError] = []
    for each in errors:
        if each.field == "reasons" and "value" in each.params:
            found.append(FieldError(f"reason-{each.params['value']}", each.code, each.params))
        elif each.field == "reasons":
            found.append(FieldError("reason-general", "reason_required" if each.code == "required" else each.code, each.params))
    return tuple(found)
