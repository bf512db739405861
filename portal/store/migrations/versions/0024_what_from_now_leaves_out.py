"""what "from now" leaves out: when a term last changed, and what may have been settled before the wish."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.add_column(sa.Column('modified', sa.DateTime(), nullable=True))
    with op.batch_alter_table('baseline', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsure', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table('baseline', schema=None) as batch_op:
        batch_op.drop_column('unsure')
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_column('modified')
