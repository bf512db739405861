"""What each pull of payments found."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_pull",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_payment_pull_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_pull")),
    )
    op.create_index("ix_payment_pull_ended", "payment_pull", ["connection_id", "ended_at"])
    # A payment that was held before anybody looked said not why.
    op.execute("UPDATE payment SET cause = 'invoice not sent' WHERE state = 'held' AND cause IS NULL")


def downgrade() -> None:
    op.drop_index("ix_payment_pull_ended", "payment_pull")
    op.drop_table("payment_pull")
