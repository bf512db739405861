"""how far deleted customers were read, and until when that is known to be whole."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    large = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('customer_deleted_cursor', large, nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('customers_sure_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.alter_column('customer_deleted_cursor', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_column('customers_sure_at')
        batch_op.drop_column('customer_deleted_cursor')
