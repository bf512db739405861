"""what Exact holds under the numbers of invoices, what was set aside of it, and entries by their marker."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'look',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('found', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_look_connection_id_connection')),
        sa.PrimaryKeyConstraint('connection_id', 'number', name=op.f('pk_look')),
    )
    op.create_table(
        'set_aside',
        sa.Column('invoice_id', sa.String(), nullable=False),
        sa.Column('entry_id', sa.String(), nullable=False),
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('entry_number', sa.String(), nullable=False),
        sa.Column('set_aside_by', sa.String(), nullable=False),
        sa.Column('set_aside_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_set_aside_connection_id_connection')),
        sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_set_aside_invoice_id_invoice')),
        sa.PrimaryKeyConstraint('invoice_id', 'entry_id', name=op.f('pk_set_aside')),
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_marker', ['connection_id', 'marker'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_marker')
    op.drop_table('set_aside')
    op.drop_table('look')
