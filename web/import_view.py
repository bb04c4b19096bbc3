"""An import as its pages show it: words for states, verdicts and reasons, how far it is, in whose name one may begin."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from matching import organisations
from matching.access import Actor
from matching.errors import FieldError
from matching.imports.comparing import Words
from matching.imports.headings import CONTACT, OWNER
from matching.imports.mapping import Questions
from matching.imports.views import BatchView, Reason
from matching.model import ListingKind
from web import formats, messages, paths
from web.differences import Spans, differences
from web.i18n import gettext as _
from web.i18n import pgettext
from web.names import Names
from web.wording import errors, imports

KINDS: Final = {"results": ListingKind.RESULT, "needs": ListingKind.NEED}
"""As addresses and forms name them."""
WORKING: Final = ("reading", "committing", "undoing")
_ZONE, _OWN = "zone:", "organisation:"


def batch_path(public_id: str) -> str:
    return f"{paths.IMPORTS}/{public_id}"


def columns_path(public_id: str) -> str:
    """Where it is said what the headings mean."""
    return f"{batch_path(public_id)}/columns"


def template_path(kind: str) -> str:
    """The sheet to fill in; `kind` is a key of `KINDS`."""
    return f"{paths.IMPORTS}/template/{kind}.xlsx"


def state_name(state: str) -> str:
    return pgettext(*imports.STATES[state]) if state in imports.STATES else state


def verdict_name(verdict: str) -> str:
    return pgettext(*imports.VERDICTS[verdict]) if verdict in imports.VERDICTS else verdict


def outcome_name(outcome: str) -> str:
    """What an undo made of a row."""
    return pgettext(*imports.OUTCOMES[outcome]) if outcome in imports.OUTCOMES else outcome


def has_policy(batch: BatchView) -> bool:
    """Whether another policy would make another plan."""
    return bool(batch.counts["update"] or batch.flagged_rows or batch.existing == "skip")


def policies() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The two questions of the policy: name, legend, choices."""
    known, alike = _("Rows that mean an entry already there"), _("New rows much like something that is there")
    return [
        ("existing", known, [("update", _("update the entry")), ("skip", _("leave the row out"))]),
        ("similar", alike, [("take", _("take them as new entries")), ("leave", _("leave them out"))]),
    ]


def reason_link(reason: Reason, kind: ListingKind) -> str | None:
    """The entry that a flag speaks of."""
    return paths.listing(kind, str(reason.params["id"])) if reason.params.get("id") else None


def marked_words(words: Words) -> tuple[str, Spans, str, Spans]:
    """What is there with what the row lacks marked, and what the row says with what is new."""
    gone, come = differences(words.there, words.here)
    return words.there, gone, words.here, come


def target_name(target: str, kind: ListingKind) -> str:
    """What a heading can mean, in words."""
    return messages.field_label(target.rpartition(".")[2], kind)


def target_groups(targets: Sequence[str], kind: ListingKind) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of a heading, as groups of (target, name)."""
    groups: dict[str, list[tuple[str, str]]] = {"": [], OWNER: [], CONTACT: []}
    for each in targets:
        prefix = next((each_prefix for each_prefix in (OWNER, CONTACT) if each.startswith(each_prefix)), "")
        groups[prefix].append((each, target_name(each, kind)))
    names = {"": _("The entry"), OWNER: _("Its owner"), CONTACT: _("Contact data, read by nobody else")}
    return [(names[prefix], found) for prefix, found in groups.items()]


def asked_name(field: str, asked: Questions) -> str:
    """The heading that an error of the answers is about."""
    index = field.rpartition("-")[2]
    return next((each.heading for each in asked.asked if str(each.index) == index), messages.field_label(field))


def unit_name(unit: str) -> str:
    return pgettext(*imports.UNITS[unit])


def problem_text(problem: Reason) -> str:
    """Why a whole import stopped."""
    return _(errors.TEXTS.get(problem.code, errors.GENERAL_TEXT))


def reason_text(reason: Reason, kind: ListingKind) -> str:
    """One reason of a row, with the name of its field where the reason is about a cell."""
    params = dict(reason.params)
    if params.get("number") == "":
        params["number"] = _("an entry without a number") if reason.level == "flag" else _("An entry of this title")
    text = messages.field_error_text(FieldError(reason.field, reason.code, params))
    if reason.level != "error" or not reason.field:
        return formats.spaced(text)
    colon = pgettext("between a label and what is said of it", "%(label)s: %(text)s")
    return formats.spaced(colon % {"label": messages.field_label(reason.field, kind), "text": text})


def step_of(batch: BatchView) -> tuple[int, int] | None:
    """How much of how much is through what goes on right now: rows, or listings for the index. None where nothing does."""
    if batch.state in WORKING:
        return batch.done, batch.total
    if batch.state == "done" and batch.indexing:
        return max(0, batch.done_rows - batch.indexing), batch.done_rows
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


def scope_of(value: str) -> tuple[str | None, str | None]:
    """The chosen name as zone and organisation of `batches.begin`."""
    zone = value.removeprefix(_ZONE) if value.startswith(_ZONE) else None
    return zone, value.removeprefix(_OWN) if value.startswith(_OWN) else None
