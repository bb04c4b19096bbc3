"""long_work

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )
    op.create_table(
        "bulk_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('confirmed', 'rejected')", name=op.f("ck_bulk_decision_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_decision_person_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_bulk_decision_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_decision_public_id")),
    )
    with op.batch_alter_table("bulk_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_decision_person_id"), ["person_id"], unique=False)
    op.create_table(
        "bulk_decision_item",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("industry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["bulk_decision.id"], name=op.f("fk_bulk_decision_item_decision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_bulk_decision_item_listing_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["industry_id"], ["industry.id"], name=op.f("fk_bulk_decision_item_industry_id")),
        sa.PrimaryKeyConstraint("decision_id", "listing_id", "industry_id", name=op.f("pk_bulk_decision_item")),
    )
    with op.batch_alter_table("bulk_decision_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_decision_item_listing_id"), ["listing_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("retry_of_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_task_state")),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_task_counts")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_task_zone_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_task_asked_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["cancel_asked_by_id"], ["person.id"], name=op.f("fk_task_cancel_asked_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["retry_of_id"], ["task.id"], name=op.f("fk_task_retry_of_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("public_id", name=op.f("uq_task_public_id")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_zone_id"), ["zone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index("uq_task_open", ["kind", "key"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("task")
    op.drop_table("pace")
    op.drop_table("bulk_decision_item")
    op.drop_table("bulk_decision")
