"""why a grant fails and when it is tried again, and how far Exact's clock is ahead."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cause', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('next_renewal_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('ahead', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.drop_column('ahead')
        batch_op.drop_column('next_renewal_at')
        batch_op.drop_column('failing_since')
        batch_op.drop_column('cause')
