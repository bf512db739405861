"""Give every row that is held the same lease columns."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lane") as batch_op:
        batch_op.alter_column("owner", new_column_name="lease_owner")
        batch_op.alter_column("until", new_column_name="lease_until")
    with op.batch_alter_table("copy") as batch_op:
        batch_op.add_column(sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    for table in ("payment", "notice"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("lease_owner", sa.String(), nullable=True))
            batch_op.add_column(sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
            batch_op.add_column(sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table in ("notice", "payment"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("fence")
            batch_op.drop_column("lease_until")
            batch_op.drop_column("lease_owner")
    with op.batch_alter_table("copy") as batch_op:
        batch_op.drop_column("fence")
    with op.batch_alter_table("lane") as batch_op:
        batch_op.alter_column("lease_until", new_column_name="until")
        batch_op.alter_column("lease_owner", new_column_name="owner")
