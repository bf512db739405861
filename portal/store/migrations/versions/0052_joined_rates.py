"""What one VAT code for all took the place of, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mapping", sa.Column("joined", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("mapping", "joined")
