"""Kept counts of lines by what they use, and of invoices by company."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: dict[str, sa.types.TypeEngine[Any]] = {"is_open": sa.Boolean()}
KEYS = {
    "tally_line_use": ("subsidiary_id", "kind", "source_id"),
    "tally_rate_use": ("subsidiary_id", "source_id", "company_id"),
    "tally_company": ("subsidiary_id", "company_id", "company_name", "standing", "is_open"),
}
SUMS = {"tally_line_use": ("rows", "lines"), "tally_rate_use": ("rows", "lines"), "tally_company": ("rows",)}
INDEXES = {
    "tally_line_use": ["subsidiary_id", "kind", "source_id"],
    "tally_rate_use": ["subsidiary_id", "source_id"],
    "tally_company": ["subsidiary_id", "company_id"],
}


def upgrade() -> None:
    # Once all migrations ran, ``env.py`` makes the triggers, and counts what there is.
    for table, keys in KEYS.items():
        op.create_table(
            table,
            sa.Column("id", LARGE, nullable=False),
            *(sa.Column(name, TYPES.get(name, sa.String()), nullable=True) for name in keys),
            *(sa.Column(name, LARGE, nullable=False) for name in SUMS[table]),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_{'_'.join(INDEXES[table])}", table, INDEXES[table])

    op.create_index(
        "ix_invoice_company_newest", "invoice", ["company_id", "subsidiary_id", "invoiced_on", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_company_newest", "invoice")
    for table in KEYS:
        op.drop_table(table)
