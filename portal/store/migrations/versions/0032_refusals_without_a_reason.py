"""Keep beside a refusal's words whether the other side gave any, which the sentence said until now."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# How the portal's own sentence ended where a refusal had no words.
END = "The answer was % without a reason."
WORDS = {"copy": "remote_text", "hold": "words"}


def upgrade() -> None:
    for table, column in WORDS.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(
                sa.Column("reasonless", sa.Boolean(), nullable=False, server_default=sa.false())
            )

        rows = sa.table(table, sa.column("reasonless", sa.Boolean()), sa.column(column, sa.String()))
        op.execute(rows.update().where(rows.c[column].like(END)).values(reasonless=True))
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("reasonless", server_default=None)


def downgrade() -> None:
    for table in WORDS:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("reasonless")
