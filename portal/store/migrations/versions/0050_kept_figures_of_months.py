"""Kept counts of payments and of differences by month, and an index of what runs copied of late."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYS = {
    "tally_payment": ("connection_id", "view", "decide_month", "currency"),
    "tally_payment_found": ("connection_id", "hour", "currency"),
    "tally_difference": ("subsidiary_id", "month", "currency"),
}
INDEXES = {
    "tally_payment": ["decide_month"],
    "tally_payment_found": ["hour"],
    "tally_difference": ["month", "subsidiary_id"],
}


def upgrade() -> None:
    for table, keys in KEYS.items():
        op.create_table(
            table,
            sa.Column("id", LARGE, nullable=False),
            *(sa.Column(name, _type_of(name), nullable=True) for name in keys),
            sa.Column("rows", LARGE, nullable=False),
            sa.Column("amount", LARGE, nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        columns = INDEXES[table]
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)

    where = sa.text("run_id IS NOT NULL")
    op.create_index(
        "ix_copy_run_finished", "copy", ["finished_at"], sqlite_where=where, postgresql_where=where
    )


def _type_of(name: str) -> sa.Integer | sa.String:
    return sa.Integer() if name == "connection_id" else sa.String()


def downgrade() -> None:
    op.drop_index("ix_copy_run_finished", "copy")
    for table in KEYS:
        op.drop_table(table)
