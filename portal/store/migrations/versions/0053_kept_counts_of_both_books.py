"""Kept counts of both books: what is open, how late is paid, net and VAT per month."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JOURNAL = ("month", "subsidiary_id", "journal", "currency")
TABLES = {
    "tally_our_open": (("subsidiary_id", "currency", "due_on"), ("rows", "amount")),
    "tally_paid_late": (("month", "subsidiary_id", "delay"), ("rows",)),
    "tally_our_vat": (JOURNAL, ("rows", "gross", "vat", "unknown")),
    "tally_their_vat": (JOURNAL, ("rows", "gross", "vat", "unknown")),
}
TYPES: dict[str, sa.types.TypeEngine[Any]] = {"due_on": sa.Date()}
# What they are read instead of.
OPEN = ["currency", "due_on", "subsidiary_id", "part", "ours_open", "theirs_open"]
DELAY = ["month", "days_late", "subsidiary_id", "part"]


def upgrade() -> None:
    # Once all migrations ran, ``env.py`` makes the triggers, and counts what there is.
    for table, (keys, sums) in TABLES.items():
        op.create_table(
            table,
            sa.Column("id", LARGE, nullable=False),
            *(sa.Column(name, TYPES.get(name, sa.String()), nullable=True) for name in keys),
            *(sa.Column(name, LARGE, nullable=False) for name in sums),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        if "month" in keys:
            op.create_index(f"ix_{table}_month_subsidiary_id", table, ["month", "subsidiary_id"])

    op.drop_index("ix_comparison_open", "comparison")
    op.drop_index("ix_comparison_delay", "comparison")

    # A statement of all subsidiaries reads a month, too.
    op.drop_index("ix_comparison_month", "comparison")
    op.create_index("ix_comparison_month", "comparison", ["month", "subsidiary_id"])


def downgrade() -> None:
    op.drop_index("ix_comparison_month", "comparison")
    op.create_index("ix_comparison_month", "comparison", ["subsidiary_id", "month"])

    op.create_index("ix_comparison_delay", "comparison", DELAY)
    op.create_index("ix_comparison_open", "comparison", OPEN)

    for table in TABLES:
        op.drop_table(table)
