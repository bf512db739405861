"""records of Productive and Exact that cannot be read."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the list, empty: what cannot be read is found at the next reading."""
    op.create_table(
        "unreadable",
        sa.Column("connection_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=True),
        sa.Column("part_name", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subsidiary_id", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "kind", "remote_id", name=op.f("pk_unreadable")),
    )
    op.create_index(
        op.f("ix_unreadable_open"), "unreadable", ["ended_at", "connection_id", "kind", "last_seen"]
    )


def downgrade() -> None:
    """Forget the list."""
    op.drop_index(op.f("ix_unreadable_open"), table_name="unreadable")
    op.drop_table("unreadable")
