"""fields: sums and days of a tender, figures turned down, forms being typed, pairs looked at

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revision_amount",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("low_fen", sa.BigInteger(), nullable=True),
        sa.Column("high_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("low_fen IS NOT NULL OR high_fen IS NOT NULL", name=op.f("ck_revision_amount_given")),
        sa.CheckConstraint("low_fen IS NULL OR low_fen >= 0", name=op.f("ck_revision_amount_low")),
        sa.CheckConstraint(
            "high_fen IS NULL OR (high_fen >= 0 AND high_fen >= COALESCE(low_fen, 0))",
            name=op.f("ck_revision_amount_high"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_amount_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", "field", name=op.f("pk_revision_amount")),
    )
    with op.batch_alter_table("revision", schema=None) as batch:
        batch.add_column(sa.Column("delivery_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("acceptance_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("declined", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("revision", schema=None) as batch:
        batch.alter_column("declined", existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    op.create_table(
        "typed_form",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("result", "need", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_typed_form_listing_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_typed_form_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_typed_form")),
    )
    with op.batch_alter_table("typed_form", schema=None) as batch:
        batch.create_index(batch.f("ix_typed_form_listing_id"), ["listing_id"], unique=False)
        batch.create_index("ix_typed_form_person_listing", ["person_id", "listing_id"], unique=False)
        batch.create_index(batch.f("ix_typed_form_saved_at"), ["saved_at"], unique=False)
    op.create_table(
        "pair_look",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_pair_look_listing_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pair_look_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "listing_id", name=op.f("pk_pair_look")),
    )


def downgrade() -> None:
    op.drop_table("pair_look")
    with op.batch_alter_table("typed_form", schema=None) as batch:
        batch.drop_index(batch.f("ix_typed_form_saved_at"))
        batch.drop_index("ix_typed_form_person_listing")
        batch.drop_index(batch.f("ix_typed_form_listing_id"))
    op.drop_table("typed_form")
    with op.batch_alter_table("revision", schema=None) as batch:
        batch.drop_column("declined")
        batch.drop_column("acceptance_on")
        batch.drop_column("delivery_on")
    op.drop_table("revision_amount")
