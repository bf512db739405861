"""an index by which the copies made of late are found."""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('copy', schema=None) as batch_op:
        batch_op.create_index('ix_copy_finished', ['finished_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('copy', schema=None) as batch_op:
        batch_op.drop_index('ix_copy_finished')
