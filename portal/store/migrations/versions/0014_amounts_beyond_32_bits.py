"""amounts and row versions that outgrow PostgreSQL's 32-bit integers."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

LARGE = {
    'baseline': ('amount',),
    'comparison': ('ours', 'ours_open', 'theirs', 'theirs_open'),
    'connection': ('customer_cursor', 'deleted_cursor', 'term_cursor'),
    'copy': ('gross_booked', 'gross_sent'),
    'entry': ('gross', 'vat'),
    'invoice': (
        'amount',
        'amount_paid',
        'amount_tax',
        'amount_unpaid',
        'amount_with_tax',
        'amount_written_off',
    ),
    'payment': ('amount', 'next_amount'),
    'term': ('amount', 'amount_dc', 'discount', 'timestamp', 'transaction_amount'),
}


def retype(type_: type[sa.Integer]) -> None:
    """Give the columns a type; an integer of SQLite is as large as it needs to be."""
    if op.get_bind().dialect.name == 'sqlite':
        return
    for table, columns in LARGE.items():
        for column in columns:
            op.alter_column(table, column, type_=type_())


def upgrade() -> None:
    retype(sa.BigInteger)


def downgrade() -> None:
    retype(sa.Integer)
