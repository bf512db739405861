"""when receivables were read whole and controlled; payments that a person lets through."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('terms_read_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('pull_began_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('controlled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('control_trouble', sa.String(), nullable=True))
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('anyway', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.alter_column('anyway', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_column('anyway')
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_column('control_trouble')
        batch_op.drop_column('controlled_at')
        batch_op.drop_column('pull_began_at')
        batch_op.drop_column('terms_read_at')
