"""Results and needs: one listing, immutable revisions, and what hangs on a revision.

A listing is what has a number, a state and an owner. Its words live in revisions, which are never changed: an edit is a
new one, and `published_revision` names the one that others read. Industries hang on the listing, because confirming a
suggestion changes no word of the text.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Field, col

from matching.model.base import Base, UtcDateTime, enum_type, new_public_id


class ListingKind(StrEnum):
    RESULT = "result"
    NEED = "need"


class ListingState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    PUBLISHED = "published"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Layer(StrEnum):
    """Who may read a field, from everyone to the listing's own people and the staff in charge. D adds the layers after
    mutual interest and after an NDA between the second and the last."""

    PUBLIC = "public"
    REGISTERED = "registered"
    OWN = "own"


class TagState(StrEnum):
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Listing(Base, table=True):
    """`document_revision` is raised in every transaction that enqueues its index job (a rename or an expiry changes the
    document too, so it is not the text's revision); `version` guards against two editors at once."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.Index("ix_listing_kind_state", "kind", "state"),
        sa.CheckConstraint("state <> 'published' OR published_revision IS NOT NULL", name="published_has_text"),
        {"sqlite_autoincrement": True},  # an undone import's ids are not given again: sides in memory are kept by id
    )
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    kind: ListingKind = Field(sa_type=enum_type(ListingKind, "kind"))
    number: str | None = Field(default=None, max_length=30, unique=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    addressed_zone_id: int | None = Field(default=None, foreign_key="zone.id", index=True)
    state: ListingState = Field(sa_type=enum_type(ListingState, "state"))
    revision: int = 1
    published_revision: int | None = None
    document_revision: int = 0
    version: int = 1
    valid_until: date | None = Field(default=None, index=True)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    demo: bool = Field(default=False, index=True)


class Revision(Base, table=True):
    """One immutable version of a listing's words and figures.

    `texts` maps a text field of `matching.model.fields` to its text, `layers` every field in use to the layer it was
    published under. Money is integer fen; both bounds empty means 面议 (by negotiation). `maturity` is a code of the list
    `maturity`; `trl_low`/`trl_high` come from its crosswalk or from a stated level. `declined` are figures that were
    proposed from the text and turned down (`matching.proposals`).
    """

    __tablename__ = "revision"
    __table_args__ = (
        sa.UniqueConstraint("listing_id", "number"),
        sa.CheckConstraint("price_min_fen IS NULL OR price_min_fen >= 0", name="price_min"),
        sa.CheckConstraint(
            "price_max_fen IS NULL OR (price_max_fen >= 0 AND price_max_fen >= COALESCE(price_min_fen, 0))",
            name="price_max",
        ),
        sa.CheckConstraint("trl_low IS NULL OR (trl_low BETWEEN 1 AND 13)", name="trl_low"),
        sa.CheckConstraint("trl_high IS NULL OR (trl_high BETWEEN trl_low AND 13)", name="trl_high"),
    )
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    number: int
    title: str = Field(max_length=200)
    title_key: str = Field(max_length=200, index=True)
    texts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    layers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    maturity: str | None = Field(default=None, max_length=30)
    trl_low: int | None = None
    trl_high: int | None = None
    price_min_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    price_max_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    need_type: str | None = Field(default=None, max_length=30)
    completed_on: date | None = None
    wanted_by: date | None = None
    delivery_on: date | None = None
    acceptance_on: date | None = None
    declined: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


PUBLISHED_WORDS: Final = (col(Revision.listing_id) == col(Listing.id)) & (col(Revision.number) == col(Listing.published_revision))
"""What joins a listing with the revision that is published."""
NEWEST_WORDS: Final = (col(Revision.listing_id) == col(Listing.id)) & (col(Revision.number) == col(Listing.revision))
"""What joins a listing with its newest revision."""


class RevisionIndicator(Base, table=True):
    """A technical indicator: `<=` and `<` use `high`, `>=` and `>` use `low`, `=` both, `range` both bounds."""

    __tablename__ = "revision_indicator"
    __table_args__ = (sa.UniqueConstraint("revision_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", ondelete="CASCADE")
    position: int
    name: str = Field(max_length=80)
    comparator: str = Field(max_length=8)
    low: float | None = None
    high: float | None = None
    unit: str = Field(default="", max_length=30)
    evidence: str = Field(default="", max_length=120)


class RevisionIp(Base, table=True):
    """An intellectual property right behind a result. `number_key` is `search.text.number_key(number)`."""

    __tablename__ = "revision_ip"
    __table_args__ = (sa.UniqueConstraint("revision_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", ondelete="CASCADE")
    position: int
    kind: str = Field(max_length=30)
    title: str = Field(default="", max_length=200)
    number: str = Field(default="", max_length=60)
    number_key: str = Field(default="", max_length=60, index=True)
    status: str = Field(default="", max_length=30)
    filed_on: date | None = None
    granted_on: date | None = None
    holders: str = Field(default="", max_length=200)
    ipc: str = Field(default="", max_length=60)


class RevisionAmount(Base, table=True):
    """A sum of a revision beside its price, by the code of its field: integer fen, at least one bound given."""

    __tablename__ = "revision_amount"
    __table_args__ = (
        sa.CheckConstraint("low_fen IS NOT NULL OR high_fen IS NOT NULL", name="given"),
        sa.CheckConstraint("low_fen IS NULL OR low_fen >= 0", name="low"),
        sa.CheckConstraint("high_fen IS NULL OR (high_fen >= 0 AND high_fen >= COALESCE(low_fen, 0))", name="high"),
    )
    revision_id: int = Field(foreign_key="revision.id", ondelete="CASCADE", primary_key=True)
    field: str = Field(max_length=30, primary_key=True)
    low_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    high_fen: int | None = Field(default=None, sa_type=sa.BigInteger)


class RevisionTag(Base, table=True):
    """One value of a code list on a revision: cooperation modes, the policy's tags, languages."""

    __tablename__ = "revision_tag"
    revision_id: int = Field(foreign_key="revision.id", ondelete="CASCADE", primary_key=True)
    list_code: str = Field(max_length=30, primary_key=True)
    code: str = Field(max_length=30, primary_key=True)


class ListingIndustry(Base, table=True):
    """An industry of a listing: suggested (shown as 待确认, and used), confirmed or rejected, and why."""

    __tablename__ = "listing_industry"
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True)
    industry_id: int = Field(foreign_key="industry.id", primary_key=True, index=True)
    state: TagState = Field(sa_type=enum_type(TagState, "tag_state"))
    source: str = Field(max_length=20)
    confidence: float = 0.0
    reason: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Review(Base, table=True):
    """What the staff said of a submitted revision: published, or sent back with reasons by field."""

    __tablename__ = "review"
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    revision: int
    decision: str = Field(max_length=20)
    reasons: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    reviewer_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class ReviewTake(Base, table=True):
    """A waiting text that one of several zones in charge has taken to decide on, until `until`; the others see by whom."""

    __tablename__ = "review_take"
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True)
    zone_id: int = Field(foreign_key="zone.id")
    person_id: int = Field(foreign_key="person.id")
    taken_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)


