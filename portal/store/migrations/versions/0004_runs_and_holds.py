"""long runs of copies, and copies that are held unsent after alike failures."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hold',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('traits', sa.JSON(), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('probe_id', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_hold_connection_id_connection')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hold'))
    )
    with op.batch_alter_table('copy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('batch', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('begun', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('hold_id', sa.String(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_copy_hold_id_hold'), 'hold', ['hold_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_copy_hold_id'), ['hold_id'], unique=False)
    # Limits are kept in another form now; they are learned anew with the next answer.
    op.execute(sa.text("UPDATE lane SET pace = '{}'"))


def downgrade() -> None:
    op.execute(sa.text("UPDATE lane SET pace = '{}'"))
    with op.batch_alter_table('copy', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_copy_hold_id'))
        batch_op.drop_constraint(batch_op.f('fk_copy_hold_id_hold'), type_='foreignkey')
        batch_op.drop_column('hold_id')
        batch_op.drop_column('begun')
        batch_op.drop_column('batch')
    op.drop_table('hold')
