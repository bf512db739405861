"""passwords that must be changed or were had before, and how often one was wrong."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('must_change', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('former_hashes', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.alter_column('must_change', server_default=None)
        batch_op.alter_column('former_hashes', server_default=None)
    op.create_table(
        'sign_in_try',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_sign_in_try')),
    )
    with op.batch_alter_table('sign_in_try', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_try_last_at'), ['last_at'], unique=False)


def downgrade() -> None:
    op.drop_table('sign_in_try')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('former_hashes')
        batch_op.drop_column('must_change')
