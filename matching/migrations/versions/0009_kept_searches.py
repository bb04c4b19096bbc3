"""kept searches

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_search",
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ranked", sa.JSON(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("near", sa.Integer(), nullable=True),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_kept_search")),
    )
    op.create_index(op.f("ix_kept_search_expires_at"), "kept_search", ["expires_at"])
    op.create_index("ix_kept_search_owner_created_at", "kept_search", ["owner", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_kept_search_owner_created_at", table_name="kept_search")
    op.drop_index(op.f("ix_kept_search_expires_at"), table_name="kept_search")
    op.drop_table("kept_search")
