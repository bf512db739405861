"""The outcome of a write that was made again without being asked for is not known."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Which of the steps of updates had no effect for certain was not told before.
    op.execute(
        "UPDATE attempt SET state = 'unknown' WHERE state = 'unsent' AND step > 0 "
        "AND kind IN ('header', 'change line', 'delete line')"
    )


def downgrade() -> None:
    op.execute("UPDATE attempt SET state = 'unsent' WHERE state = 'unknown'")
