"""What is known beforehand about copying an invoice, what it needs, and the one state that a row shows."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

STANDING = """CASE
    WHEN copy_state = 'copied' AND changed_since_copied THEN 'changed since copied'
    WHEN copy_state IN ('copied', 'copied with a difference', 'refused', 'copied elsewhere', 'do not copy')
        THEN copy_state
    WHEN copy_state IN ('waiting', 'sending', 'uncertain') AND readiness = 'held' THEN 'needs you'
    WHEN copy_state IN ('waiting', 'sending', 'uncertain') THEN 'copying'
    WHEN readiness = 'held' THEN 'not looked at yet'
    ELSE readiness
END"""
FILTERED = ["deleted", "sample", "search_text"]
INDEXES = {
    "ix_invoice_standing_newest": ["standing", "invoiced_on", "id", *FILTERED, "subsidiary_id"],
    "ix_invoice_standings": [
        "standing",
        "currency",
        "deleted",
        "sample",
        "subsidiary_id",
        "invoiced_on",
        "amount_with_tax",
    ],
}


def upgrade() -> None:
    op.create_table(
        "unready",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unready")),
    )
    op.create_index("ix_unready_subject", "unready", ["subject", "kind"])
    op.create_table(
        "need",
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("fix", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_need_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_need")),
    )
    op.create_index("ix_need_code", "need", ["code", "subject", "invoice_id"])

    # Nobody has looked at any invoice yet, so the first job looks at all of them.
    unsure = sa.Column("readiness", sa.String(), nullable=False, server_default="not looked at yet")
    standing = sa.Column("standing", sa.String(), sa.Computed(STANDING, persisted=True), nullable=False)
    with op.batch_alter_table("invoice") as batch_op:
        batch_op.add_column(unsure)
        batch_op.add_column(sa.Column("need", sa.String(), nullable=True))

    with op.batch_alter_table("invoice") as batch_op:
        batch_op.alter_column("readiness", server_default=None)
        batch_op.add_column(standing)

    op.execute("INSERT INTO unready (kind, subject) VALUES ('all', '')")
    for name, columns in INDEXES.items():
        op.create_index(name, "invoice", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "invoice")

    with op.batch_alter_table("invoice") as batch_op:
        batch_op.drop_column("standing")

    with op.batch_alter_table("invoice") as batch_op:
        batch_op.drop_column("need")
        batch_op.drop_column("readiness")

    op.drop_table("need")
    op.drop_table("unready")
