"""Look at a payment that is due: what is known of it here, and what Productive has of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.actions.engine.attempts import is_quiet
from portal.actions.engine.turn import transaction
from portal.actions.payments.turn import PaymentTurn
from portal.domain.booking.invoice import Payment
from portal.domain.copies.states import AttemptKind
from portal.domain.ids import find_marker
from portal.domain.payments.decide import Lost, Sight, There, is_weighed
from portal.domain.payments.room import Room
from portal.domain.payments.states import PaymentReason, PaymentState, PaymentStep
from portal.domain.unreadable import Unreadable
from portal.remote.odd import all_read
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow
from portal.store.payments import PaymentRow


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a payment, when, and the rows that it was seen by."""

    sight: Sight
    at: datetime
    found: Payment | None
    lost: AttemptRow | None


def look(turn: PaymentTurn) -> Look:
    """Look at a payment, and ask Productive where that is needed to decide."""
    row = turn.row
    lost = turn.find_attempt(AttemptKind.CREATE_PAYMENT)
    with transaction(turn.session):
        may_mark = _may_mark(turn)

    at = turn.now()
    found = None if lost is None else _find(row, turn.billing.find_payments([row.invoice_id]))
    verdict = _judge_lost(turn, lost, found, at)
    payments = None

    if verdict in (Lost.NO, Lost.OLD) and _needs_payments(turn):
        payments = turn.seen.take(row.invoice_id)
        found = None if row.productive_id else _find(row, payments)

    sight = Sight(
        wanted=row.wanted,
        amount=row.amount_to_be,
        is_recorded=row.productive_id is not None,
        lost=verdict,
        there=_judge_found(row, found),
        room=None if payments is None else weigh(turn, payments, found),
        invoice_deleted=turn.invoice.deleted,
        invoice_sent=turn.invoice.sent_on is not None,
        may_mark=may_mark,
    )

    return Look(sight, at, found, lost)


def _may_mark(turn: PaymentTurn) -> bool:
    """Say whether the portal may mark this invoice as sent by itself."""
    if turn.row.productive_id is not None or turn.invoice.sent_on is not None:
        return False
    return turn.session.get_one(ConnectionRow, turn.row.connection_id).payments.mark_sent_by_itself


def _find(row: PaymentRow, payments: Sequence[Payment | Unreadable]) -> Payment | None:
    """Find a payment by its marker. Raises an UnreadableError where one of them cannot be read."""
    return next((one for one in all_read(payments) if find_marker(one.note) == row.marker), None)


def _judge_lost(turn: PaymentTurn, lost: AttemptRow | None, found: Payment | None, at: datetime) -> Lost:
    """Say what became of a creation whose reply was lost."""
    if lost is None:
        return Lost.NO
    if found is not None:
        return Lost.FOUND
    return Lost.OLD if is_quiet(lost, quiet=turn.desk.quiet, now=at) else Lost.YOUNG


def _needs_payments(turn: PaymentTurn) -> bool:
    """Say whether what Productive has at the invoice must be known before a payment is sent."""
    removing = turn.row.wanted == PaymentStep.REMOVE
    return not removing and not turn.invoice.deleted and needs_room(turn.row)


def _judge_found(row: PaymentRow, found: Payment | None) -> There:
    if found is None:
        return There.NO

    same = (found.amount, found.on, found.written_off) == (row.amount, row.paid_on, row.written_off)
    return There.ALIKE if same else There.UNLIKE


def needs_room(row: PaymentRow, found: Payment | None = None) -> bool:
    """Say whether a payment, perhaps ``found`` in Productive meanwhile, is weighed before it is sent."""
    recorded = row.amount if row.productive_id is not None else found.amount if found else None
    restored = row.reason == PaymentReason.RESTORED
    return is_weighed(amount=row.amount_to_be, recorded=recorded, restored=restored, anyway=row.anyway)


def weigh(turn: PaymentTurn, payments: Sequence[Payment], found: Payment | None = None) -> Room | None:
    """Add up what fills an invoice besides the payment that is asked about. None where it needs no room."""
    if not needs_room(turn.row, found):
        return None

    invoice = turn.invoice
    rows = turn.session.scalars(select(PaymentRow).where(PaymentRow.invoice_id == invoice.id))
    mine = {one.marker: one for one in rows}
    ours = [(mine[marker], one) for one in payments if (marker := find_marker(one.note)) in mine]
    others = [(each, one) for each, one in ours if each.id != turn.row.id]
    settled = invoice.amount_paid + invoice.amount_written_off + invoice.amount_unpaid

    return Room(
        total=invoice.amount_with_tax,
        credited=invoice.amount_with_tax - settled,
        strangers=sum(one.amount for one in payments) - sum(one.amount for _, one in ours),
        ours=sum(one.amount for _, one in others),
        ours_later=sum(_later(each, one) for each, one in others),
    )


def _later(row: PaymentRow, payment: Payment) -> int:
    """Return what one of ours will be once what is due is done."""
    if row.state == PaymentState.REMOVED or row.wanted == PaymentStep.REMOVE:
        return 0
    return payment.amount if row.next_amount is None else row.next_amount
