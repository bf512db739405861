"""Keep how a copy was undone in a column of its own, apart from why one failed."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("copy") as batch_op:
        batch_op.add_column(sa.Column("ending", sa.String(), nullable=True))
    op.execute(
        "UPDATE copy SET ending = cause, cause = NULL "
        "WHERE state = 'undone' AND cause IN ('deleted', 'credited', 'unlinked')"
    )


def downgrade() -> None:
    op.execute("UPDATE copy SET cause = ending WHERE ending IS NOT NULL")
    with op.batch_alter_table("copy") as batch_op:
        batch_op.drop_column("ending")
