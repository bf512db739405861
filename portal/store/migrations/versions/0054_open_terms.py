"""The kept count of what is open in Exact, and indexes for what was booked since it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Once all migrations ran, ``env.py`` makes the triggers, and counts what there is.
    op.create_table(
        "tally_open_term",
        sa.Column("id", LARGE, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("rows", LARGE, nullable=False),
        sa.Column("amount", LARGE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_open_term")),
    )
    op.create_index("ix_tally_open_term_connection_id", "tally_open_term", ["connection_id"])
    op.create_index("ix_open_receivable_subsidiary", "open_receivable", ["subsidiary_id"])
    op.create_index("ix_copy_ended", "copy", ["connection_id", "finished_at"])


def downgrade() -> None:
    op.drop_index("ix_copy_ended", "copy")
    op.drop_index("ix_open_receivable_subsidiary", "open_receivable")
    op.drop_table("tally_open_term")
