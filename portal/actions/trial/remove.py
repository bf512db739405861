"""Remove what trials made, also what an earlier one that broke off left. Found by key or by its name."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from portal.actions.engine.turn import let_go, transaction
from portal.actions.trial.turn import Turn
from portal.domain.failed import Failed
from portal.domain.ids import find_marker
from portal.domain.said import said
from portal.remote.errors import RefusedError
from portal.remote.odd import all_read
from portal.store.trials import Made, TrialThingRow, things_left

# An account goes only after its entries; marks and payments stand for themselves.
IN_PRODUCTIVE = (Made.MARK, Made.PAYMENT)
IN_EXACT = (Made.ENTRY, Made.CUSTOMER)


def remove_all(turn: Turn) -> Sequence[TrialThingRow]:
    """Remove everything that the connection's trials left, and return what stays."""
    # Where the division can no longer be reached, what is in Productive goes all the same.
    left = list(things_left(turn.session, turn.connection.id))
    let_go(turn.session)

    for kind in (*IN_PRODUCTIVE, *IN_EXACT) if turn.reaches else IN_PRODUCTIVE:
        for thing in left:
            if thing.kind == kind:
                remove(turn, thing)

    still = things_left(turn.session, turn.connection.id)
    let_go(turn.session)
    return still


def remove(turn: Turn, thing: TrialThingRow) -> bool:
    """Remove one thing. Say whether it is gone. A refusal is kept with it."""
    try:
        gone = _REMOVE[thing.kind](turn, thing)
    except RefusedError as error:
        with transaction(turn.session):
            thing.trouble = error.said
        return False

    with transaction(turn.session):
        thing.trouble = None if gone else said(Failed.MAY_STILL_COME)
        if gone:
            thing.removed_at = turn.desk.clock()

    return gone


def _is_quiet(turn: Turn, thing: TrialThingRow, now: datetime) -> bool:
    """Say whether a lost request can no longer be running, so that "not found" counts."""
    return now >= thing.intended_at + timedelta(seconds=turn.desk.quiet)


def _remove_entry(turn: Turn, thing: TrialThingRow) -> bool:
    keys = [thing.key] if thing.key else [each.id for each in turn.ledger.find_entries(thing.name)]
    for key in keys:
        turn.write(partial(turn.ledger.delete_entry, key))
    return bool(keys) or _is_quiet(turn, thing, turn.desk.clock())


def _remove_customer(turn: Turn, thing: TrialThingRow) -> bool:
    found = [] if thing.key else [each.id for each, _ in turn.ledger.find_customers(thing.name)]
    keys = [thing.key] if thing.key else found
    for key in keys:
        turn.write(partial(turn.ledger.delete_customer, key))
    return bool(keys) or _is_quiet(turn, thing, turn.desk.clock())


def _remove_payment(turn: Turn, thing: TrialThingRow) -> bool:
    """Remove a payment. Its name is the invoice's id and the marker that its note carries."""
    invoice_id, _, marker = thing.name.partition(" ")
    found = all_read(turn.billing.find_payments([invoice_id]))
    keys = [each.id for each in found if each.id == thing.key or find_marker(each.note) == marker]
    for key in keys:
        turn.write(partial(turn.billing.delete_payment, key))
    return bool(keys) or bool(thing.key) or _is_quiet(turn, thing, turn.desk.clock())


def _remove_mark(turn: Turn, thing: TrialThingRow) -> bool:
    """Take the mark off an invoice that still names this trial."""
    invoice_id, _, named = thing.name.partition(" ")
    found = all_read(turn.billing.read_invoices([invoice_id]))
    if not any(each.export_id == named for each in found):
        return bool(thing.key) or _is_quiet(turn, thing, turn.desk.clock())
    turn.write(lambda: turn.billing.unmark_exported(invoice_id))
    return True


_REMOVE: dict[Made, Callable[[Turn, TrialThingRow], bool]] = {
    Made.MARK: _remove_mark,
    Made.PAYMENT: _remove_payment,
    Made.ENTRY: _remove_entry,
    Made.CUSTOMER: _remove_customer,
}
