"""connections whose held copies are looked at again, for their mappings changed."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'remapped',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['connection_id'],
            ['connection.id'],
            name=op.f('fk_remapped_connection_id_connection'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_remapped')),
    )
    with op.batch_alter_table('remapped', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_remapped_connection_id'), ['connection_id'], unique=False)


def downgrade() -> None:
    op.drop_table('remapped')
