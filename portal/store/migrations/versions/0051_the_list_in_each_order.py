"""Let the list of invoices begin anywhere in each order."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

FILTERED = ["deleted", "sample", "search_text"]
SORTED = ["invoiced_on", "pay_on", "number", "company_name", "amount_with_tax"]
SUMS = ["subsidiary_id", "standing", "currency", "amount_with_tax", "amount_unpaid", "pay_on"]
IN_SQLITE = "deleted IS 0 AND sample IS 0"
IN_POSTGRES = "deleted IS false AND sample IS false"
UNPAID = " AND amount_unpaid != 0"
BEFORE = {
    "ix_invoice_newest": ["invoiced_on", "id", *FILTERED, "subsidiary_id"],
    "ix_invoice_subsidiary_newest": ["subsidiary_id", "invoiced_on", "id", *FILTERED],
    "ix_invoice_unpaid_newest": ["amount_unpaid", "pay_on"],
    "ix_invoice_customers": ["company_id", "company_name", "subsidiary_id"],
    "ix_invoice_totals": [
        *("standing", "currency", "deleted", "sample", "subsidiary_id", "invoiced_on", "amount_with_tax"),
        *("amount_unpaid", "pay_on", "company_id", "need", "search_text"),
    ],
}
LISTED = {
    **{f"ix_invoice_by_{name}": ["subsidiary_id", name, "id"] for name in SORTED},
    **{f"ix_invoice_standing_by_{name}": ["subsidiary_id", "standing", name, "id"] for name in SORTED},
    "ix_invoice_customers": ["company_id", "company_name", *SUMS, "invoiced_on"],
}


def upgrade() -> None:
    for name in BEFORE:
        op.drop_index(name, "invoice")

    op.create_index("ix_invoice_searched", "invoice", ["invoiced_on", "id", *FILTERED, *SUMS])
    needy = sa.text("need IS NOT NULL")
    op.create_index("ix_invoice_need", "invoice", ["need"], sqlite_where=needy, postgresql_where=needy)
    for name, columns in LISTED.items():
        _create(name, columns, "")

    for name in SORTED:
        unpaid = dict.fromkeys(("subsidiary_id", name, "id", "amount_unpaid", "pay_on"))
        _create(f"ix_invoice_unpaid_by_{name}", list(unpaid), UNPAID)


def _create(name: str, columns: list[str], more: str) -> None:
    op.create_index(
        name,
        "invoice",
        columns,
        sqlite_where=sa.text(IN_SQLITE + more),
        postgresql_where=sa.text(IN_POSTGRES + more),
    )


def downgrade() -> None:
    for name in ("ix_invoice_searched", "ix_invoice_need", *LISTED):
        op.drop_index(name, "invoice")

    for name in SORTED:
        op.drop_index(f"ix_invoice_unpaid_by_{name}", "invoice")

    for name, columns in BEFORE.items():
        op.create_index(name, "invoice", columns)
