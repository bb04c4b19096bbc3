"""lanes

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SPEAKER = (
    "(source = 'staff' AND zone_id IS NOT NULL AND organisation_id IS NULL)"
    " OR (source = 'owner' AND zone_id IS NULL AND organisation_id IS NOT NULL)"
)


def upgrade() -> None:
    op.drop_table("zone_matching")
    op.create_table(
        "matching_version",
        sa.Column("place", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_matching_version")),
    )
    with op.batch_alter_table("match") as batch:
        batch.add_column(sa.Column("found_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE match SET found_at = computed_at")
    with op.batch_alter_table("match") as batch:
        batch.alter_column("found_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("zone_id", existing_type=sa.Integer(), nullable=True)
        batch.create_check_constraint(op.f("ck_match_lane"), "lane IN ('industry', 'outside_result', 'outside_need')")
        batch.create_check_constraint(op.f("ck_match_pool_lane"), "zone_id IS NOT NULL OR lane = 'industry'")
    op.create_index(
        "uq_match_pool",
        "match",
        ["need_id", "result_id", "audience"],
        unique=True,
        sqlite_where=sa.text("zone_id IS NULL"),
        postgresql_where=sa.text("zone_id IS NULL"),
    )
    with op.batch_alter_table("verdict") as batch:
        batch.alter_column("zone_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_verdict_organisation_id"), "organisation", ["organisation_id"], ["id"])
        batch.create_check_constraint(op.f("ck_verdict_speaker"), SPEAKER)
        batch.create_check_constraint(op.f("ck_verdict_owner_grade"), "source <> 'owner' OR grade IS NULL OR grade IN (0, 2)")
        batch.create_index(op.f("ix_verdict_organisation_id"), ["organisation_id"])
    op.create_table(
        "review_take",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_review_take_listing_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_take_person_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_review_take_zone_id")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_review_take")),
    )
    op.create_table(
        "pool_taking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_pool_taking_listing_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pool_taking_person_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_pool_taking_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_taking")),
    )
    op.create_index(op.f("ix_pool_taking_listing_id"), "pool_taking", ["listing_id"])


def downgrade() -> None:
    """What only the newer schema can say goes: owners' words, and the matches outside an industry and in the pool."""
    op.drop_table("pool_taking")
    op.drop_table("review_take")
    op.execute("DELETE FROM verdict WHERE source = 'owner' AND undoes_id IS NOT NULL")
    op.execute("DELETE FROM verdict WHERE source = 'owner'")
    with op.batch_alter_table("verdict") as batch:
        batch.drop_index(op.f("ix_verdict_organisation_id"))
        batch.drop_constraint(op.f("ck_verdict_owner_grade"), type_="check")
        batch.drop_constraint(op.f("ck_verdict_speaker"), type_="check")
        batch.drop_constraint(op.f("fk_verdict_organisation_id"), type_="foreignkey")
        batch.drop_column("organisation_id")
        batch.alter_column("zone_id", existing_type=sa.Integer(), nullable=False)
    op.execute("DELETE FROM match WHERE lane <> 'industry' OR zone_id IS NULL")
    op.drop_index("uq_match_pool", table_name="match")
    with op.batch_alter_table("match") as batch:
        batch.drop_constraint(op.f("ck_match_pool_lane"), type_="check")
        batch.drop_constraint(op.f("ck_match_lane"), type_="check")
        batch.alter_column("zone_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_column("found_at")
    op.drop_table("matching_version")
    op.create_table(
        "zone_matching",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_zone_matching_zone_id")),
        sa.PrimaryKeyConstraint("zone_id", name=op.f("pk_zone_matching")),
    )
