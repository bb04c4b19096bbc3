"""learning

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learned_ranker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('candidate', 'refused', 'in_force', 'retired')", name=op.f("ck_learned_ranker_state")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["learned_ranker.id"], name=op.f("fk_learned_ranker_base_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_learned_ranker_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_learned_ranker_ended_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_learned_ranker_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_ranker")),
        sa.UniqueConstraint("public_id", name=op.f("uq_learned_ranker_public_id")),
    )
    op.create_index(op.f("ix_learned_ranker_state"), "learned_ranker", ["state"])
    for name, column, where in (
        ("uq_learned_ranker_zone", "zone_id", "state = 'in_force'"),
        ("uq_learned_ranker_common", "state", "state = 'in_force' AND zone_id IS NULL"),
    ):
        op.create_index(
            name, "learned_ranker", [column], unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "zone_weights",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_zone_weights_changed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_zone_weights_zone_id")),
        sa.PrimaryKeyConstraint("zone_id", name=op.f("pk_zone_weights")),
    )


def downgrade() -> None:
    op.drop_table("zone_weights")
    op.drop_table("learned_ranker")
