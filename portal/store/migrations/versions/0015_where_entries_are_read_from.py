"""where entries are read from: with little overlap after many changes, and with the whole of it."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

COLUMNS = ('again_from', 'whole_from', 'whole_at')


def upgrade() -> None:
    with op.batch_alter_table('entry_feed', schema=None) as batch_op:
        batch_op.add_column(sa.Column('again_from', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('whole_from', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('whole_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('entry_feed', schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