class NumberSeries(Base, table=True):
    """The last listing number given in a year: R-2026-0412, N-2026-0090."""

    __tablename__ = "number_series"
    prefix: str = Field(max_length=4, primary_key=True)
    year: int = Field(primary_key=True)
    last: int = 0


class TypedForm(Base, table=True):
    """What somebody is typing into a listing's form, as typed: saved as he types, his alone, gone once the form is taken.

    `listing_id` is None for a listing that does not exist yet. `values` are name and text in the form's order. It holds
    contact data, and is forgotten after a while.
    """

    __tablename__ = "typed_form"
    __table_args__ = (sa.Index("ix_typed_form_person_listing", "person_id", "listing_id"),)
    key: str = Field(primary_key=True, max_length=40)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    kind: ListingKind = Field(sa_type=enum_type(ListingKind, "kind"))
    listing_id: int | None = Field(default=None, foreign_key="listing.id", ondelete="CASCADE", index=True)
    title: str = Field(default="", max_length=200)
    values: list[list[str]] = Field(default_factory=list, sa_type=sa.JSON)
    saved_at: datetime = Field(sa_type=UtcDateTime, index=True)


class PairLook(Base, table=True):
    """The pairs of a listing that a person has looked at: ids of the other listings. What is not among them is new to him."""

    __tablename__ = "pair_look"
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True)
    seen: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    looked_at: datetime = Field(sa_type=UtcDateTime)


class FormReceipt(Base, table=True):
    """A form that was taken: the same form token a second time (double click, reload) leads to what the first made."""

    __tablename__ = "form_receipt"
    token: str = Field(max_length=40, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    target: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
