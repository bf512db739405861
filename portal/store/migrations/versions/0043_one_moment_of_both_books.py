"""VAT of both books, Exact's open receivables by due date, and the moment of all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("comparison", sa.Column("ours_vat", LARGE, nullable=True))
    op.add_column("comparison", sa.Column("theirs_vat", LARGE, nullable=True))
    op.add_column("comparison", sa.Column("vat_sums", sa.Text(), nullable=True))
    op.create_table(
        "open_receivable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subsidiary_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", LARGE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_receivable")),
    )
    op.create_index("ix_open_receivable_due", "open_receivable", ["currency", "due_on", "subsidiary_id"])
    op.create_table(
        "book_moment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_moment")),
    )

    # What was compared before has none of it, so all is compared once more.
    op.execute(
        "INSERT INTO stale_comparison (kind, subject) "
        "SELECT DISTINCT 'subsidiary', subsidiary_id FROM connection WHERE state = 'live'"
    )
    op.execute(
        "INSERT INTO stale_comparison (kind, subject, connection_id) "
        "SELECT 'entry', entry_id, connection_id FROM comparison "
        "WHERE invoice_id IS NULL AND entry_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("book_moment")
    op.drop_index("ix_open_receivable_due", "open_receivable")
    op.drop_table("open_receivable")
    op.drop_column("comparison", "vat_sums")
    op.drop_column("comparison", "theirs_vat")
    op.drop_column("comparison", "ours_vat")
