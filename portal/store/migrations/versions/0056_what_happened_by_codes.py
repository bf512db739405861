"""what happened and why copying is closed are kept by codes and values, not by sentences."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from portal.domain.said import Said, as_written
from portal.sentences.voice import in_source_language

revision = '0056'
down_revision = '0055'
branch_labels = None
depends_on = None

# So many rows are read and written at once.
BATCH = 1000
event = sa.table(
    'event',
    sa.column('id', sa.Integer()),
    sa.column('code', sa.String()),
    sa.column('told', sa.Text()),
)
gate = sa.table('gate', sa.column('id', sa.Integer()), sa.column('closed_why', sa.Text()))


def upgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.alter_column('text', new_column_name='told', type_=sa.Text(), existing_type=sa.String())
        batch_op.add_column(sa.Column('code', sa.String(), nullable=False, server_default='text'))

    # Nothing is guessed from a sentence: it stays as it was written.
    _rewrite_events(lambda _code, text: json.dumps({'text': text}, ensure_ascii=False))
    _rewrite_gate(lambda text: json.dumps(as_written(text).to_json(), ensure_ascii=False))

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.alter_column('code', server_default=None)
    with op.batch_alter_table('gate', schema=None) as batch_op:
        batch_op.alter_column('closed_why', type_=sa.Text(), existing_type=sa.String(), existing_nullable=True)


def downgrade() -> None:
    # The sentences are those of the version that goes down.
    _rewrite_events(lambda code, told: in_source_language(Said.from_json([code, json.loads(told)])))
    _rewrite_gate(lambda kept: in_source_language(Said.from_json(json.loads(kept))))

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('code')
        batch_op.alter_column('told', new_column_name='text', type_=sa.String(), existing_type=sa.Text())
    with op.batch_alter_table('gate', schema=None) as batch_op:
        batch_op.alter_column('closed_why', type_=sa.String(), existing_type=sa.Text(), existing_nullable=True)


def _rewrite_events(spell: Callable[[str, str], str]) -> None:
    bind = op.get_bind()
    change = (
        sa.update(event).where(event.c.id == sa.bindparam('of')).values(told=sa.bindparam('become'))
    )
    last = 0

    while True:
        query = sa.select(event).where(event.c.id > last).order_by(event.c.id).limit(BATCH)
        rows = bind.execute(query).all()
        if not rows:
            return

        bind.execute(change, [{'of': row.id, 'become': spell(row.code, row.told)} for row in rows])
        last = rows[-1].id


def _rewrite_gate(spell: Callable[[str], str]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(gate).where(gate.c.closed_why.is_not(None))).all():
        bind.execute(sa.update(gate).where(gate.c.id == row.id).values(closed_why=spell(row.closed_why)))
