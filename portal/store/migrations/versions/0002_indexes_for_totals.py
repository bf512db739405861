"""indexes that hold all that the invoice list's totals and customers need."""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_totals', ['currency', 'deleted', 'sample', 'amount_with_tax', 'amount_unpaid', 'subsidiary_id', 'copy_state', 'changed_since_copied', 'invoiced_on', 'pay_on', 'company_id'], unique=False)
        batch_op.create_index('ix_invoice_customers', ['company_id', 'company_name', 'subsidiary_id'], unique=False)
        batch_op.drop_index(batch_op.f('ix_invoice_company_id'))


def downgrade() -> None:
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_company_id'), ['company_id'], unique=False)
        batch_op.drop_index('ix_invoice_customers')
        batch_op.drop_index('ix_invoice_totals')
