"""What somebody who types may mean: the keys by which titles, organisations and industry words are offered."""

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base


class Completion(Base, table=True):
    """A subject is found by any prefix of one of its keys (`search.text.beginnings`, which gives the lanes).

    `kind` is title, organisation or industry; `subject` the listing's or organisation's public id, or an industry's code and
    one of its words (`pv:光伏`). `audience` is the least that may read the subject's words, as of a document: `registered`
    readers are offered both. Texts are compared by code
    points on both databases, so that a prefix is a range. Disposable: made anew from the rows it speaks of.
    """

    __tablename__ = "completion"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('title', 'organisation', 'industry')", name="kind"),
        sa.CheckConstraint("audience IN ('public', 'registered')", name="audience"),
    )
    kind: str = Field(max_length=12, primary_key=True)
    lane: int = Field(primary_key=True)
    key: str = Field(max_length=48, primary_key=True)
    subject: str = Field(max_length=140, primary_key=True, index=True)
    audience: str = Field(max_length=12)
