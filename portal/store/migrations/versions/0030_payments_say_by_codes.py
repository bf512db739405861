"""payments and findings say by codes and figures what they said in sentences."""

import json
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

REASONS = {
    'settled': 'Settled in Exact',
    'written off': 'Written off in Exact',
    'settled otherwise': 'Exact settled another amount or date',
    'settled again': 'Exact settles this part again',
    'no longer settled': 'Exact no longer settles this part',
    'entry deleted': 'The entry was deleted in Exact before this was recorded',
    'restored': 'Restored as Exact has it',
    'recorded by hand': 'A person said that this was recorded in Productive by hand',
    'adopted': 'Adopted after a restore, by its marker',
    'dropped': 'Was still to be made when the backup was made; the next pull asks for it again if Exact settles it',
}
CAUSES = {
    'invoice not sent': 'Productive takes payments only on invoices marked as sent.',
    'invoice deleted': 'The invoice was deleted in Productive, so nothing can be recorded there.',
    'marking as sent': 'Mark as sent and record payment was chosen.',
    'ours first': 'Another payment of this invoice has to be put right first.',
    'removed by hand': 'This payment was removed in Productive by hand.',
}
CHANGED = 'This payment was changed in Productive by hand'
HOLDERS = {
    'strangers': 'that this portal did not record',
    'credited': 'as credited',
    'ours': 'that this portal recorded',
}
OVERPAID = (
    'Productive already holds {held}. Recording {amount} from Exact as well would over-pay the invoice by '
    '{excess}. Say whether it is the same money.'
)
FINDINGS = {
    'unclear': 'Several postings settled this on the same day. Decide how much of it was money.',
    'difference': 'A difference settled this part. Write it off in Productive, or leave it open there.',
    'settled before': 'A part was settled in Exact at about the time when payments were switched on. '
    'If it is new money, record it in Productive. It makes no payment by itself.',
    'decimals': 'It is not known how Productive takes amounts of a currency that has no hundredths. '
    'Record the payment there by hand.',
    'credit_match': 'A credit note settled this part in Exact. Credit the invoice in Productive too, '
    'or record a payment there.',
    'entry deleted': 'The entry was deleted in Exact. Payments already made stay; use Create new, or Do not copy.',
    'older copy': 'Money arrived on an older copy of this invoice. Move it to the latest entry in Exact.',
    'invoice deleted': 'The invoice was deleted in Productive, but Exact has its entry and its money. Restore the '
    'invoice in Productive, or credit the entry in Exact.',
}
UNREAD_OWN = (
    'A receivable term of this entry cannot be read, so no payment is taken from it. Correct it in Exact. It '
    'is read again at each pull.'
)
UNREAD_OTHER = (
    'A receivable term of this customer cannot be read, and it may be what settled this entry. So no payment '
    'is taken from it until that term can be read. Activity says which it is.'
)
DOUBTS = {
    'none shown': 'Exact shows no receivable term of this entry; it may have been deleted.',
    'sum': "Exact's receivable terms do not add up to the entry's total, so no payment is taken from them. "
    'Look at the entry in Exact; once they add up, the next pull goes on by itself.',
    'currency': 'A receivable term is in another currency than the invoice.',
    'sign': 'A receivable term has the wrong sign.',
    'kind': 'A receivable term is of a kind that no sales entry has.',
    'undated': 'A receivable term is settled, but Exact does not say when.',
}
MONEY = r'(-?\d+\.\d\d) (\S+?)'
payment = sa.table(
    'payment',
    sa.column('id', sa.String()),
    sa.column('amount', sa.BigInteger()),
    sa.column('currency', sa.String()),
    sa.column('written_off', sa.Boolean()),
    sa.column('wanted', sa.String()),
    sa.column('reason', sa.String()),
    sa.column('trouble', sa.String()),
    sa.column('cause', sa.String()),
    sa.column('figures', sa.JSON()),
)
finding = sa.table(
    'finding',
    sa.column('id', sa.String()),
    sa.column('kind', sa.String()),
    sa.column('text', sa.String()),
    sa.column('figures', sa.JSON()),
)
Figures = dict[str, Any]


def upgrade() -> None:
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cause', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('figures', sa.JSON(), nullable=False, server_default='{}'))
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.add_column(sa.Column('figures', sa.JSON(), nullable=False, server_default='{}'))

    _rewrite(payment, _payment_codes)
    _rewrite(finding, _finding_codes)

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.alter_column('figures', server_default=None)
        batch_op.drop_column('trouble')
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.alter_column('figures', server_default=None)
        batch_op.drop_column('text')


