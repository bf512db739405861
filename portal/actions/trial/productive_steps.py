"""The steps in Productive, on the invoice that a person named: what is read, its mark, and a payment."""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice

from portal.actions.engine.turn import let_go, transaction
from portal.actions.trial.entry_steps import find_entry
from portal.actions.trial.remove import remove
from portal.actions.trial.turn import Turn
from portal.domain.booking.invoice import Invoice, Payment
from portal.domain.here import day_here
from portal.domain.ids import find_marker, tag_of
from portal.domain.text import say_money
from portal.domain.trial import judge as j
from portal.domain.unreadable import readable
from portal.remote.errors import BadAnswerError
from portal.remote.odd import all_read
from portal.store.trials import Made, TrialThingRow, things_left

BEFORE = "before"
PAYMENT = "payment"
NO_ENTRY = "00000000-0000-0000-0000-000000000000"
MADE = 1
CHANGED = 2
MOST_PAGES = 5


def look_at_rights(turn: Turn) -> None:
    """Read everything that the portal reads of Productive, so that a missing right shows."""
    billing = turn.billing
    for read in (billing.each_subsidiary, billing.each_service_type, billing.each_tax_rate):
        list(islice(read(), 1))
    billing.find_payments([turn.trial.invoice_id or "0"])
    turn.see(j.judge("productive-rights", True, "as assumed"))


def look_at_invoice(turn: Turn) -> None:
    """Read the invoice with its lines, and say whether the further steps may touch it."""
    if turn.trial.invoice_id is None:
        return

    try:
        found = all_read(turn.billing.read_invoices([turn.trial.invoice_id]))
    except BadAnswerError as error:
        turn.see(j.judge("productive-fields", False, "not whole", text=error.text))
        return

    if not found:
        turn.see(j.judge("productive-fields", False, "not found"))
        return

    turn.see(j.judge_invoice(found[0]))
    hindrance = j.find_hindrance(found[0], CHANGED)
    before = {"unpaid": found[0].amount_unpaid, "at": found[0].last_activity_at.isoformat()}
    turn.keep(hindrance=hindrance, **{BEFORE: None if hindrance else before})


def _id_of(turn: Turn, code: str) -> str | None:
    """Return the invoice to try on. None where there is none, and why is seen then."""
    invoice_id = turn.trial.invoice_id
    if invoice_id is None:
        turn.see(j.not_seen(code, "no invoice"))
    elif hindrance := turn.kept("hindrance"):
        turn.see(j.not_seen(code, "wrong invoice", text=hindrance))
    elif turn.kept(BEFORE) is not None:
        return invoice_id

    return None


def mark_invoice(turn: Turn) -> None:
    """Mark the invoice as exported, with an id that names this trial."""
    invoice_id = _id_of(turn, "productive-mark")
    if invoice_id is None:
        return

    entry = find_entry(turn)
    url = turn.ledger.entry_url(entry.id if entry else NO_ENTRY)
    export_id = f"TRIAL-{turn.marker}"
    mark = partial(turn.billing.mark_exported, invoice_id, export_id=export_id, url=url)
    turn.make(Made.MARK, f"{invoice_id} {export_id}", mark, lambda _none: export_id)
    now = _read(turn, invoice_id)
    marked = now is not None and now.exported and (now.export_id, now.export_url) == (export_id, url)
    found = now.export_id if now else None
    turn.see(j.judge("productive-mark", marked, "values", sent=export_id, found=found or ""))


def unmark_invoice(turn: Turn) -> None:
    """Take the mark off again."""
    thing = _thing_of(turn, Made.MARK)
    invoice_id = _id_of(turn, "productive-unmark")
    if invoice_id is None or thing is None:
        return

    gone = remove(turn, thing)
    now = _read(turn, invoice_id) if gone else None

    if gone and (now is None or now.exported or now.export_id):
        with transaction(turn.session):
            thing.removed_at = None
        gone = False

    seen = "as assumed" if gone else "refused"
    turn.see(j.judge("productive-unmark", gone, seen, text=thing.trouble or ""))


