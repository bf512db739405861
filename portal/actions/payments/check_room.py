"""Ask before a payment over-pays its invoice: somebody may have recorded the same money by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Billing
from portal.actions.payments.by_hand import RESTORED
from portal.domain.booking.invoice import Payment
from portal.domain.events import EventKind
from portal.domain.ids import find_marker
from portal.domain.money import to_decimal
from portal.domain.payments.room import ASK, FREE, Room
from portal.domain.payments.states import GOING, FindingKind, PaymentState, PaymentStep
from portal.domain.unreadable import Unreadable
from portal.remote.odd import all_read
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.findings import end_finding, note_finding
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow

LOOK_AGAIN = timedelta(hours=6)
SOON = timedelta(seconds=30)
SOME = 50
OURS_FIRST = "Another payment of this invoice has to be put right first."
RECORDED_BY_HAND = "A person said that this was recorded in Productive by hand"


class Seen:
    """Payments as Productive has them, read for many invoices at once; each reading serves one decision."""

    def __init__(self, billing: Billing, invoice_ids: Iterable[str]) -> None:
        self._billing = billing
        self._waiting = list(dict.fromkeys(invoice_ids))
        self._found: dict[str, list[Payment | Unreadable]] = {}

    def take(self, invoice_id: str) -> list[Payment]:
        """Return the payments of one invoice. May raise a ``RemoteError``, as where one cannot be read."""
        if invoice_id not in self._found:
            self._read(invoice_id)
        return all_read(self._found.pop(invoice_id))

    def _read(self, invoice_id: str) -> None:
        waiting = [one for one in self._waiting if one != invoice_id]
        some = [invoice_id, *waiting[: SOME - 1]]
        self._waiting = waiting[SOME - 1 :]
        found = self._billing.find_payments(some)
        self._found |= {one: [each for each in found if _invoice_of(each) == one] for one in some}


def _invoice_of(payment: Payment | Unreadable) -> str:
    return payment.parent if isinstance(payment, Unreadable) else payment.invoice_id


def needs_room(row: PaymentRow) -> bool:
    """Say whether a payment is weighed before it is sent; what shrinks one or is insisted on is not."""
    shrinks = row.productive_id is not None and row.amount_to_be <= row.amount and row.reason != RESTORED
    return not (row.anyway or shrinks)


def has_room(session: Session, payments: Sequence[Payment], row: PaymentRow, now: datetime) -> bool:
    """Say whether a payment fits beside its invoice's others, else it waits for a person. Commits."""
    room = _room(session, row, payments)
    verdict = room.judge(row.amount_to_be)

    if verdict == ASK:
        _ask(session, row, room, now)
    elif verdict != FREE:
        row.state = PaymentState.DUE
        row.trouble = OURS_FIRST
        row.go_on(now + _wait_for_ours(session, row))
    else:
        end_finding(session, row.invoice_id, FindingKind.OVERPAID, now)

    session.commit()
    return verdict == FREE


def _wait_for_ours(session: Session, row: PaymentRow) -> timedelta:
    """Return when to look again whether others were put right: long if none of them goes on by itself."""
    going = _rows_of(row.invoice_id).where(PaymentRow.id != row.id, PaymentRow.state.in_(GOING))
    return SOON if session.scalar(going.limit(1)) else LOOK_AGAIN


def _room(session: Session, row: PaymentRow, payments: Sequence[Payment]) -> Room:
    """Add up what fills an invoice besides the payment that is asked about."""
    invoice = session.get_one(InvoiceRow, row.invoice_id)
    mine = {one.marker: one for one in session.scalars(_rows_of(row.invoice_id))}
    ours = [(mine[marker], one) for one in payments if (marker := find_marker(one.note)) in mine]
    others = [(each, one) for each, one in ours if each.id != row.id]
    settled = invoice.amount_paid + invoice.amount_written_off + invoice.amount_unpaid

    return Room(
        total=invoice.amount_with_tax,
        credited=invoice.amount_with_tax - settled,
        strangers=sum(one.amount for one in payments) - sum(one.amount for _, one in ours),
        ours=sum(one.amount for _, one in others),
        ours_later=sum(_later(each, one) for each, one in others),
    )


