"""the mirror of Exact's entries, what people accepted, and the comparison of both books."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comparison',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('subsidiary_id', sa.String(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('differs', sa.Boolean(), nullable=False),
    sa.Column('codes', sa.String(), nullable=False),
    sa.Column('drifted', sa.Boolean(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('customer', sa.String(), nullable=False),
    sa.Column('journal', sa.String(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=True),
    sa.Column('invoice_id', sa.String(), nullable=True),
    sa.Column('entry_id', sa.String(), nullable=True),
    sa.Column('entry_number', sa.String(), nullable=True),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('ours', sa.Integer(), nullable=True),
    sa.Column('ours_open', sa.Integer(), nullable=True),
    sa.Column('their_currency', sa.String(), nullable=False),
    sa.Column('their_month', sa.String(), nullable=True),
    sa.Column('theirs', sa.Integer(), nullable=True),
    sa.Column('theirs_open', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('days_late', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_comparison'))
    )
    with op.batch_alter_table('comparison', schema=None) as batch_op:
        batch_op.create_index('ix_comparison_day', ['day', 'key'], unique=False)
        batch_op.create_index('ix_comparison_delay', ['month', 'days_late', 'subsidiary_id', 'part'], unique=False)
        batch_op.create_index('ix_comparison_differing', ['differs', 'day', 'key'], unique=False)
        batch_op.create_index('ix_comparison_entry', ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_comparison_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index('ix_comparison_month', ['subsidiary_id', 'month'], unique=False)
        batch_op.create_index('ix_comparison_open', ['currency', 'due_on', 'subsidiary_id', 'part', 'ours_open', 'theirs_open'], unique=False)
        batch_op.create_index('ix_comparison_verdict', ['verdict', 'day', 'key'], unique=False)

    op.create_table('comparison_total',
    sa.Column('subsidiary_id', sa.String(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('journal', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('ours', sa.BigInteger(), nullable=False),
    sa.Column('ours_count', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.BigInteger(), nullable=False),
    sa.Column('theirs_count', sa.Integer(), nullable=False),
    sa.Column('equal', sa.Integer(), nullable=False),
    sa.Column('different', sa.Integer(), nullable=False),
    sa.Column('productive', sa.Integer(), nullable=False),
    sa.Column('exact', sa.Integer(), nullable=False),
    sa.Column('explained', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('subsidiary_id', 'month', 'journal', 'currency', name=op.f('pk_comparison_total'))
    )
    op.create_table('stale_comparison',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stale_comparison'))
    )
    op.create_table('accepted_entry',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.String(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.Column('accepted_by', sa.String(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('invoice_id', sa.String(), nullable=True),
    sa.Column('fingerprint', sa.String(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_accepted_entry_connection_id_connection')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accepted_entry'))
    )
    with op.batch_alter_table('accepted_entry', schema=None) as batch_op:
        batch_op.create_index('ix_accepted_entry_entry', ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_accepted_entry_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('entry',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('entry_number', sa.Integer(), nullable=False),
    sa.Column('invoice_number', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.String(), nullable=False),
    sa.Column('journal', sa.String(), nullable=False),
    sa.Column('entry_date', sa.Date(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=True),
    sa.Column('your_ref', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('gross', sa.Integer(), nullable=False),
    sa.Column('vat', sa.Integer(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('type', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('marker', sa.String(), nullable=True),
    sa.Column('lines', sa.Text(), nullable=True),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_entry_connection_id_connection')),
    sa.PrimaryKeyConstraint('connection_id', 'id', name=op.f('pk_entry'))
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_booked', ['connection_id', 'entry_date'], unique=False)
        batch_op.create_index('ix_entry_reference', ['connection_id', 'your_ref'], unique=False)

    op.create_table('entry_feed',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('cursor', sa.DateTime(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_entry_feed_connection_id_connection')),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_entry_feed'))
    )
    op.create_table('entry_reading',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('whole_wanted', sa.Boolean(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_entry_reading_connection_id_connection')),
    sa.PrimaryKeyConstraint('connection_id', 'month', name=op.f('pk_entry_reading'))
    )
    # Everything there is, is to be compared for the first time.
    op.execute("INSERT INTO stale_comparison (kind, subject) SELECT 'invoice', id FROM invoice ORDER BY invoiced_on")


def downgrade() -> None:
    op.drop_table('entry_reading')
    op.drop_table('entry_feed')
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_reference')
        batch_op.drop_index('ix_entry_booked')

    op.drop_table('entry')
    with op.batch_alter_table('accepted_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accepted_entry_invoice_id'))
        batch_op.drop_index('ix_accepted_entry_entry')

    op.drop_table('accepted_entry')
    op.drop_table('stale_comparison')
    op.drop_table('comparison_total')
    with op.batch_alter_table('comparison', schema=None) as batch_op:
        batch_op.drop_index('ix_comparison_verdict')
        batch_op.drop_index('ix_comparison_open')
        batch_op.drop_index('ix_comparison_month')
        batch_op.drop_index(batch_op.f('ix_comparison_invoice_id'))
        batch_op.drop_index('ix_comparison_entry')
        batch_op.drop_index('ix_comparison_differing')
        batch_op.drop_index('ix_comparison_delay')
        batch_op.drop_index('ix_comparison_day')

    op.drop_table('comparison')