def downgrade() -> None:
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('trouble', sa.String(), nullable=True))
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.add_column(sa.Column('text', sa.String(), nullable=False, server_default=''))

    _rewrite(payment, _payment_sentences)
    _rewrite(finding, _finding_sentences)

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_column('figures')
        batch_op.drop_column('cause')
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.alter_column('text', server_default=None)
        batch_op.drop_column('figures')


def _rewrite(table: Any, change: Callable[[Any], Figures]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(table)).mappings().all():
        bind.execute(sa.update(table).where(table.c.id == row['id']).values(**change(row)))


def _payment_codes(row: Any) -> Figures:
    codes = {text: code for code, text in REASONS.items()}
    fallback = 'written off' if row['written_off'] else 'settled'
    cause, figures = _read_trouble(row['trouble'], row['currency'])
    return {'reason': codes.get(row['reason'], fallback), 'cause': cause, 'figures': figures}


def _read_trouble(text: str | None, currency: str) -> tuple[str | None, Figures]:
    if text is None:
        return None, {}

    for code, sentence in CAUSES.items():
        if text.startswith(sentence):
            return code, {}

    if text.startswith(CHANGED):
        there = re.search(f'there it is {MONEY} on (\\d{{4}}-\\d\\d-\\d\\d)', text)
        if there:
            return 'changed by hand', {'amount': _cents(there[1]), 'currency': there[2], 'on': there[3]}

    if (figures := _read_overpaid(text)) is not None:
        return 'over-paid', figures

    return 'call failed', {'said': text}


def _read_overpaid(text: str) -> Figures | None:
    whole = re.fullmatch(
        rf'Productive already holds (.*)\. Recording {MONEY} from Exact as well would over-pay the invoice by '
        rf'{MONEY}\. Say whether it is the same money\.',
        text,
    )
    if whole is None:
        return None

    held = {name: re.search(f'{MONEY} {words}', whole[1]) for name, words in HOLDERS.items()}
    amounts = {name: _cents(found[1]) if found else 0 for name, found in held.items()}
    return {**amounts, 'amount': _cents(whole[2]), 'excess': _cents(whole[4]), 'currency': whole[3]}


def _finding_codes(row: Any) -> Figures:
    text = row['text']
    if row['kind'] == 'over-paid':
        nothing = dict.fromkeys((*HOLDERS, 'amount', 'excess'), 0) | {'currency': ''}
        return {'figures': _read_overpaid(text) or nothing}

    if row['kind'] == 'doubtful':
        return {'figures': {'doubt': next((code for code, each in DOUBTS.items() if each == text), 'sum')}}

    if row['kind'] == 'unreadable' and text != UNREAD_OTHER:
        return {'figures': {'said': text.removeprefix(UNREAD_OWN).strip()}}

    return {'figures': {}}


def _payment_sentences(row: Any) -> Figures:
    return {
        'reason': REASONS.get(row['reason'], row['reason']),
        'trouble': _spell_trouble(row['cause'], _figures_of(row)),
    }


def _spell_trouble(cause: str | None, figures: Figures) -> str | None:
    if cause is None or cause in CAUSES:
        return CAUSES[cause] if cause else None
    if cause == 'changed by hand':
        return f'{CHANGED}: there it is {_money(figures, "amount")} on {figures["on"]}.'
    return _spell_overpaid(figures) if cause == 'over-paid' else str(figures['said'])


def _finding_sentences(row: Any) -> Figures:
    kind, figures = row['kind'], _figures_of(row)
    if kind == 'over-paid':
        return {'text': _spell_overpaid(figures)}
    if kind == 'doubtful':
        return {'text': DOUBTS[figures['doubt']]}
    if kind == 'unreadable':
        return {'text': f'{UNREAD_OWN} {figures["said"]}' if 'said' in figures else UNREAD_OTHER}
    return {'text': FINDINGS[kind]}


def _spell_overpaid(figures: Figures) -> str:
    held = [f'{_money(figures, name)} {words}' for name, words in HOLDERS.items() if figures[name] > 0]
    return OVERPAID.format(
        held=', '.join(held) or 'less than Exact',
        amount=_money(figures, 'amount'),
        excess=_money(figures, 'excess'),
    )


def _figures_of(row: Any) -> Figures:
    figures = row['figures']
    return json.loads(figures) if isinstance(figures, str) else dict(figures or {})


def _cents(amount: str) -> int:
    return int(amount.replace('.', ''))


def _money(figures: Figures, name: str) -> str:
    cents = figures[name]
    return f'{"-" if cents < 0 else ""}{abs(cents) // 100}.{abs(cents) % 100:02} {figures["currency"]}'
