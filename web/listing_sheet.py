"""What the page of a listing's form shows beside the form, read in one go; and the form that a stored listing starts from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session

from matching import listing_views, organisations
from matching.access import Actor
from matching.content import IndustryTag, OrganisationRef
from matching.drafts import from_content, known_codes
from matching.errors import FieldError, InvalidInput, NotFound
from matching.listing_views import ListingPage, ReviewView
from matching.model import ListingKind, ListingState, TagState
from matching.reference import ZoneView
from matching.typed_text import shown
from web.context import RequestContext
from web.listing_form import ListingForm, Value, from_draft, values_of
from web.names import Names, read_names
from web.typed import whole_number

UNNAMED: Final = OrganisationRef(0, "", "", "", "other", "", None, False)
"""Stands for an owner that is not chosen yet."""
_OF_THE_TIME: Final = ("transferee", "activity", "deal_price", "service_fee")
"""What came of an earlier listing, and is not copied."""
MANY_OWNERS: Final = 50
"""From here on an owner is typed (with suggestions) rather than chosen from a list."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`page` is None for a new listing, and for one that this reader may not know of. `owners` are those he may post for."""

    kind: ListingKind
    names: Names
    owners: tuple[OrganisationRef, ...]
    page: ListingPage | None
    may_publish: bool

    @property
    def suggested(self) -> Mapping[str, IndustryTag]:
        """Industries that nobody has confirmed yet, by code."""
        tags = self.page.content.industries if self.page else ()
        return {each.code: each for each in tags if each.state == TagState.SUGGESTED}

    @property
    def is_typed_owner(self) -> bool:
        return len(self.owners) >= MANY_OWNERS

    @property
    def may_choose_owner(self) -> bool:
        """Until a listing has been submitted; and only where there is a choice."""
        content = self.page.content if self.page else None
        if content is not None and (content.state != ListingState.DRAFT or content.number is not None):
            return False
        is_among = content is None or any(each.id == content.organisation.id for each in self.owners)
        return is_among and len(self.owners) > 1

    @property
    def asks(self) -> ZoneView | None:
        """The zone whose threshold a need has to reach; of a new one that of the only owner."""
        if self.page is not None or self.kind != ListingKind.NEED or len(self.owners) != 1:
            return self.page.asks if self.page is not None else None
        return next((zone for zone in self.names.zones if zone.id == self.owners[0].zone_id and zone.need_quality), None)

    @property
    def is_waiting(self) -> bool:
        return self.page is not None and self.page.is_waiting

    @property
    def is_open(self) -> bool:
        return self.page is not None and self.page.content.state == ListingState.PUBLISHED

    @property
    def asks_for_contacts(self) -> bool:
        """Whoever writes a new listing types them; stored ones are shown only to those whose own they are."""
        return self.page is None or "contacts" in self.page.may


def read_sheet(session: Session, context: RequestContext, kind: ListingKind, public_id: str | None) -> Sheet:
    page = None
    if public_id is not None:
        try:
            page = listing_views.page(session, context.actor, public_id, latest=True)
        except NotFound:  # the form is shown all the same, with what was typed and the reason
            page = None
    owners = organisations.of_actor(session, context.actor)
    may_publish = "publish" in page.may or _may_publish(context, page) if page else context.may("listing.publish")
    return Sheet(page.content.kind if page else kind, read_names(session), owners, page, may_publish)


def _may_publish(context: RequestContext, page: ListingPage) -> bool:
    """Words that the actor is about to write are the actor's own: then the table alone decides."""
    zones = frozenset(each.id for each in (page.owner_zone, page.addressed_zone) if each is not None)
    return page.in_charge or context.may("listing.publish", organisation_id=page.content.organisation.id, zones=zones)


def stored_form(session: Session, actor: Actor, page: ListingPage) -> ListingForm:
    """The form that shows the newest words, and what the staff asked to be changed in them."""
    contacts = listing_views.contacts(session, actor, page.content.public_id) if "contacts" in page.may else None
    form = from_draft(from_content(page.content, known_codes(session)), contacts)
    asked = asked_changes(page)
    return replace(form, values={**form.values, **seen_values(page)}, reasons=dict(asked.reasons) if asked else {})


def copied_form(session: Session, actor: Actor, kind: ListingKind, public_id: str) -> tuple[str, ListingForm]:
    """The title of an own earlier listing, and a new form with its words: without its days and what came of it.

    Raises `NotFound` for what the actor may not copy from."""
    page = listing_views.page(session, actor, public_id, latest=True)
    if page.content.kind != kind or "revise" not in page.may:
        raise NotFound(kind="listing")
    draft = from_content(page.content, known_codes(session))
    draft = replace(
        draft,
        organisation=draft.organisation if page.is_own else None,
        texts={code: text for code, text in draft.texts.items() if code not in _OF_THE_TIME},
        amounts={code: amount for code, amount in draft.amounts.items() if code not in _OF_THE_TIME},
        days={},
        wanted_by=None,
        valid_until=None,
        declined=(),
    )
    contacts = listing_views.contacts(session, actor, public_id) if "contacts" in page.may else {}
    return page.content.title, from_draft(draft, contacts)


def asked_changes(page: ListingPage) -> ReviewView | None:
    """The staff's reasons, from when they sent a text back until it is submitted again."""
    last = page.reviews[0] if page.reviews else None
    return last if last is not None and last.decision == "sent_back" and not page.is_waiting else None


def seen_values(page: ListingPage) -> dict[str, Value]:
    """What the form remembers of the listing as it was shown."""
    content = page.content
    confirmed = sorted(tag.code for tag in content.industries if tag.state == TagState.CONFIRMED)
    return {
        "seen_version": str(content.version),
        "seen_revision": str(content.latest_revision),
        "seen_industries": " ".join(confirmed),
        "seen_valid_until": content.valid_until.isoformat() if content.valid_until else "",
        "seen_addressed_zone": page.addressed_zone.code if page.addressed_zone else "",
    }


def newest_values(session: Session, page: ListingPage) -> dict[str, Value]:
    """The form's values as they would be now."""
    return values_of(from_content(page.content, known_codes(session))) | seen_values(page)


def seen_form_values(session: Session, actor: Actor, public_id: str, typed: ListingForm) -> dict[str, Value] | None:
    """The form's values as they were when it was shown; None where the form does not say which revision that was."""
    number = whole_number(typed.value("seen_revision"))
    if number is None:
        return None
    try:
        page = listing_views.page(session, actor, public_id, revision=number)
    except NotFound:
        return None
    values = values_of(from_content(page.content, known_codes(session)))
    return values | {
        "industries": tuple(typed.value("seen_industries").split()),
        "valid_until": typed.value("seen_valid_until"),
        "addressed_zone": typed.value("seen_addressed_zone"),
    }


def resolve_owner(session: Session, typed: str | None, owners: tuple[OrganisationRef, ...]) -> str | None:
    """The owner's public id for what was chosen or typed: an id, a name in any spelling, or a credit code.

    Raises `InvalidInput`.
    """
    if typed is None or any(each.public_id == typed for each in owners):
        return typed
    try:
        found = organisations.find(session, code=typed, name=typed)
    except InvalidInput:
        raise InvalidInput(FieldError("organisation", "ambiguous")) from None
    if found is None:
        raise InvalidInput(FieldError("organisation", "unknown_code", {"value": shown(typed)}))
    return found.public_id
