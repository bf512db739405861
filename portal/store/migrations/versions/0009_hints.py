"""hints of webhooks, and what Exact said against sending them."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hint',
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rang_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('job', 'subject', name=op.f('pk_hint'))
    )
    with op.batch_alter_table('hint', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hint_due_at'), ['due_at'], unique=False)
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hooks_trouble', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_column('hooks_trouble')
    op.drop_table('hint')
