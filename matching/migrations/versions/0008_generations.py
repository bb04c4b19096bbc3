"""generations

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=40), nullable=False),
        sa.Column("vectors", sa.String(length=40), nullable=False),
        sa.Column("tokeniser", sa.String(length=80), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("gate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'building', 'serving', 'previous', 'gone', 'aborted')", name=op.f("ck_index_generation_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_generation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_index_generation_public_id")),
    )
    op.create_index(op.f("ix_index_generation_fingerprint"), "index_generation", ["fingerprint"])
    op.create_index(op.f("ix_index_generation_state"), "index_generation", ["state"])
    op.create_table(
        "set_aside",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("audience IN ('public', 'registered')", name=op.f("ck_set_aside_audience")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_set_aside_listing_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("listing_id", "audience", name=op.f("pk_set_aside")),
    )
    # Embedding everything anew is a part of building the index anew from here on; the next start asks for what is needed.
    op.execute("DELETE FROM job WHERE kind IN ('encoder', 'reindex')")
    op.execute(
        "UPDATE task SET state = 'cancelled', problem = 'overtaken', finished_at = asked_at"
        " WHERE kind IN ('encoder', 'reindex') AND state IN ('waiting', 'running')"
    )
    op.execute("UPDATE task SET kind = 'reindex' WHERE kind = 'encoder'")


def downgrade() -> None:
    op.drop_table("set_aside")
    op.drop_index(op.f("ix_index_generation_state"), table_name="index_generation")
    op.drop_index(op.f("ix_index_generation_fingerprint"), table_name="index_generation")
    op.drop_table("index_generation")
