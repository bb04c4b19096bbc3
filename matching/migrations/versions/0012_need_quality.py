"""need quality

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.add_column(sa.Column("need_quality", sa.Integer(), nullable=False, server_default="45"))
        batch_op.add_column(sa.Column("returns_vague", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_check_constraint(batch_op.f("ck_zone_need_quality_in_range"), "need_quality BETWEEN 0 AND 100")


def downgrade() -> None:
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_zone_need_quality_in_range"), type_="check")
        batch_op.drop_column("returns_vague")
        batch_op.drop_column("need_quality")
