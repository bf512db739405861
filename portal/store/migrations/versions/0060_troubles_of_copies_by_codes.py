"""what is said of copies, and of invoices of a run, is kept by codes and values."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from portal.domain.said import Said, as_written
from portal.sentences.voice import in_source_language

revision = '0060'
down_revision = '0059'
branch_labels = None
depends_on = None

# So many rows are read and written at once.
BATCH = 1000
# Each with its keys and with what it says.
COLUMNS = (
    ('copy', ('id',), 'trouble'),
    ('copy', ('id',), 'mark_trouble'),
    ('run_item', ('run_id', 'invoice_id'), 'trouble'),
)


def upgrade() -> None:
    for name, keys, column in COLUMNS:
        # Nothing is guessed from a sentence: it stays as it was written.
        _rewrite(name, keys, column, _spell)


def downgrade() -> None:
    # The sentences are those of the version that goes down.
    for name, keys, column in COLUMNS:
        _rewrite(name, keys, column, _read)


def _spell(text: str) -> str:
    return json.dumps(as_written(text).to_json(), ensure_ascii=False)


def _read(kept: str) -> str:
    return in_source_language(Said.from_json(json.loads(kept)))


def _rewrite(name: str, keys: tuple[str, ...], column: str, spell: Callable[[str], str]) -> None:
    table = sa.table(name, *map(sa.column, keys), sa.column(column))
    columns = [table.c[key] for key in keys]
    change = (
        sa.update(table)
        .where(*(table.c[key] == sa.bindparam(f'of_{key}') for key in keys))
        .values({column: sa.bindparam('become')})
    )
    bind = op.get_bind()
    last = None

    while True:
        query = sa.select(*columns, table.c[column]).where(table.c[column].is_not(None)).order_by(*columns)
        if last is not None:
            query = query.where(sa.tuple_(*columns) > sa.tuple_(*map(sa.literal, last)))
        rows = bind.execute(query.limit(BATCH)).all()
        if not rows:
            return

        new = [
            {f'of_{key}': row[at] for at, key in enumerate(keys)} | {'become': spell(row[-1])}
            for row in rows
        ]
        bind.execute(change, new)
        last = tuple(rows[-1][:-1])
