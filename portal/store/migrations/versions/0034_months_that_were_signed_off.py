"""Months that are signed off, and what Overview asks of payments, findings and new invoices."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subsidiary_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("open", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
    )
    op.create_index("ix_sign_off_month", "sign_off", ["subsidiary_id", "month", "id"])
    op.create_table(
        "signed_line",
        sa.Column("sign_off_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("behind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sign_off_id"], ["sign_off.id"], name=op.f("fk_signed_line_sign_off_id_sign_off")
        ),
        sa.PrimaryKeyConstraint("sign_off_id", "kind", "key", name=op.f("pk_signed_line")),
    )

    op.create_index("ix_payment_month", "payment", ["connection_id", "paid_on"])
    op.create_index("ix_payment_created", "payment", ["created_at"])
    op.create_index("ix_finding_open", "finding", ["resolved_at", "found_at"])
    op.add_column("invoice", sa.Column("first_read_at", sa.DateTime(timezone=True), nullable=True))
    columns = ["first_read_at", "deleted", "sample", "subsidiary_id", "currency", "amount_with_tax"]
    op.create_index("ix_invoice_first_read", "invoice", columns)


def downgrade() -> None:
    op.drop_index("ix_invoice_first_read", "invoice")
    op.drop_column("invoice", "first_read_at")
    op.drop_index("ix_finding_open", "finding")
    op.drop_index("ix_payment_created", "payment")
    op.drop_index("ix_payment_month", "payment")
    op.drop_table("signed_line")
    op.drop_index("ix_sign_off_month", "sign_off")
    op.drop_table("sign_off")
