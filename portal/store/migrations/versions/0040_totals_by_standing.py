"""Let one index hold all that counts and totals of invoices ask for, by where they stand."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TOTALS = "ix_invoice_totals"
STANDINGS = "ix_invoice_standings"
COUNTED = ["standing", "currency", "deleted", "sample", "subsidiary_id", "invoiced_on", "amount_with_tax"]
MORE = ["amount_unpaid", "pay_on", "company_id", "need", "search_text"]
BEFORE = [
    *("currency", "deleted", "sample", "amount_with_tax", "amount_unpaid", "subsidiary_id", "copy_state"),
    *("changed_since_copied", "invoiced_on", "pay_on", "company_id", "search_text"),
]


def upgrade() -> None:
    op.drop_index(TOTALS, "invoice")
    op.drop_index(STANDINGS, "invoice")
    op.create_index(TOTALS, "invoice", [*COUNTED, *MORE])


def downgrade() -> None:
    op.drop_index(TOTALS, "invoice")
    op.create_index(STANDINGS, "invoice", COUNTED)
    op.create_index(TOTALS, "invoice", BEFORE)
