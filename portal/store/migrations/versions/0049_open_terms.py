"""The kept count of what is open in Exact, by connection, currency and due date."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
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


def downgrade() -> None:
    op.drop_table("tally_open_term")
