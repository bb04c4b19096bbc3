"""Organisations, people, what a person may act as, sessions, and the contact data that no index ever sees."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, enum_type, new_public_id


class Role(StrEnum):
    PROVIDER = "provider"
    SEEKER = "seeker"
    BROKER = "broker"
    ZONE_STAFF = "zone_staff"
    ADMINISTRATOR = "administrator"


class Organisation(Base, table=True):
    """`name_key` is `search.text.comparison_key(name)`; `shadow` marks one that a sheet named and nobody has claimed.

    Nobody acts for one that is not `active`; what it has published stays.
    """

    __tablename__ = "organisation"
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    name: str = Field(max_length=120)
    name_key: str = Field(max_length=120, index=True)
    name_en: str = Field(default="", max_length=160)
    kind: str = Field(max_length=20)
    credit_code: str | None = Field(default=None, max_length=18, unique=True)
    zone_id: int | None = Field(default=None, foreign_key="zone.id", index=True)
    city: str = Field(default="", max_length=40)
    shadow: bool = False
    active: bool = True
    version: int = 1
    demo: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class Person(Base, table=True):
    """`login` is an e-mail address or a name chosen by the administrator, compared in lower case. Whoever signs in with a
    `one_time_password` chooses another before anything else."""

    __tablename__ = "person"
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    login: str = Field(max_length=120, unique=True)
    name: str = Field(max_length=60)
    password_hash: str = Field(max_length=200)
    one_time_password: bool = False
    active: bool = True
    demo: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class Membership(Base, table=True):
    """A role of a person: providers and seekers act for an organisation, brokers and staff for a zone, administrators for all."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint(
            "(role IN ('provider', 'seeker') AND organisation_id IS NOT NULL AND zone_id IS NULL)"
            " OR (role IN ('broker', 'zone_staff') AND zone_id IS NOT NULL)"
            " OR (role = 'administrator' AND zone_id IS NULL)",
            name="scope_fits_role",
        ),
        sa.UniqueConstraint("person_id", "role", "organisation_id", "zone_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=enum_type(Role, "role"))
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    zone_id: int | None = Field(default=None, foreign_key="zone.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class LoginSession(Base, table=True):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "login_session"
    token_digest: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Attempt(Base, table=True):
    """A counter in a window, shared by all processes (law 10): sign-in attempts by account and by address."""

    __tablename__ = "attempt"
    key: str = Field(primary_key=True, max_length=160)
    window_began_at: datetime = Field(sa_type=UtcDateTime)
    count: int = 0


class Contact(Base, table=True):
    """Contact data of a listing or an organisation. Never indexed, embedded, logged or shown to visitors."""

    __tablename__ = "contact"
    __table_args__ = (
        sa.CheckConstraint("(listing_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
        sa.UniqueConstraint("listing_id", "kind"),
        sa.UniqueConstraint("organisation_id", "kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int | None = Field(default=None, foreign_key="listing.id", index=True, ondelete="CASCADE")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=20)
    value: str = Field(max_length=300)
