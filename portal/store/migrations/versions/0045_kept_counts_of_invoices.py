"""Kept counts of invoices and of their needs: by standing, by month, by due date, by what lacks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = ("subsidiary_id", "standing", "currency")
KEYS = {
    "tally_invoice_standing": (*STANDS, "is_unpaid", "due_month"),
    "tally_invoice_month": ("month", *STANDS, "is_unpaid", "due_month"),
    "tally_invoice_due": ("pay_on", "month", *STANDS),
    "tally_need": ("subsidiary_id", "standing", "code", "subject"),
}
TYPES: dict[str, sa.types.TypeEngine[Any]] = {"is_unpaid": sa.Boolean(), "pay_on": sa.Date()}


def _sums(table: str) -> tuple[str, ...]:
    return ("rows",) if table == "tally_need" else ("rows", "total", "unpaid")


def upgrade() -> None:
    # Once all migrations ran, ``env.py`` makes the triggers, and counts what there is.
    for table, keys in KEYS.items():
        op.create_table(
            table,
            sa.Column("id", LARGE, nullable=False),
            *(sa.Column(name, TYPES.get(name, sa.String()), nullable=True) for name in keys),
            *(sa.Column(name, LARGE, nullable=False) for name in _sums(table)),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )

    op.create_index(
        "ix_tally_invoice_month_month_subsidiary_id", "tally_invoice_month", ["month", "subsidiary_id"]
    )
    op.create_index("ix_tally_invoice_due_pay_on", "tally_invoice_due", ["pay_on"])


def downgrade() -> None:
    for table in KEYS:
        op.drop_table(table)
