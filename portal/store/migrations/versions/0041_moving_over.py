"""Remember when what another link exported was to be looked up in Exact."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moving",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_up", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_moving_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_moving")),
    )


def downgrade() -> None:
    op.drop_table("moving")
