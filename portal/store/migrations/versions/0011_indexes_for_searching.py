"""indexes that answer a search of the invoice list without reading the rows."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

FILTERED = ['deleted', 'sample', 'search_text']
TOTALLED = ['currency', 'deleted', 'sample', 'amount_with_tax', 'amount_unpaid', 'subsidiary_id', 'copy_state', 'changed_since_copied', 'invoiced_on', 'pay_on', 'company_id']


def upgrade() -> None:
    # A longer text than indexes take; the next reading of the invoice puts the customer before the subject.
    op.execute(sa.text("UPDATE invoice SET search_text = substr(search_text, 1, 400) WHERE length(search_text) > 400"))
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        for name in ('newest', 'state_newest', 'subsidiary_newest', 'totals'):
            batch_op.drop_index(f'ix_invoice_{name}')
        batch_op.create_index('ix_invoice_newest', ['invoiced_on', 'id', *FILTERED, 'subsidiary_id'], unique=False)
        batch_op.create_index('ix_invoice_state_newest', ['copy_state', 'invoiced_on', 'id', *FILTERED, 'subsidiary_id'], unique=False)
        batch_op.create_index('ix_invoice_subsidiary_newest', ['subsidiary_id', 'invoiced_on', 'id', *FILTERED], unique=False)
        batch_op.create_index('ix_invoice_totals', [*TOTALLED, 'search_text'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        for name in ('newest', 'state_newest', 'subsidiary_newest', 'totals'):
            batch_op.drop_index(f'ix_invoice_{name}')
        batch_op.create_index('ix_invoice_totals', TOTALLED, unique=False)
        batch_op.create_index('ix_invoice_subsidiary_newest', ['subsidiary_id', 'invoiced_on', 'id'], unique=False)
        batch_op.create_index('ix_invoice_state_newest', ['copy_state', 'invoiced_on', 'id'], unique=False)
        batch_op.create_index('ix_invoice_newest', ['invoiced_on', 'id'], unique=False)
