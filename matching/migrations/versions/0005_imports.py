"""imports

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = sa.table(
    "import_batch",
    sa.column("id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("columns", sa.JSON),
    sa.column("problem", sa.JSON),
)


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        for name in ("read_at", "committed_at", "undo_at", "undo_until"):
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("sheets", sa.JSON(), nullable=False, server_default="[]"))
        for name in ("sheet", "pictures", "written_rows", "undone_rows"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("existing", sa.String(length=10), nullable=False, server_default="update"))
        batch.add_column(sa.Column("similar", sa.String(length=10), nullable=False, server_default="take"))
        batch.add_column(sa.Column("replaced_by", sa.String(length=20), nullable=False, server_default=""))
    with op.batch_alter_table("import_row") as batch:
        batch.add_column(sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("sketch", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("mark", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("before", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("made_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("outcome", sa.String(length=10), nullable=False, server_default=""))
        batch.create_index("ix_import_row_made_id", ["made_id"])
        batch.create_foreign_key("fk_import_row_made_id", "organisation", ["made_id"], ["id"], ondelete="SET NULL")
    # What the defaults filled, the models fill from now on.
    with op.batch_alter_table("import_batch") as batch:
        for name in ("sheets", "sheet", "pictures", "written_rows", "undone_rows", "existing", "similar", "replaced_by"):
            batch.alter_column(name, server_default=None)
    with op.batch_alter_table("import_row") as batch:
        for name in ("flagged", "before", "outcome"):
            batch.alter_column(name, server_default=None)
    op.create_table(
        "import_contact",
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["row_id"], ["import_row.id"], name=op.f("fk_import_contact_row_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("row_id", "kind", name=op.f("pk_import_contact")),
    )
    op.create_table(
        "import_answer",
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("heading_key", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("scope", "kind", "heading_key", name=op.f("pk_import_answer")),
    )
    op.create_table(
        "revision_sketch",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_sketch_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_revision_sketch")),
    )
    _columns_as_list()


def _columns_as_list() -> None:
    """Heading → target becomes one entry a column. The place in the sheet was kept in the staged file alone, so a sheet that
    is being read is begun again by its owner."""
    connection = op.get_bind()
    for id_, state, columns in connection.execute(sa.select(_BATCH.c.id, _BATCH.c.state, _BATCH.c.columns)).all():
        listed = [
            {"index": at, "heading": heading, "target": target, "rank": 0, "unit": ""}
            for at, (heading, target) in enumerate(columns.items())
        ]
        values: dict[str, object] = {"columns": listed}
        if state == "reading":
            values |= {"state": "failed", "problem": {"code": "import_file_gone", "params": {}}}
        connection.execute(sa.update(_BATCH).where(_BATCH.c.id == id_).values(values))


def downgrade() -> None:
    connection = op.get_bind()
    for id_, columns in connection.execute(sa.select(_BATCH.c.id, _BATCH.c.columns)).all():
        named = {each["heading"]: each["target"] for each in columns}
        connection.execute(sa.update(_BATCH).where(_BATCH.c.id == id_).values(columns=named))
    op.drop_table("revision_sketch")
    op.drop_table("import_answer")
    op.drop_table("import_contact")
    with op.batch_alter_table("import_row") as batch:
        batch.drop_constraint("fk_import_row_made_id", type_="foreignkey")
        batch.drop_index("ix_import_row_made_id")
        for name in ("outcome", "made_id", "before", "mark", "revision", "sketch", "flagged"):
            batch.drop_column(name)
    with op.batch_alter_table("import_batch") as batch:
        for name in (
            "replaced_by", "similar", "existing", "undone_rows", "written_rows", "pictures", "sheet", "sheets", "undo_until", "undo_at",
            "committed_at", "read_at",
        ):
            batch.drop_column(name)
