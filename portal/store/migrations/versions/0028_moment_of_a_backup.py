"""Let a backup and a closed gate say in one column until when nothing is missing."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE gate SET known_until = copied_at WHERE copied_at IS NOT NULL AND closed_at IS NULL")
    with op.batch_alter_table("gate") as batch_op:
        batch_op.drop_column("copied_at")


def downgrade() -> None:
    with op.batch_alter_table("gate") as batch_op:
        batch_op.add_column(sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE gate SET copied_at = known_until WHERE closed_at IS NULL")
    op.execute("UPDATE gate SET known_until = NULL WHERE closed_at IS NULL")
