"""grading

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grading_draw",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.String(length=20), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("drawn_by IN ('chance', 'worth')", name=op.f("ck_grading_draw_drawn_by")),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_grading_draw_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["result_id"], ["listing.id"], name=op.f("fk_grading_draw_result_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_grading_draw_zone_id")),
        sa.PrimaryKeyConstraint("zone_id", "day", "place", name=op.f("pk_grading_draw")),
        sa.UniqueConstraint("zone_id", "day", "need_id", "result_id", name=op.f("uq_grading_draw_zone_id_day_need_id_result_id")),
    )
    op.create_index(op.f("ix_grading_draw_need_id"), "grading_draw", ["need_id"])
    op.create_index(op.f("ix_grading_draw_result_id"), "grading_draw", ["result_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_grading_draw_result_id"), table_name="grading_draw")
    op.drop_index(op.f("ix_grading_draw_need_id"), table_name="grading_draw")
    op.drop_table("grading_draw")
