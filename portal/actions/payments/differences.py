"""Notice payments of ours that somebody changed or removed in Productive. Show them, never remake them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.invoice import Payment
from portal.domain.payments.states import PaymentCause, PaymentState
from portal.domain.payments.words import Figures
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.store.invoices import InvoiceRow
from portal.store.leases import check_held
from portal.store.payments import PaymentRow
from portal.store.unreadable import PRODUCTIVE, end_of_parents, note_unreadable, open_of

SOME = 50


def check_differences(
    session: Session, billing: Billing, connection_id: int, *, since: datetime | None, now: datetime
) -> None:
    """Look at our payments on invoices that changed in Productive since the last pull."""
    if since is None:
        let_go(session)
        return

    query = (
        select(PaymentRow.invoice_id)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(
            PaymentRow.connection_id == connection_id,
            PaymentRow.productive_id.is_not(None),
            PaymentRow.state.in_((PaymentState.MADE, PaymentState.REFUSED)),
            InvoiceRow.read_at > since,
        )
    )

    hidden = (row.parent for row in open_of(session, PRODUCTIVE, Kind.PAYMENT))
    ids = sorted({*session.scalars(query), *hidden})
    let_go(session)

    for at in range(0, len(ids), SOME):
        some = ids[at : at + SOME]
        found = billing.find_payments(some)
        # Where a payment cannot be read, nobody knows whether it was changed.
        unclear = {one.parent for one in unreadable(found)}
        whole = [one for one in some if one not in unclear]
        keep_unreadable_payments(session, some, unreadable(found), now)
        _judge_all(session, whole, {payment.id: payment for payment in readable(found)}, now)


def keep_unreadable_payments(
    session: Session, invoice_ids: Sequence[str], records: Sequence[Unreadable], now: datetime
) -> None:
    """List the payments of some invoices that cannot be read. What else was listed is over."""
    subsidiaries = dict(
        session.execute(
            select(InvoiceRow.id, InvoiceRow.subsidiary_id).where(InvoiceRow.id.in_(invoice_ids))
        ).all()
    )

    placed = [replace(one, subsidiary=subsidiaries.get(one.parent, one.subsidiary)) for one in records]
    note_unreadable(session, PRODUCTIVE, placed, now)
    end_of_parents(session, PRODUCTIVE, Kind.PAYMENT, invoice_ids, now)


def _judge_all(
    session: Session, invoice_ids: Iterable[str], found: Mapping[str, Payment], now: datetime
) -> None:
    with transaction(session):
        check_held(session)
        rows = session.scalars(
            select(PaymentRow)
            .where(
                PaymentRow.invoice_id.in_(invoice_ids),
                PaymentRow.productive_id.is_not(None),
                PaymentRow.state.in_((PaymentState.MADE, PaymentState.REFUSED)),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )

        for row in rows:
            if row.state == PaymentState.MADE or row.is_by_hand:
                show_difference(row, found.get(row.productive_id or ""), now)


def show_difference(row: PaymentRow, payment: Payment | None, now: datetime) -> None:
    """Show a difference, or let it go when somebody put it right."""
    if payment is None:
        row.differ(PaymentCause.REMOVED_BY_HAND, {}, now)
    elif (payment.amount, payment.on) == (row.amount_to_be, row.day_to_be):
        row.agree(payment.amount, payment.on, now)
    else:
        there: Figures = {"amount": payment.amount, "currency": row.currency, "on": str(payment.on)}
        row.differ(PaymentCause.CHANGED_BY_HAND, there, now)
