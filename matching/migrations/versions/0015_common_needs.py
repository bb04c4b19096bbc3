"""common needs

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "common_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "accepted", "dismissed", name="common_state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_common_need_decided")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_common_need_zone_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_common_need_decided_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["draft_id"], ["listing.id"], name=op.f("fk_common_need_draft_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_common_need")),
        sa.UniqueConstraint("public_id", name=op.f("uq_common_need_public_id")),
    )
    op.create_index(op.f("ix_common_need_zone_id"), "common_need", ["zone_id"])
    op.create_index(op.f("ix_common_need_draft_id"), "common_need", ["draft_id"])
    op.create_table(
        "common_need_source",
        sa.Column("common_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["common_id"], ["common_need.id"], name=op.f("fk_common_need_source_common_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_common_need_source_listing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("common_id", "listing_id", name=op.f("pk_common_need_source")),
    )
    op.create_index(op.f("ix_common_need_source_listing_id"), "common_need_source", ["listing_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_common_need_source_listing_id"), table_name="common_need_source")
    op.drop_table("common_need_source")
    op.drop_index(op.f("ix_common_need_draft_id"), table_name="common_need")
    op.drop_index(op.f("ix_common_need_zone_id"), table_name="common_need")
    op.drop_table("common_need")
