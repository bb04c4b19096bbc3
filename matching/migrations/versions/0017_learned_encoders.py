"""learned encoders

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learned_encoder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("folder", sa.String(length=40), nullable=False),
        sa.Column("base_digest", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.String(length=40), nullable=False),
        sa.Column("spread", sa.Float(), nullable=False),
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
            "state IN ('candidate', 'refused', 'in_force', 'retired')", name=op.f("ck_learned_encoder_state")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["learned_encoder.id"], name=op.f("fk_learned_encoder_base_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_learned_encoder_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_learned_encoder_ended_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_encoder")),
        sa.UniqueConstraint("public_id", name=op.f("uq_learned_encoder_public_id")),
    )
    op.create_index(op.f("ix_learned_encoder_state"), "learned_encoder", ["state"])
    in_force = sa.text("state = 'in_force'")
    op.create_index(
        "uq_learned_encoder_in_force", "learned_encoder", ["state"], unique=True,
        sqlite_where=in_force, postgresql_where=in_force,
    )  # fmt: skip
    op.create_table(
        "shadow_pair",
        sa.Column("encoder_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["encoder_id"], ["learned_encoder.id"], name=op.f("fk_shadow_pair_encoder_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_shadow_pair_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["result_id"], ["listing.id"], name=op.f("fk_shadow_pair_result_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_shadow_pair_zone_id")),
        sa.PrimaryKeyConstraint("encoder_id", "zone_id", "need_id", "result_id", name=op.f("pk_shadow_pair")),
    )


def downgrade() -> None:
    op.drop_table("shadow_pair")
    op.drop_table("learned_encoder")
