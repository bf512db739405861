"""trials in a test division: what they made and what they saw, and what failed."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('trial',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('marker', sa.String(), nullable=False),
    sa.Column('division', sa.Integer(), nullable=False),
    sa.Column('division_name', sa.String(), nullable=False),
    sa.Column('started_by', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('live', sa.Integer(), nullable=True),
    sa.Column('invoice_id', sa.String(), nullable=True),
    sa.Column('with_receipt', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('stop_asked', sa.Boolean(), nullable=False),
    sa.Column('step', sa.String(), nullable=True),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('errors', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(
        ['connection_id'], ['connection.id'], name=op.f('fk_trial_connection_id_connection')
    ),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial')),
    sa.UniqueConstraint('live', name=op.f('uq_trial_live'))
    )
    op.create_index('ix_trial_connection', 'trial', ['connection_id', 'started_at'], unique=False)
    op.create_table('trial_step',
    sa.Column('trial_id', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_trial_step_trial_id_trial')),
    sa.PrimaryKeyConstraint('trial_id', 'code', name=op.f('pk_trial_step'))
    )
    op.create_table('trial_thing',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('trial_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('intended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_trial_thing_trial_id_trial')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial_thing'))
    )
    op.create_index(op.f('ix_trial_thing_trial_id'), 'trial_thing', ['trial_id'], unique=False)
    op.create_table('trial_verdict',
    sa.Column('trial_id', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('seen', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_values', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_trial_verdict_trial_id_trial')),
    sa.PrimaryKeyConstraint('trial_id', 'code', name=op.f('pk_trial_verdict'))
    )
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('failed_assumptions', sa.String(), nullable=False, server_default='')
        )
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.alter_column('failed_assumptions', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_column('failed_assumptions')
    for table in ('trial_verdict', 'trial_thing', 'trial_step', 'trial'):
        op.drop_table(table)
