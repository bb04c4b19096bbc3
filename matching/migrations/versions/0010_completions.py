"""completions

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "completion",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.CheckConstraint("kind IN ('title', 'organisation', 'industry')", name=op.f("ck_completion_kind")),
        sa.CheckConstraint("audience IN ('public', 'registered')", name=op.f("ck_completion_audience")),
        sa.PrimaryKeyConstraint("kind", "lane", "key", "subject", name=op.f("pk_completion")),
    )
    op.create_index(op.f("ix_completion_subject"), "completion", ["subject"])


def downgrade() -> None:
    op.drop_index(op.f("ix_completion_subject"), table_name="completion")
    op.drop_table("completion")
