"""mails, and what a restore could not match, are kept by codes and values."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.domain.said import Said, as_written
from portal.sentences.voice import in_source_language

revision = '0058'
down_revision = '0057'
branch_labels = None
depends_on = None

# So many rows are read and written at once.
BATCH = 1000
# Each with its key and with what it says.
COLUMNS = (
    ('unmatched', 'id', 'why'),
    ('notice', 'id', 'subject'),
    ('notice', 'id', 'text'),
)
NOTICE = sa.table('notice', sa.column('id'), sa.column('text'), sa.column('link'))


def upgrade() -> None:
    for name, key, column in COLUMNS:
        _alter(name, column, sa.String(), sa.Text())
        # Nothing is guessed from a sentence: it stays as it was written.
        _rewrite(name, key, column, _spell)

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('link', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('said_in', sa.JSON(), nullable=False, server_default='[]'))

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.alter_column('link', server_default=None)
        batch_op.alter_column('said_in', server_default=None)


def downgrade() -> None:
    # The sentences are those of the version that goes down.
    for name, key, column in COLUMNS:
        _rewrite(name, key, column, _read)
        _alter(name, column, sa.Text(), sa.String())

    bind = op.get_bind()
    for row in bind.execute(sa.select(NOTICE).where(NOTICE.c.link != '')).all():
        text = f'{row.text}\n\n{row.link}\n'
        bind.execute(sa.update(NOTICE).where(NOTICE.c.id == row.id).values(text=text))

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('said_in')
        batch_op.drop_column('link')


def _spell(text: str) -> str:
    return json.dumps(as_written(text).to_json(), ensure_ascii=False)


def _read(kept: str) -> str:
    return in_source_language(Said.from_json(json.loads(kept)))


def _alter(name: str, column: str, before: sa.types.TypeEngine[Any], after: sa.types.TypeEngine[Any]) -> None:
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.alter_column(
            column, type_=after, existing_type=before, existing_nullable=False
        )


def _rewrite(name: str, key: str, column: str, spell: Callable[[str], str]) -> None:
    table = sa.table(name, sa.column(key), sa.column(column))
    change = (
        sa.update(table)
        .where(table.c[key] == sa.bindparam('of'))
        .values({column: sa.bindparam('become')})
    )
    for rows in _each_batch(table, table.c[key], table.c[column].is_not(None)):
        op.get_bind().execute(change, [{'of': row[0], 'become': spell(row[1])} for row in rows])


def _each_batch(
    table: sa.TableClause, key: sa.ColumnElement[Any], where: sa.ColumnElement[bool]
) -> Iterator[Any]:
    last = None
    while True:
        query = sa.select(table).where(where).order_by(key).limit(BATCH)
        rows = op.get_bind().execute(query if last is None else query.where(key > last)).all()
        if not rows:
            return

        yield rows
        last = rows[-1][0]
