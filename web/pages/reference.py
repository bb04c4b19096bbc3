"""The reference data: what there is, each list with search, each record with its form and its history."""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from matching import access
from matching.access import Actor
from matching.errors import IllegalMove, InvalidInput, NotFound, SignInNeeded, StaleRevision, ZoneMatchError
from matching.records import editor
from matching.records.history import ChangeView
from matching.records.kinds import CODES, FIXED_KINDS, RecordKind, code_lists, kind_of
from matching.records.values import Choices
from matching.reference import zones
from matching.store.receipts import once
from matching.store.unit import UnitOfWork, fresh_token
from matching.synonym_effects import Effect
from matching.synonyms import read_groups
from web import i18n, paths, record_view
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.names import read_names
from web.paging import Paging, page_number
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()
Effects = tuple[Effect, ...] | Literal["away"]
"""Of a group of synonyms, word by word; or there is no engine to ask."""

_SIZE = 50
_STANDINGS: dict[str, editor.Standing] = {"": "current", "retired": "retired", "all": "all"}


@router.get(paths.REFERENCE)
def index(context: Context) -> Response:
    access.require(context.actor, "reference.read")
    with context.services.database.read() as session, i18n.speaking(context.language):
        names = read_names(session)
        kinds = [(each, editor.listed(session, context.actor, each, which="current", limit=0).total) for each in FIXED_KINDS]
        lists = [
            (CODES + each, sum(not value.retired for value in names.lists.get(each, {}).values())) for each in code_lists(session)
        ]
    return render(context, "reference/index.html", kinds=kinds, lists=lists, names=names)


@router.get(paths.REFERENCE + "/{kind}")
def record_list(context: Context, kind: str, q: str = "", show: str = "", page: str = "") -> Response:
    number = page_number(page)
    with context.services.database.read() as session:
        found = editor.listed(
            session, context.actor, kind, words=q, which=_STANDINGS.get(show, "current"), offset=(number - 1) * _SIZE, limit=_SIZE
        )  # fmt: skip
        may_add = editor.may_add(session, context.actor, found.kind)
        values: dict[str, Any] = {"names": read_names(session), "choices": _filled(Choices(session), found.kind)}
        if kind == "zones":
            values["fields"] = {each.code: each for each in zones(session)}
    paging = Paging(found.total, number, paths.records(kind), {"q": q, "show": show}, _SIZE)
    return render(
        context, "reference/list.html", "found", found=found, paging=paging, q=q, show=show if show in _STANDINGS else "",
        may_add=may_add, **values,
    )  # fmt: skip


@router.get(paths.REFERENCE + "/{kind}/-new")
def new_record(context: Context, kind: str) -> Response:
    with context.services.database.read() as session:
        found = kind_of(session, kind)
        _require_adding(context, found)
        form = record_view.form_of(found, {})
    return _new_page(context, kind, form)


@router.post(paths.REFERENCE + "/{kind}/-new")
def add_record(context: Context, kind: str, typed: TypedForm) -> Response:
    def show(signed_in: RequestContext, typed: Typed, refused: InvalidInput | None = None) -> Response:
        with context.services.database.read() as session:
            form = FormState(record_view.read_form(kind_of(session, kind), typed))
        return _new_page(signed_in, kind, form.with_errors(refused) if refused else form, status=422 if refused else 200)

    if (answer := signed_out(context, typed, show)) is not None:
        return answer
    try:
        if typed.one("do") == "preview":
            with context.services.database.read() as session:
                sent = record_view.read_form(kind_of(session, kind), typed)
            return _new_page(context, kind, FormState(sent), effects=_effects(context, kind, None, sent))
        with context.services.database.write() as unit:

            def make() -> str:
                return editor.create(unit, context.actor, kind, record_view.read_form(kind_of(unit.session, kind), typed))

            key = once(unit, context.actor.person_id, typed.one("form_token"), make)
            unit.commit()
    except InvalidInput as refused:
        return show(context, typed, refused)
    return go_to(context, paths.record(kind, key), flash="record_made")


@router.get(paths.REFERENCE + "/{kind}/{key}")
def record_page(context: Context, kind: str, key: str) -> Response:
    return _page(context, kind, key)


