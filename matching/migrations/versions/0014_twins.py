"""twins

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("revision_sketch")  # made again where missing, by the job that a start asks for, as rows of print_key
    op.create_table(
        "print_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_print_key_revision_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "revision_id", name=op.f("pk_print_key")),
    )
    op.create_index(op.f("ix_print_key_revision_id"), "print_key", ["revision_id"])
    op.create_table(
        "twin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "same", "different", name="twin_state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_twin_order")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_twin_decided")),
        sa.ForeignKeyConstraint(["first_id"], ["listing.id"], name=op.f("fk_twin_first_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["second_id"], ["listing.id"], name=op.f("fk_twin_second_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_twin_decided_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_twin")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_twin_first_id_second_id")),
    )
    op.create_index(op.f("ix_twin_second_id"), "twin", ["second_id"])
    op.create_index(op.f("ix_twin_state"), "twin", ["state"])


def downgrade() -> None:
    op.drop_index(op.f("ix_twin_state"), table_name="twin")
    op.drop_index(op.f("ix_twin_second_id"), table_name="twin")
    op.drop_table("twin")
    op.drop_index(op.f("ix_print_key_revision_id"), table_name="print_key")
    op.drop_table("print_key")
    op.execute("DELETE FROM note WHERE key = 'prints'")
    op.execute("DELETE FROM job WHERE kind = 'prints'")
    op.create_table(
        "revision_sketch",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_sketch_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_revision_sketch")),
    )
