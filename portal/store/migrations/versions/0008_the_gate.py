"""the gate that closes copying on a restored database, and what an adoption found."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    gate = op.create_table('gate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('database_id', sa.String(), nullable=False),
    sa.Column('writes', sa.Integer(), nullable=False),
    sa.Column('table_number', sa.String(), nullable=True),
    sa.Column('copied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_why', sa.String(), nullable=True),
    sa.Column('known_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate'))
    )
    # There from the beginning, so that every backup carries the id by which it is recognised.
    op.bulk_insert(gate, [{'id': 1, 'database_id': uuid.uuid4().hex, 'writes': 0}])
    op.create_table('adoption',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_adoption_connection_id_connection')),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_adoption'))
    )
    op.create_table('unmatched',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_unmatched_connection_id_connection')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unmatched'))
    )
    with op.batch_alter_table('unmatched', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unmatched_connection_id'), ['connection_id'], unique=False)


def downgrade() -> None:
    op.drop_table('unmatched')
    op.drop_table('adoption')
    op.drop_table('gate')
