"""An import as its pages show it: words for states, verdicts and reasons, how far it is, in whose name one may begin."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from matching import organisations
from matching.access import Actor
from matching.errors import FieldError
from matching.imports.batches import BatchView, Reason
from matching.model import ListingKind
from web import formats, messages, paths
from web.i18n import gettext as _
from web.i18n import pgettext
from web.names import Names
from web.wording import errors, imports

KINDS: Final = {"results": ListingKind.RESULT, "needs": ListingKind.NEED}
"""As addresses and forms name them."""
WORKING: Final = ("reading", "committing")
_ZONE, _OWN = "zone:", "organisation:"


def batch_path(public_id: str) -> str:
    return f"{paths.IMPORTS}/{public_id}"


def template_path(kind: str) -> str:
    """The sheet to fill in; `kind` is a key of `KINDS`."""
    return f"{paths.IMPORTS}/template/{kind}.xlsx"


def state_name(state: str) -> str:
    return pgettext(*imports.STATES[state]) if state in imports.STATES else state


def verdict_name(verdict: str) -> str:
    return pgettext(*imports.VERDICTS[verdict]) if verdict in imports.VERDICTS else verdict


def problem_text(problem: Reason) -> str:
    """Why a whole import stopped."""
    return _(errors.TEXTS.get(problem.code, errors.GENERAL_TEXT))


def reason_text(reason: Reason, kind: ListingKind) -> str:
    """One reason of a row, with the name of its field where the reason is about a cell."""
    params = dict(reason.params)
    if params.get("number") == "":
        params["number"] = _("An entry of this title")
    text = messages.field_error_text(FieldError(reason.field, reason.code, params))
    if reason.level != "error" or not reason.field:
        return formats.spaced(text)
    colon = pgettext("between a label and what is said of it", "%(label)s: %(text)s")
    return formats.spaced(colon % {"label": messages.field_label(reason.field, kind), "text": text})


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done to a batch, and how much of it. `done` of `total` are rows, or listings for the index."""

    code: str
    done: int
    total: int


def step_of(batch: BatchView) -> Step | None:
    """What goes on right now; None where nothing does."""
    if batch.state == "reading":
        return Step("reading", batch.read_rows, batch.total_rows)
    if batch.state == "committing":
        return Step("writing", batch.done_rows, batch.wanted_rows)
    if batch.state == "done" and batch.indexing:
        return Step("indexing", max(0, batch.done_rows - batch.indexing), batch.done_rows)
    return None


def is_published(batch: BatchView) -> bool:
    """Whether the commit publishes; an organisation's own sheet goes to the staff first."""
    return batch.organisation is None


def name_options(session: Session, actor: Actor, names: Names) -> list[tuple[str, str]]:
    """In whose name the actor may import: value of the form and name. Administrators may in nobody's."""
    zones = names.zones if actor.is_administrator else tuple(each for each in names.zones if each.id in actor.staff_zones)
    own = [each for each in organisations.of_actor(session, actor) if each.id in actor.organisations]
    found = [(_ZONE + each.code, formats.named(each)) for each in zones]
    found += [(_OWN + each.public_id, formats.named(each)) for each in own]
    return [("", _("no zone in particular")), *found] if actor.is_administrator else found


def scope_of(value: str) -> dict[str, str | None]:
    """The chosen name as `batches.begin` takes it."""
    return {
        "zone": value.removeprefix(_ZONE) if value.startswith(_ZONE) else None,
        "organisation": value.removeprefix(_OWN) if value.startswith(_OWN) else None,
    }
