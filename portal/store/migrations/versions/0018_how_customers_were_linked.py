"""how customer links came about, and for which buyer."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

COLUMNS = ('how', 'evidence', 'seen_name', 'seen_vat', 'confirmed_by', 'confirmed_at')


def upgrade() -> None:
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('how', sa.String(), nullable=False, server_default='unknown'))
        batch_op.add_column(sa.Column('evidence', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('seen_name', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('seen_vat', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('confirmed_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        batch_op.alter_column('how', server_default=None)
        batch_op.alter_column('evidence', server_default=None)

    # Where a copy made the customer in Exact, the link is surely that customer's.
    op.execute(
        """
        UPDATE customer_link SET how = 'created' WHERE EXISTS (
            SELECT 1 FROM attempt
            JOIN copy ON copy.id = attempt.copy_id
            JOIN invoice ON invoice.id = copy.invoice_id
            WHERE attempt.kind = 'customer' AND attempt.state = 'done'
              AND copy.connection_id = customer_link.connection_id
              AND copy.customer_id = customer_link.customer_id
              AND invoice.company_id = customer_link.company_id
        )
        """
    )


def downgrade() -> None:
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
