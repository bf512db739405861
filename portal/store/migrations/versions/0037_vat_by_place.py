"""Let a tax rate lead to a VAT code for each place, a company have its own, and a mapping say its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SOURCE = ["connection_id", "kind", "source_id"]
ONCE = "uq_mapping_connection_id_kind_source_id"
ANYWHERE = sa.text("place IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("mapping") as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("reason_values", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.drop_constraint(ONCE, type_="unique")

    with op.batch_alter_table("mapping") as batch_op:
        batch_op.alter_column("reason_values", server_default=None)

    op.create_index(
        "uq_mapping_anywhere",
        "mapping",
        SOURCE,
        unique=True,
        sqlite_where=ANYWHERE,
        postgresql_where=ANYWHERE,
    )
    op.create_index("uq_mapping_place", "mapping", [*SOURCE, "place"], unique=True)
    op.create_table(
        "customer_vat",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_customer_vat_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("connection_id", "company_id", "source_id", name=op.f("pk_customer_vat")),
    )


def downgrade() -> None:
    op.drop_table("customer_vat")
    op.drop_index("uq_mapping_place", table_name="mapping")
    op.drop_index("uq_mapping_anywhere", table_name="mapping")

    # What is for one place only cannot be told before places were known.
    rows = sa.table("mapping", sa.column("place", sa.String()))
    op.execute(rows.delete().where(rows.c.place.is_not(None)))

    with op.batch_alter_table("mapping") as batch_op:
        batch_op.create_unique_constraint(ONCE, SOURCE)
        batch_op.drop_column("reason_values")
        batch_op.drop_column("reason")
        batch_op.drop_column("place")
