"""payments and customers of a connection have rows of their own: what was chosen, and how far each was read."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
# The name in the connection, the name in the feed, its type, and what an empty one holds.
PAYMENTS = (
    ('payments_on', 'on', sa.Boolean(), sa.false()),
    ('payments_mode', 'mode', sa.String(), 'now'),
    ('payments_since', 'since', MOMENT, None),
    ('baseline_done', 'baseline_done', sa.Boolean(), sa.false()),
    ('write_off_differences', 'write_off_differences', sa.Boolean(), sa.true()),
    ('mark_sent_by_itself', 'mark_sent_by_itself', sa.Boolean(), sa.false()),
    ('term_cursor', 'term_cursor', LARGE, '1'),
    ('deleted_cursor', 'deleted_cursor', LARGE, '1'),
    ('terms_read_at', 'read_at', MOMENT, None),
    ('pull_began_at', 'began_at', MOMENT, None),
    ('payments_pulled_at', 'pulled_at', MOMENT, None),
    ('payments_trouble', 'trouble', sa.String(), None),
    ('controlled_at', 'controlled_at', MOMENT, None),
    ('control_trouble', 'control_trouble', sa.String(), None),
)
CUSTOMERS = (
    ('customer_cursor', 'cursor', LARGE, '1'),
    ('customer_deleted_cursor', 'deleted_cursor', LARGE, '1'),
    ('customers_sure_at', 'sure_at', MOMENT, None),
)
FEEDS = (('payment_feed', PAYMENTS), ('customer_feed', CUSTOMERS))


def upgrade() -> None:
    for table, columns in FEEDS:
        op.create_table(
            table,
            sa.Column('connection_id', sa.Integer(), nullable=False),
            *(sa.Column(new, kind, nullable=empty is None) for _, new, kind, empty in columns),
            sa.ForeignKeyConstraint(
                ['connection_id'], ['connection.id'], name=f'fk_{table}_connection_id_connection'
            ),
            sa.PrimaryKeyConstraint('connection_id', name=f'pk_{table}'),
        )
        feed = _feed(table, columns)
        every = sa.select(CONNECTION.c.id, *(CONNECTION.c[old] for old, *_ in columns))
        op.execute(feed.insert().from_select(['connection_id', *(new for _, new, *_ in columns)], every))

    with op.batch_alter_table('connection', schema=None) as batch_op:
        for _, columns in FEEDS:
            for old, *_ in columns:
                batch_op.drop_column(old)


def downgrade() -> None:
    with op.batch_alter_table('connection', schema=None) as batch_op:
        for _, columns in FEEDS:
            for old, _, kind, empty in columns:
                batch_op.add_column(sa.Column(old, kind, nullable=empty is None, server_default=empty))

    for table, columns in FEEDS:
        feed = _feed(table, columns)
        kept = {
            old: sa.select(feed.c[new]).where(feed.c.connection_id == CONNECTION.c.id).scalar_subquery()
            for old, new, *_ in columns
        }
        op.execute(CONNECTION.update().values(kept))

    with op.batch_alter_table('connection', schema=None) as batch_op:
        for _, columns in FEEDS:
            for old, _, kind, empty in columns:
                if empty is not None:
                    batch_op.alter_column(old, existing_type=kind, server_default=None)

    for table, _ in reversed(FEEDS):
        op.drop_table(table)


def _feed(table: str, columns: tuple[tuple[object, ...], ...]) -> sa.TableClause:
    return sa.table(table, sa.column('connection_id'), *(sa.column(str(row[1])) for row in columns))


CONNECTION = sa.table('connection', sa.column('id'), *(sa.column(row[0]) for _, rows in FEEDS for row in rows))
