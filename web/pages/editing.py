"""Posting and editing a result or a need. Whatever goes wrong, the page that answers holds everything that was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from matching import listing_views, listings, my_listings, reviews, twins, typed_forms
from matching.access import readable_layers
from matching.content import restrict
from matching.drafts import REQUIRED_ON_SUBMIT, ListingDraft, from_content, known_codes, validate
from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot, SignInNeeded, StaleRevision, ZoneMatchError
from matching.model import ListingKind
from matching.model.fields import BY_CODE
from matching.previews import preview
from matching.reference import industries
from matching.store.receipts import TOKEN_LIMIT, once
from matching.store.unit import UnitOfWork, fresh_token
from web import i18n, paths, quality_view, submitting
from web.context import Context, RequestContext, go_to
from web.errors import status_of
from web.listing_changes import told
from web.listing_figures import NO, YES, answered, begun, proposals
from web.listing_form import ListingForm, from_draft, from_typed
from web.listing_merge import Merge, merge
from web.listing_sheet import UNNAMED, Sheet, copied_form, newest_values, read_sheet, resolve_owner, seen_form_values, stored_form
from web.listing_typed import read_draft
from web.messages import error_text, error_title
from web.rendering import render
from web.signed_out import sign_in_again, signed_out_page
from web.typed import Typed, TypedForm, whole_number

router = APIRouter()

SAVES: Final = ("draft", "submit", "publish")
MOST_BEGUN: Final = 100
_MORE: Final = {"more-indicators": "indicators", "more-ip": "ip"}


_TWIN: Final = "twin-"
_STATES: Final = ("same", "different")

From = Annotated[str, Query(alias="from")]


class _Alike(Exception):
    """Entries much like what is about to be sent, to be decided on first."""

    def __init__(self, found: tuple[twins.Alike, ...]) -> None:
        super().__init__(len(found))
        self.found = found


@router.get(paths.POST_RESULT)
def new_result(context: Context, copied: From = "", form: str = "", text: str = "") -> Response:
    return _new(context, ListingKind.RESULT, copied, form, text)


@router.get(paths.POST_NEED)
def new_need(context: Context, copied: From = "", form: str = "", text: str = "", title: str = "") -> Response:
    return _new(context, ListingKind.NEED, copied, form, text, title)


@router.post(paths.POST_RESULT)
def post_result(context: Context, typed: TypedForm) -> Response:
    return _posted(context, ListingKind.RESULT, typed)


@router.post(paths.POST_NEED)
def post_need(context: Context, typed: TypedForm) -> Response:
    return _posted(context, ListingKind.NEED, typed)


@router.get("/listings/{public_id}/edit")
def edit(context: Context, public_id: str, at: str = "", name: str = "", comparator: str = "", unit: str = "") -> Response:
    """The form of a stored listing. Who comes from a pair is led to the field `at`, and to a row begun for a figure."""
    with context.services.database.read() as session:
        page = listing_views.page(session, context.actor, public_id)
        if context.actor.is_visitor:
            raise SignInNeeded()
        if "revise" not in page.may:
            raise MayNot(action="listing.write")
        sheet = read_sheet(session, context, page.content.kind, public_id)
        form = stored_form(session, context.actor, sheet.page or page)
        kept = typed_forms.newest_of(session, context.actor, public_id)
    if kept is not None:
        form = replace(from_typed(sheet.kind, Typed(kept.pairs)), reasons=form.reasons)
    if at in BY_CODE and sheet.kind in BY_CODE[at].kinds:
        with i18n.speaking(context.language):
            form = replace(begun(form, *(each[:MOST_BEGUN] for each in (name, comparator, unit))), wanted=at)
    if kept is None:
        return _page(context, sheet, _with_token(form))
    return _page(context, sheet, _resumed(form, kept.key), kept_at=kept.saved_at)


@router.post("/listings/{public_id}/edit")
def save_edit(context: Context, public_id: str, typed: TypedForm) -> Response:
    kind = ListingKind.NEED if typed.one("kind") == ListingKind.NEED else ListingKind.RESULT
    return _posted(context, kind, typed, public_id)


def _new(context: RequestContext, kind: ListingKind, copied: str, kept_key: str, text: str, title: str = "") -> Response:
    """An empty form, one with the words of an earlier listing or of a search, or one that was left unfinished."""
    if not context.may("listing.create"):
        raise SignInNeeded() if context.actor.is_visitor else MayNot(action="listing.create")
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, kind, None)
        if kept_key:
            kept = typed_forms.read(session, context.actor, kept_key)
            form = _resumed(from_typed(kind, Typed(kept.pairs)), kept.key)
            return _page(context, sheet, form, kept_at=kept.saved_at)
        if copied:
            source, form = copied_form(session, context.actor, kind, copied)
            return _page(context, sheet, _with_token(form), copied=source)
        earlier = my_listings.sources(session, context.actor, kind)
        unfinished = typed_forms.unfinished(session, context.actor, kind)
    main = REQUIRED_ON_SUBMIT[kind]
    texts = {main: text[: BY_CODE[main].limit]} if text else {}
    form = from_draft(ListingDraft(kind, title[: BY_CODE["title"].limit], texts=texts), {})
    return _page(context, sheet, _with_token(form), is_empty=True, earlier=earlier, unfinished=unfinished)


def _with_token(form: ListingForm) -> ListingForm:
    """A form keeps its token through every refusal, so that it is taken once, and its key, under which it is kept."""
    values = dict(form.values)
    for name in ("form_token", "form_key"):
        if not 0 < len(form.value(name)) <= TOKEN_LIMIT:
            values[name] = fresh_token()
    return replace(form, values=values)


def _resumed(form: ListingForm, key: str) -> ListingForm:
    """A kept form goes on under its key with a token of its own: what was typed since is no second press of a button."""
    return replace(form, values={**form.values, "form_key": key, "form_token": fresh_token()})


def _posted(context: RequestContext, kind: ListingKind, typed: Typed, public_id: str | None = None) -> Response:
    do = typed.one("do")
    if context.actor.is_visitor:
        if do != "sign_in":
            return signed_out_page(context, typed)
        return sign_in_again(context, typed, lambda signed_in: _again(signed_in, kind, typed, public_id))
    if do == "preview":
        return _preview(context, kind, typed, public_id)
    if do not in SAVES:
        return _again(context, kind, typed, public_id)
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, kind, public_id)
    form = _with_token(from_typed(sheet.kind, typed))
    if public_id is None and not context.may("listing.create"):
        return _page(context, sheet, form, refused=MayNot(action="listing.create"), status=403)
    answers = {name.removeprefix(_TWIN): value for name, value in typed.pairs if name.startswith(_TWIN)}
    try:
        with context.services.database.write() as unit:
            made = _save(unit, context, sheet, form, do, public_id, answers)
            unit.commit()
    except _Alike as asked:
        return _page(context, sheet, form, alike=asked.found, answers=answers, status=409)
    except StaleRevision as stale:
        return _stale(context, form, public_id or "", stale)
    except InvalidInput as refused:
        return _page(context, sheet, _with_fresh_token(form.refused(refused)), status=422)
    except ZoneMatchError as refused:
        return _page(context, sheet, form, refused=refused, status=status_of(refused))
    if do == "draft":
        return go_to(context, paths.edit(made), flash="waiting_saved" if sheet.is_waiting else "draft_saved")
    if do == "submit" and not _waits(context, made):
        return go_to(context, paths.edit(made), flash="returned_vague")
    return go_to(context, paths.listing(sheet.kind, made), flash="published" if do == "publish" else "submitted")


def _waits(context: RequestContext, public_id: str) -> bool:
    """Whether what was submitted waits for the staff: a zone may send vague needs back at once."""
    with context.services.database.read() as session:
        return listing_views.page(session, context.actor, public_id, latest=True).is_waiting


def _again(context: RequestContext, kind: ListingKind, typed: Typed, public_id: str | None) -> Response:
    """The form as it was typed, with more rows where they were asked for; nothing is written."""
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, kind, public_id)
    form = _with_token(from_typed(sheet.kind, typed))
    do = typed.one("do")
    if do in _MORE:
        form = form.with_more_rows(_MORE[do])
    elif do.startswith((YES, NO)):
        form = answered(form, do)
    return _page(context, sheet, form, is_replayed=do == "sign_in")


def _preview(context: RequestContext, kind: ListingKind, typed: Typed, public_id: str | None) -> Response:
    """The page as signed-in readers would find it, with what is not right yet named on top. Nothing is written."""
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, kind, public_id)
        known, nodes = known_codes(session), industries(session)
        form = from_typed(sheet.kind, typed)
        draft, errors = read_draft(form)
        base = sheet.page.content if sheet.page else None
        owner = base.organisation if base else next(
            (each for each in sheet.owners if draft.organisation in (each.public_id, each.name)), None
        ) or (sheet.owners[0] if len(sheet.owners) == 1 else UNNAMED)  # fmt: skip
        try:
            codes = known.keeping(from_content(base, known)) if base else known
            draft = validate(replace(draft, organisation=owner.public_id or None), codes, context.today, submit=True)
        except InvalidInput as refused:
            errors.extend(each for each in refused.fields if each not in errors)
    content = preview(draft, owner, known, nodes, context.services.database.clock.now(), base)
    with context.services.database.read() as session:
        alike = twins.undecided(session, context.actor, content, listing=public_id)
    seen = restrict(content, readable_layers(context.actor))
    return render(
        context, "editing/preview.html", content=seen, names=sheet.names, form=form.refused(errors), page=sheet.page, alike=alike
    )


def _with_fresh_token(form: ListingForm) -> ListingForm:
    """A token that another account has used would be refused again and again."""
    if not any(each.field == "form_token" for each in form.errors):
        return form
    return replace(form, values={**form.values, "form_token": fresh_token()})


def _save(
    unit: UnitOfWork,
    context: RequestContext,
    sheet: Sheet,
    form: ListingForm,
    do: str,
    public_id: str | None,
    answers: Mapping[str, str],
) -> str:
    """Save, decide on industries, and submit or publish: one transaction. The listing's public id. Raises `_Alike` where an
    entry is much like it of which nobody has said yet what it is.

    A token that was taken before answers with what it made then.
    """
    actor = context.actor

    def make() -> str:
        typed_forms.forget(unit, actor, form.value("form_key"))
        draft = _draft(unit.session, sheet, form, do, unit)
        alike = twins.undecided(unit.session, actor, draft, listing=public_id) if do != "draft" else ()
        if any(answers.get(each.content.public_id) not in _STATES for each in alike):
            raise _Alike(alike)
        seen = (whole_number(form.value("seen_version")) or 0) if public_id else None
        made = listings.save(unit, actor, draft, listing=public_id, seen_version=seen)
        for each in alike:
            twins.decide(unit, actor, made.public_id, each.content.public_id, answers[each.content.public_id])
        rejected = form.chosen("rejected")
        if rejected:
            made = listings.decide_industries(unit, actor, made.public_id, rejected=rejected)
        if do == "submit":
            made = submitting.submit(unit, actor, made.public_id, language=context.language)
        elif do == "publish":
            made = reviews.publish(unit, actor, made.public_id)
        return made.public_id

    return once(unit, actor.person_id, form.value("form_token"), make)


def _draft(session: Session, sheet: Sheet, form: ListingForm, do: str, unit: UnitOfWork) -> ListingDraft:
    """What was typed as a draft, all errors at once: of reading, of the rules, of the owner. Raises `InvalidInput`."""
    draft, errors = read_draft(form)
    try:
        draft = replace(draft, organisation=_owner(session, sheet, draft.organisation))
    except InvalidInput as refused:
        errors.extend(refused.fields)
        draft = replace(draft, organisation=None)
    if not sheet.asks_for_contacts:
        draft = replace(draft, contacts={})
    both = set(form.chosen("industries")) & set(form.chosen("rejected"))
    errors.extend([FieldError("industries", "both")] if both else [])
    told_fields = {each.field for each in errors}
    known = known_codes(session)
    if sheet.page is not None:
        known = known.keeping(from_content(sheet.page.content, known))
    try:
        validate(draft, known, unit.today(), submit=do != "draft" or sheet.is_waiting)
    except InvalidInput as refused:
        errors.extend(each for each in refused.fields if "row" in each.params or each.field not in told_fields)
    if errors:
        raise InvalidInput(*errors)
    return draft


def _owner(session: Session, sheet: Sheet, typed: str | None) -> str | None:
    if sheet.page is not None and not sheet.may_choose_owner:
        return sheet.page.content.organisation.public_id
    if typed is None and len(sheet.owners) == 1:
        return sheet.owners[0].public_id
    return resolve_owner(session, typed, sheet.owners)


def refused_submit(context: RequestContext, public_id: str, refused: InvalidInput) -> Response:
    """The form of a stored listing that is not complete enough to be submitted, with what is missing."""
    with context.services.database.read() as session:
        page = listing_views.page(session, context.actor, public_id, latest=True)
        sheet = read_sheet(session, context, page.content.kind, public_id)
        form = stored_form(session, context.actor, page)
    return _page(context, sheet, _with_token(form.refused(refused)), status=422)


def _stale(context: RequestContext, form: ListingForm, public_id: str, stale: StaleRevision) -> Response:
    """What others changed meanwhile beside what was typed; sent again it is saved on top of the newer words."""
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, form.kind, public_id)
        if sheet.page is None:
            return _page(context, sheet, form, refused=stale, status=409)
        seen = seen_form_values(session, context.actor, public_id, form)
        merged = merge(form, seen, newest_values(session, sheet.page))
    newest = {code: told(sheet.page.content, code, sheet.names) for code in (*merged.taken, *merged.conflicts)}
    shown = replace(merged.form, newer={code: newest[code] for code in merged.conflicts})
    return _page(context, sheet, _with_token(shown), merged=replace(merged, form=shown), newest=newest, status=409)


def _page(
    context: RequestContext,
    sheet: Sheet,
    form: ListingForm,
    *,
    refused: ZoneMatchError | None = None,
    merged: Merge | None = None,
    newest: dict[str, str] | None = None,
    is_empty: bool = False,
    is_replayed: bool = False,
    kept_at: datetime | None = None,
    copied: str = "",
    earlier: Sequence[my_listings.Source] = (),
    unfinished: Sequence[typed_forms.Kept] = (),
    alike: Sequence[twins.Alike] = (),
    answers: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return render(
        context, "editing/form.html", "content", status=status,
        sheet=sheet, form=form, kind=sheet.kind, page=sheet.page, names=sheet.names, is_empty=is_empty,
        is_replayed=is_replayed, merged=merged, newest=newest or {}, refused=refused,
        error_title=error_title, error_text=error_text, is_illegal=isinstance(refused, IllegalMove), kept_at=kept_at,
        copied=copied, earlier=earlier, unfinished=unfinished, proposals=proposals(form),
        quality=quality_view.of_form(form, tuple(sheet.suggested), sheet.asks),
        alike=alike, answers=answers or {},
    )  # fmt: skip
