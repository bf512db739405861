"""receivable terms by their timestamps, which every pull looks at."""

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.create_index('ix_term_timestamp', ['connection_id', 'timestamp'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_index('ix_term_timestamp')
