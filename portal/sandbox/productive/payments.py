"""The rules of payments.

What the documentation leaves open is refused, so that a client which passes here passes there: payments on
invoices that are not marked as sent or are credit notes, amounts above what is open, or of zero and below.
"""

from portal.sandbox.productive.asks import BLANK, INVALID, Ask, as_cents, as_day, as_text
from portal.sandbox.productive.errors import invalid, not_found
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox


def create_payment(state: Sandbox, ask: Ask) -> Payment:
    """Record a payment, or raise 422 with everything that is wrong."""
    invoice = state.tables.invoices.get(ask.related_id("invoice", "invoices") or 0)
    payment = Payment(id=0, invoice_id=invoice.id if invoice else 0, amount=0, created_at=state.moment())
    faults = _fill(payment, ask)
    _check(payment, invoice, faults, room=invoice.amount_unpaid if invoice else 0)
    payment.id = state.next_id("payments")
    if "payment-made" in state.backstage.readings:
        payment.note = None

    return add_payment(state, payment)


def add_payment(state: Sandbox, payment: Payment) -> Payment:
    """Store a payment without asking whether it is allowed."""
    invoice = state.tables.invoices[payment.invoice_id]
    state.tables.payments[payment.id] = payment
    invoice.payments = [*invoice.payments, payment.id]
    state.tell("create_payment", payment.id)
    state.settle(invoice)
    return payment


def change_payment(state: Sandbox, payment: Payment, ask: Ask) -> Payment:
    """Change amount, dates or note. The invoice stays, and an over-paid one is not over-paid any further."""
    invoice = state.tables.invoices[payment.invoice_id]
    room = max(invoice.amount_unpaid, 0) + payment.amount
    draft = Payment(
        id=payment.id,
        invoice_id=payment.invoice_id,
        amount=payment.amount,
        created_at=payment.created_at,
        paid_on=payment.paid_on,
        written_off_on=payment.written_off_on,
        note=payment.note,
    )

    _check(draft, invoice, _fill(draft, ask, old=payment), room=room)
    if draft.written_off_on and "payment-written-off" in state.backstage.readings:
        raise invalid({"written_off_on": "can't be set on a payment"})

    if not draft.written_off_on and "payment-changed" in state.backstage.readings:
        draft.amount = payment.amount
        draft.note = payment.note

    state.tables.payments[payment.id] = draft
    state.tell("update_payment", payment.id)
    state.settle(invoice)

    return draft


def delete_payment(state: Sandbox, payment: Payment) -> None:
    """Remove a payment for good: payments have no recycle bin."""
    if "payment-removed" in state.backstage.readings:
        raise invalid({"base": "can't be removed"})

    invoice = state.tables.invoices[payment.invoice_id]
    state.tell("delete_payment", payment.id)
    del state.tables.payments[payment.id]
    invoice.payments = [id_ for id_ in invoice.payments if id_ != payment.id]
    state.settle(invoice)


def find_payment(state: Sandbox, id_: int) -> Payment:
    """The payment, or 404."""
    payment = state.tables.payments.get(id_)
    if payment is None:
        raise not_found()
    return payment


def _fill(payment: Payment, ask: Ask, old: Payment | None = None) -> dict[str, str]:
    faults: dict[str, str] = {}
    if ask.has("note"):
        payment.note = as_text(ask.attributes["note"])

    for name in ("paid_on", "written_off_on"):
        if ask.has(name):
            try:
                setattr(payment, name, as_day(ask.attributes[name]))
            except ValueError:
                faults[name] = INVALID

    amount = ask.attributes.get("amount", old.amount if old else None)
    try:
        payment.amount = as_cents(amount)
    except ValueError:
        faults["amount"] = BLANK if amount in (None, "") else "is not a number"

    return faults


def _check(payment: Payment, invoice: Invoice | None, faults: dict[str, str], room: int) -> None:
    if not payment.paid_on and not payment.written_off_on:
        faults.setdefault("paid_on", BLANK)
    elif payment.paid_on and payment.written_off_on:
        # "paid_on or written_off_on": both at once is undocumented, so it is refused.
        faults.setdefault("written_off_on", "can't be set together with paid_on")

    if invoice is None or not invoice.is_live:
        faults["invoice"] = BLANK
    elif problem := _problem_of(invoice):
        faults["invoice"] = problem
    elif payment.amount <= 0:
        # Undocumented; refused, for a reversal is a deletion and not a negative payment.
        faults.setdefault("amount", "must be greater than 0")
    elif payment.amount > room:
        # Undocumented; refused, so that a client notices before it overpays.
        faults.setdefault("amount", "can't be greater than the unpaid amount")

    if faults:
        raise invalid(faults)


def _problem_of(invoice: Invoice) -> str | None:
    if invoice.is_credit_note:
        return "can't be a credit note"
    return None if invoice.sent_on else "must be marked as sent"
