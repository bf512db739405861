"""consents are kept before Exact says whose they are."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent_for', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('consent_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('consent_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('consent_next_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.drop_column('consent_next_at')
        batch_op.drop_column('consent_at')
        batch_op.drop_column('consent_by')
        batch_op.drop_column('consent_for')