def _rows_of(invoice_id: str) -> Select[PaymentRow]:
    return select(PaymentRow).where(PaymentRow.invoice_id == invoice_id)


def _later(row: PaymentRow, payment: Payment) -> int:
    """Return what one of ours will be once what is due is done."""
    if row.state == PaymentState.REMOVED or row.wanted == PaymentStep.REMOVE:
        return 0
    return payment.amount if row.next_amount is None else row.next_amount


def _ask(session: Session, row: PaymentRow, room: Room, now: datetime) -> None:
    amount = row.amount_to_be
    filled = [
        f"{to_decimal(cents)} {row.currency} {by}"
        for cents, by in (
            (room.strangers, "that this portal did not record"),
            (room.credited, "as credited"),
            (room.ours_later, "that this portal recorded"),
        )
        if cents > 0
    ]

    text = (
        f"Productive already holds {', '.join(filled) or 'less than Exact'}. Recording {to_decimal(amount)} "
        f"{row.currency} from Exact as well would over-pay the invoice by "
        f"{to_decimal(room.excess(amount))} {row.currency}. Say whether it is the same money."
    )
    if row.trouble != text:
        row.changed_at = now

    row.state = PaymentState.ASKED
    row.trouble = text
    row.go_on(now + LOOK_AGAIN)
    note_finding(session, session.get_one(CopyRow, row.copy_id), FindingKind.OVERPAID, text, now)


def look_again(session: Session, connection_id: int, *, since: datetime, now: datetime) -> None:
    """Judge anew what waits at invoices that changed in Productive. Commits nothing."""
    changed = select(InvoiceRow.id).where(InvoiceRow.read_at >= since)
    session.execute(
        update(PaymentRow)
        .where(PaymentRow.connection_id == connection_id)
        .where(or_(PaymentRow.state == PaymentState.ASKED, PaymentRow.trouble == OURS_FIRST))
        .where(PaymentRow.invoice_id.in_(changed))
        .values(next_try_at=now, lease_owner=None, lease_until=None)
        .execution_options(synchronize_session="fetch")
    )


def record_anyway(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Record a payment although it over-pays, for a person said that it is other money."""
    row = _asked(session, payment_id)
    if row is not None:
        row.anyway = True
        row.state = PaymentState.DUE
        row.trouble = None
        row.go_on(now)
        _decide(session, row, "Asked to record the payment although it over-pays the invoice", actor, now)

    session.commit()


def leave_by_hand(session: Session, payment_id: str, *, actor: str, now: datetime) -> None:
    """Take what somebody recorded by hand as this payment; nothing is sent to Productive."""
    row = _asked(session, payment_id, or_refused=True)
    if row is not None:
        row.state = PaymentState.BY_HAND
        row.reason = RECORDED_BY_HAND
        row.trouble = None
        row.go_on(None)
        _decide(session, row, RECORDED_BY_HAND, actor, now)

    session.commit()


def _asked(session: Session, payment_id: str, *, or_refused: bool = False) -> PaymentRow | None:
    """Return a payment that waits for a person, ``or_refused`` one that Productive did not take as well."""
    row = session.get_one(PaymentRow, payment_id, with_for_update=True, populate_existing=True)
    refused = or_refused and row.anyway and row.state == PaymentState.REFUSED
    return row if row.state == PaymentState.ASKED or refused else None


def _decide(session: Session, row: PaymentRow, text: str, actor: str, now: datetime) -> None:
    row.changed_at = now
    end_finding(session, row.invoice_id, FindingKind.OVERPAID, now)
    note_event(
        session,
        at=now,
        actor=actor,
        kind=EventKind.OVERPAYMENT_DECIDED,
        text=text,
        subsidiary_id=session.get_one(InvoiceRow, row.invoice_id).subsidiary_id,
        invoice_id=row.invoice_id,
    )
