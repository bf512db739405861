"""Keep with a copy what stood in Exact when an entry was linked."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("copy") as batch_op:
        batch_op.add_column(sa.Column("linked", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("copy") as batch_op:
        batch_op.drop_column("linked")