@router.post(paths.REFERENCE + "/{kind}/{key}")
def save_record(context: Context, kind: str, key: str, typed: TypedForm) -> Response:
    with context.services.database.read() as session:
        sent = record_view.read_form(kind_of(session, kind), typed)
    seen = typed.number("seen_version")
    form = FormState({**sent, "seen_version": str(seen)})
    if (answer := signed_out(context, typed, lambda signed_in, _: _page(signed_in, kind, key, form=form))) is not None:
        return answer
    try:
        if typed.one("do") == "preview":
            return _page(context, kind, key, form=form, effects=_effects(context, kind, key, sent))
        with context.services.database.write() as unit:
            editor.change(unit, context.actor, kind, key, sent, seen_version=seen)
            unit.commit()
    except InvalidInput as refused:
        return _page(context, kind, key, form=form.with_errors(refused), status=422)
    except StaleRevision as stale:
        with context.services.database.read() as session:
            view = editor.get(session, context.actor, kind, key)
        again, newer = record_view.merged(view, sent, seen)
        return _page(context, kind, key, form=again, newer=newer, refused=stale, status=409)
    return go_to(context, paths.record(kind, key), flash="record_saved")


@router.post(paths.REFERENCE + "/{kind}/{key}/{job}")
def act(context: Context, kind: str, key: str, job: str, typed: TypedForm) -> Response:
    """Retire, restore, or take a change back: one press each."""
    if context.actor.is_visitor:
        raise SignInNeeded()
    done = {"retire": "record_retired", "restore": "record_restored", "undo": "record_undone"}.get(job)
    if done is None:
        raise NotFound()
    back = paths.record(kind, key)
    try:
        with context.services.database.write() as unit:
            _do(unit, context.actor, kind, key, job, typed)
            unit.commit()
    except (IllegalMove, InvalidInput, StaleRevision):
        return go_to(context, back, flash="cannot_undo" if job == "undo" else "changed_meanwhile")
    return go_to(context, back, flash=done)


def _do(unit: UnitOfWork, actor: Actor, kind: str, key: str, job: str, typed: Typed) -> None:
    if job == "undo":
        editor.undo(unit, actor, kind, key, typed.number("change"))
    elif job == "retire":
        editor.retire(unit, actor, kind, key, seen_version=typed.number("seen_version"))
    else:
        editor.restore(unit, actor, kind, key, seen_version=typed.number("seen_version"))


def _filled(choices: Choices, kind: Any) -> Choices:
    """With everything that the kind's fields choose from read, for pages that are rendered after the session."""
    for field in kind.fields:
        if field.of:
            choices.of(field.of)
    choices.of("industries")
    return choices


def _require_adding(context: RequestContext, kind: RecordKind) -> None:
    """Of an industry's records, staff of any zone may see the form; whether it is taken, the industry chosen decides."""
    if not (kind.own_industry and access.is_allowed_anywhere(context.actor, "synonym.write")):
        access.require(context.actor, "reference.write")


def _effects(context: RequestContext, kind: str, key: str | None, sent: Mapping[str, object]) -> Effects | None:
    """What a group of synonyms would change: written as it would be, with every check, and left uncommitted. None for what
    has no such effect."""
    if kind != "synonyms" or context.services.synonym_effects is None:
        return None
    with context.services.database.write() as unit:
        code = (
            editor.create(unit, context.actor, kind, sent) if key is None else editor.change(unit, context.actor, kind, key, sent)
        )
        group = next((each for each in read_groups(unit.session) if each.code == code), None)
    effects = context.services.synonym_effects.of(context.actor, group) if group else ()
    return "away" if effects is None else effects


def _new_page(
    context: RequestContext, kind: str, form: FormState, *, status: int = 200, effects: Effects | None = None
) -> Response:
    with context.services.database.read() as session:
        found = kind_of(session, kind)
        _require_adding(context, found)
        may_add = editor.may_add(session, context.actor, found)
        choices, names = _filled(Choices(session), found), read_names(session)
    return render(
        context, "reference/new.html", "content", status=status, kind=found, form=form, choices=choices, names=names,
        token=fresh_token(), may_add=may_add, effects=effects,
    )  # fmt: skip


def _page(
    context: RequestContext,
    kind: str,
    key: str,
    *,
    form: FormState | None = None,
    newer: tuple[ChangeView, ...] = (),
    refused: ZoneMatchError | None = None,
    status: int = 200,
    effects: Effects | None = None,
) -> Response:
    with context.services.database.read() as session, i18n.speaking(context.language):
        view = editor.get(session, context.actor, kind, key)
        choices, names = _filled(Choices(session), view.kind), read_names(session)
        changes = record_view.shown_changes(view.history, view.kind, choices)
        newer_changes = record_view.shown_changes(newer, view.kind, choices)
    return render(
        context, "reference/record.html", "content", status=status, view=view, kind=view.kind, choices=choices, names=names,
        form=form or record_view.form_of(view.kind, view.values, view.version), changes=changes, newer=newer_changes,
        refused=refused, effects=effects, zone=names.zone(key) if kind == "zones" else None,
    )  # fmt: skip
