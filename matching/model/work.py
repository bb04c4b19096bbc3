"""The outbox, stored vectors, the audit trail, import batches and other long work, and the installation's own notes."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, new_public_id


class Job(Base, table=True):
    """Work that a transaction asks for (law 2). Deleted only when its effect was verified.

    `lane` 0 is what a person waits for, 1 is bulk. At most one waiting job a (kind, key): `token` is the job's own key
    while it waits and becomes unique again when it is claimed, so that work asked for meanwhile is a new job.
    """

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_claim", "lane", "available_at", "id"), sa.UniqueConstraint("token"))
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=30)
    key: str = Field(max_length=60, index=True)
    token: str = Field(max_length=120)
    lane: int = 0
    payload: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    available_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease: str | None = Field(default=None, max_length=40, index=True)
    attempts: int = 0
    last_error: str = Field(default="", max_length=500)


class StoredVector(Base, table=True):
    """float32 little-endian bytes of a unit vector, by content hash (role and text) and recipe fingerprint (law 1)."""

    __tablename__ = "stored_vector"
    content_hash: str = Field(max_length=40, primary_key=True)
    recipe: str = Field(max_length=40, primary_key=True)
    vector: bytes


class AuditEntry(Base, table=True):
    """Who did what to what, when. `digest` is SHA-256 over the entry's canonical JSON: a changed row no longer fits."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=40)
    action: str = Field(max_length=40)
    subject_kind: str = Field(max_length=30)
    subject_id: str = Field(max_length=40)
    details: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    digest: str = Field(max_length=64)


class ImportBatch(Base, table=True):
    """One uploaded sheet. Its plan (the rows) is immutable once `planned`: preview and commit choose the same rows.

    States: asking (headings or units wait for an answer), reading, planned, committing, done; failed, cancelled, replaced
    (by another plan of the same sheet, `replaced_by`); undoing, undone.
    Counters: `read_rows` of `total_rows` are planned, `done_rows` settled by the commit, `written_rows` of them written,
    `undone_rows` of those settled by the undo. `columns` are `matching.imports.headings.Column` as JSON; `sheets` the sheets of
    the file that could be meant, `sheet` the one that is. `existing` (update, skip) and `similar` (take, leave) are the policy.
    """

    __tablename__ = "import_batch"
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    kind: str = Field(max_length=20)
    file_name: str = Field(max_length=200)
    file_digest: str = Field(max_length=64)
    state: str = Field(max_length=20)
    zone_id: int | None = Field(default=None, foreign_key="zone.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    created_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    committed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undo_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undo_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sheets: list[dict[str, object]] = Field(default_factory=list, sa_type=sa.JSON)
    sheet: int = 0
    pictures: int = 0
    existing: str = Field(default="update", max_length=10)
    similar: str = Field(default="take", max_length=10)
    total_rows: int = 0
    read_rows: int = 0
    done_rows: int = 0
    written_rows: int = 0
    undone_rows: int = 0
    counts: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    columns: list[dict[str, object]] = Field(default_factory=list, sa_type=sa.JSON)
    problem: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    replaced_by: str = Field(default="", max_length=20)
    demo: bool = False


class ImportRow(Base, table=True):
    """One row of the plan: its verdict (new, update, skip, error), the reasons, and what became of it.

    `flagged`: something like it is there already. What an undo goes by: `revision` is the one that the commit wrote, `mark`
    the newest audit entry then, `before` what an update found (contact data in `ImportContact`), `made_id` the
    organisation that was made for the row. `outcome` of the undo: removed, restored, kept.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "number"),
        sa.Index("ix_import_row_verdict", "batch_id", "verdict"),
    )
    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="import_batch.id", ondelete="CASCADE")
    number: int
    verdict: str = Field(max_length=10)
    reasons: list[dict[str, object]] = Field(default_factory=list, sa_type=sa.JSON)
    title: str = Field(default="", max_length=200)
    owner: str = Field(default="", max_length=120)
    key: str = Field(default="", max_length=330, index=True)
    payload: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    listing_id: int | None = Field(default=None, foreign_key="listing.id", ondelete="SET NULL", index=True)
    base_version: int | None = None
    done: bool = False
    flagged: bool = False
    sketch: bytes | None = None
    revision: int | None = None
    mark: int | None = None
    before: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    made_id: int | None = Field(default=None, foreign_key="organisation.id", ondelete="SET NULL", index=True)
    outcome: str = Field(default="", max_length=10)


class ImportContact(Base, table=True):
    """Contact data of a listing as an import found it, for the undo; kept no longer than that is offered."""

    __tablename__ = "import_contact"
    row_id: int = Field(foreign_key="import_row.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(max_length=20, primary_key=True)
    value: str = Field(max_length=300)


class ImportAnswer(Base, table=True):
    """What a heading or its unit was said to mean, by whoever imports in this name: proposed the next time.

    `scope` is `zone:` with a code, `organisation:` with a public id, or empty. `unit` is `元`, `万元` or nothing.
    """

    __tablename__ = "import_answer"
    scope: str = Field(max_length=60, primary_key=True)
    kind: str = Field(max_length=20, primary_key=True)
    heading_key: str = Field(max_length=60, primary_key=True)
    target: str = Field(max_length=40)
    unit: str = Field(default="", max_length=10)


OPEN_TASK: Final = ("waiting", "running")


class Task(Base, table=True):
    """One long work beside imports: a zone's re-match, a rebuilt index, the gate, everything embedded anew.

    `kind` and `key` (a zone's code, a recipe, `now`) are those of its job. States: waiting, running, done, failed,
    cancelled; at most one of a kind and key is open. `done` of `total` count within `stage`. `cursor` is where a work that
    is done in slices goes on. `figures` is its outcome, `problem` the code of why it failed or is tried again.
    """

    __tablename__ = "task"
    __table_args__ = (
        sa.Index(
            "uq_task_open",
            "kind",
            "key",
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        sa.CheckConstraint("done >= 0 AND total >= 0", name="counts"),
    )
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    kind: str = Field(max_length=20)
    key: str = Field(max_length=60)
    state: str = Field(default="waiting", max_length=20, index=True)
    stage: str = Field(default="", max_length=20)
    done: int = 0
    total: int = 0
    cursor: int = 0
    attempts: int = 0
    zone_id: int | None = Field(default=None, foreign_key="zone.id", index=True)
    asked_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_asked_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    figures: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    problem: str = Field(default="", max_length=200)
    retry_of_id: int | None = Field(default=None, foreign_key="task.id", ondelete="SET NULL")


class Pace(Base, table=True):
    """How fast a long work went lately: `marks` are (seconds since `since`, units done) of one stage, oldest first.

    The key is the work's public id, or `index` for the bulk lane of the index, where `done` only grows.
    """

    __tablename__ = "pace"
    key: str = Field(max_length=60, primary_key=True)
    stage: str = Field(default="", max_length=20)
    since: datetime = Field(sa_type=UtcDateTime)
    marks: list[list[float]] = Field(default_factory=list, sa_type=sa.JSON)


class Note(Base, table=True):
    """A fact about the installation: which seed was loaded, whether the demonstration is in."""

    __tablename__ = "note"
    key: str = Field(max_length=60, primary_key=True)
    value: str = Field(max_length=500)
