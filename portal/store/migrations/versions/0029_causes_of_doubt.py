"""what was found after a restore says by a code why it belongs to nothing."""

import re

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

UNMATCHED = sa.table('unmatched', *(sa.column(name) for name in ('id', 'why', 'cause', 'about')))
# The sentences as they were written until now, and what of each tells one doubt from another.
SENTENCES = (
    ('no marker', r'It carries no marker of this portal\. If it is this invoice'),
    ('several markers', r'Its lines carry several markers: (.*)\.$'),
    ('same marker', r'Another entry carries the same marker (\S+)\.'),
    ('no invoice', r'No invoice of this number is in Productive'),
    ('several invoices', r'Several invoices answer to it: (.*)\.$'),
    ('turned', r'Its amounts are turned, so it may credit invoice (.*), but it names no entry'),
    ('other currency', r'It is in (\S+), invoice (.*) in (\S+)\.$'),
    ('no entry', r'It credits entry (\S+), which is not known here\.'),
    ('entry not read', r'It cannot be read, so nobody knows whether this portal booked it\.'),
    ('left customer', r'Customer (.*) was created for a copy that left no entry\.'),
    ('customer not read', r'It cannot be read, so .* made it\. Correct it in Exact: '),
    ('two payments', r'Payment (\S+) carries the marker of a payment that is there too\.'),
    ('no copy', r'It carries a marker of this portal, but no copy of its invoice is known\.'),
    ('no term', r'It carries a marker of this portal, but its note does not name'),
    ('payment not read', r'It cannot be read, so .* made it\. Correct it in Productive: '),
)


def upgrade() -> None:
    with op.batch_alter_table('unmatched', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cause', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('about', sa.String(), nullable=False, server_default=''))

    connection = op.get_bind()
    for row_id, why in connection.execute(sa.select(UNMATCHED.c.id, UNMATCHED.c.why)).all():
        cause, about = _read(why)
        here = UNMATCHED.update().where(UNMATCHED.c.id == row_id)
        connection.execute(here.values(cause=cause, about=about))

    with op.batch_alter_table('unmatched', schema=None) as batch_op:
        batch_op.alter_column('about', existing_type=sa.String(), server_default=None)


def _read(why: str) -> tuple[str | None, str]:
    for cause, pattern in SENTENCES:
        if found := re.match(pattern, why):
            return cause, ', '.join(found.groups())
    return None, ''


def downgrade() -> None:
    with op.batch_alter_table('unmatched', schema=None) as batch_op:
        batch_op.drop_column('about')
        batch_op.drop_column('cause')
