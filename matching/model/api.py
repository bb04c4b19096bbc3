"""What the API keeps: tokens by their digest, and answers to requests that must happen once though they are sent twice."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, new_public_id


class ApiToken(Base, table=True):
    """A key that a person made for a program. Only the digest of the secret is kept; `scopes` narrow what its holder may do."""

    __tablename__ = "api_token"
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    digest: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=80)
    scopes: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiAnswer(Base, table=True):
    """The answer to a request that carried an idempotency key. `status` is NULL while the request is being worked on;
    `claim` tells two such requests apart."""

    __tablename__ = "api_answer"
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(max_length=200, primary_key=True)
    request_digest: str = Field(max_length=64)
    claim: str = Field(max_length=40)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    body: str = ""