def make_payment(turn: Turn) -> None:
    """Record a payment of one cent, and find it by its note."""
    invoice_id = _id_of(turn, "payment-made")
    if invoice_id is None:
        return

    name = f"{invoice_id} {turn.marker}"
    note = _note(turn)
    pay = partial(
        turn.billing.create_payment, invoice_id, amount=MADE, on=_day(turn), written_off=False, note=note
    )
    made = turn.make(Made.PAYMENT, name, pay, lambda payment: payment.id)
    turn.keep(**{PAYMENT: made.id})
    now = _find_payment(turn, invoice_id)
    marked = now is not None and find_marker(now.note) == turn.marker and now.amount == MADE
    turn.see(j.judge("payment-made", marked, "values", sent=note, found=now.note if now else ""))


def look_at_changes(turn: Turn) -> None:
    """Ask what changed today, as the pull of invoices does."""
    invoice_id = _id_of(turn, "productive-changes")
    if invoice_id is None or turn.kept(PAYMENT) is None:
        return

    # A day more, for the day in Productive's own zone is not known.
    since = day_here(turn.desk.clock()) - timedelta(days=1)
    pages = islice(turn.billing.each_invoice_page(since=since), MOST_PAGES)
    before = datetime.fromisoformat(turn.kept(BEFORE)["at"])
    now = [each.last_activity_at for page in pages for each in readable(page) if each.id == invoice_id]
    moved = any(moment > before for moment in now)
    turn.see(j.judge("productive-changes", moved, "as assumed" if moved else "stayed", before=before))


def change_payment(turn: Turn) -> None:
    """Change the payment's amount and day."""
    _change(turn, "payment-changed", written_off=False)


def write_payment_off(turn: Turn) -> None:
    """Turn the payment into a write-off."""
    _change(turn, "payment-written-off", written_off=True)


def _change(turn: Turn, code: str, *, written_off: bool) -> None:
    invoice_id = _id_of(turn, code)
    payment_id = turn.kept(PAYMENT)
    if invoice_id is None or payment_id is None:
        return

    wanted = (CHANGED, _day(turn), written_off)
    turn.write(
        partial(
            turn.billing.change_payment,
            payment_id,
            amount=CHANGED,
            on=_day(turn),
            written_off=written_off,
            note=_note(turn),
        )
    )

    now = _find_payment(turn, invoice_id)
    kept = now is not None and (now.amount, now.on, now.written_off) == wanted
    amounts = {
        "sent": say_money(CHANGED, turn.connection.division_currency),
        "booked": say_money(now.amount if now else 0, turn.connection.division_currency),
    }

    turn.see(j.judge(code, kept, "amounts", **amounts))


def remove_payment(turn: Turn) -> None:
    """Remove the payment, and look whether the invoice is as open as before."""
    thing = _thing_of(turn, Made.PAYMENT)
    invoice_id = _id_of(turn, "payment-removed")
    if invoice_id is None or thing is None:
        return

    gone = remove(turn, thing)
    if gone and _find_payment(turn, invoice_id) is not None:
        with transaction(turn.session):
            thing.removed_at = None
        gone = False

    now = _read(turn, invoice_id)
    reopened = gone and now is not None and now.amount_unpaid == turn.kept(BEFORE)["unpaid"]
    seen = "as assumed" if reopened else "refused"
    turn.see(j.judge("payment-removed", reopened, seen, text=thing.trouble or ""))


def _read(turn: Turn, invoice_id: str) -> Invoice | None:
    return next(iter(all_read(turn.billing.read_invoices([invoice_id]))), None)


def _find_payment(turn: Turn, invoice_id: str) -> Payment | None:
    found = all_read(turn.billing.find_payments([invoice_id]))
    return next((each for each in found if each.id == turn.kept(PAYMENT)), None)


def _thing_of(turn: Turn, kind: Made) -> TrialThingRow | None:
    left = things_left(turn.session, turn.connection.id)
    let_go(turn.session)
    return next((each for each in left if each.kind == kind and each.trial_id == turn.trial.id), None)


def _note(turn: Turn) -> str:
    return f"Portal trial {tag_of(turn.marker)}"


def _day(turn: Turn) -> date:
    return day_here(turn.trial.started_at)
