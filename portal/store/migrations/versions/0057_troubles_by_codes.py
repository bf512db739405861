"""what went wrong with calls is kept by codes and values."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.domain.said import Said, as_written
from portal.sentences.voice import in_source_language

revision = '0057'
down_revision = '0056'
branch_labels = None
depends_on = None

# So many rows are read and written at once.
BATCH = 1000
# Each with its key and with what it says.
COLUMNS = (
    ('productive', 'id', 'trouble'),
    ('connection', 'id', 'catalogue_trouble'),
    ('connection', 'id', 'hooks_trouble'),
    ('grant', 'id', 'trouble'),
    ('payment_feed', 'connection_id', 'trouble'),
    ('payment_feed', 'connection_id', 'control_trouble'),
    ('payment_pull', 'id', 'trouble'),
    ('entry_feed', 'connection_id', 'trouble'),
    ('moving', 'connection_id', 'trouble'),
    ('trial', 'id', 'trouble'),
    ('trial_thing', 'id', 'trouble'),
)
# Their figures hold what was said beside others.
FIGURES = ('payment', 'finding')


def upgrade() -> None:
    for name, key, column in COLUMNS:
        _alter(name, column, sa.String(), sa.Text())
        # Nothing is guessed from a sentence: it stays as it was written.
        _rewrite(name, key, column, _spell)


def downgrade() -> None:
    # The sentences are those of the version that goes down.
    for name, key, column in COLUMNS:
        _rewrite(name, key, column, _read)
        _alter(name, column, sa.Text(), sa.String())

    for name in FIGURES:
        _read_figures(name)


def _spell(text: str) -> str:
    return json.dumps(as_written(text).to_json(), ensure_ascii=False)


def _read(kept: str) -> str:
    return in_source_language(Said.from_json(json.loads(kept)))


def _alter(name: str, column: str, before: sa.types.TypeEngine[Any], after: sa.types.TypeEngine[Any]) -> None:
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.alter_column(column, type_=after, existing_type=before, existing_nullable=True)


def _rewrite(name: str, key: str, column: str, spell: Callable[[str], str]) -> None:
    table = sa.table(name, sa.column(key), sa.column(column))
    change = (
        sa.update(table)
        .where(table.c[key] == sa.bindparam('of'))
        .values({column: sa.bindparam('become')})
    )
    for rows in _each_batch(table, table.c[key], table.c[column].is_not(None)):
        op.get_bind().execute(change, [{'of': row[0], 'become': spell(row[1])} for row in rows])


def _read_figures(name: str) -> None:
    """Make a sentence again of what a call said."""
    table = sa.table(name, sa.column('id'), sa.column('figures', sa.JSON()))
    for rows in _each_batch(table, table.c.id, sa.cast(table.c.figures, sa.Text()).contains('"said"')):
        for row in rows:
            kept = row.figures.get('said')
            if isinstance(kept, list):
                figures = {**row.figures, 'said': in_source_language(Said.from_json(kept))}
                op.get_bind().execute(sa.update(table).where(table.c.id == row.id).values(figures=figures))


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
