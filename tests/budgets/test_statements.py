"""How many statements a copy, a pull and a call to a remote cost the database, at most."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.invoices.pull import pull_invoices
from portal.actions.payments.synchronize import synchronize_payments
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import IN_EXACT
from portal.remote.pace import Window
from portal.sandbox.exact.matching import SAME_ROW, Allocation
from portal.sandbox.exact.receipts import record_matching
from portal.sandbox.exact.store import midnight
from portal.sandbox.exact.terms import outstanding
from portal.sandbox.productive.make import make_invoice
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from tests.histories.world import EUR, World, begin
from tests.store.test_lanes import Hands, a_lane

# Each time that a copy is written, it is asked first whether it is still ours. Of these statements seven tell
# open pages that they are old, and two that the invoice should be looked at again. What was read before may
# have been collected meanwhile, and is read anew.
COPY = 73
# Each commit of what pages show adds a beat to the pulse, and a pull keeps what it found.
IDLE_PULL = 36
PULL_OF_ONE_PAYMENT = 120
CALL = 5


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements of the block, without those that only begin a transaction."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(" ".join(statement.split())[:120])

    # As a job begins: nothing is known of what other sessions read before.
    session.expunge_all()
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def a_wish(world: World) -> str:
    """Ask for the copy of a new invoice of a known customer."""
    line = {"quantity": "1", "unit_price": 100000, "tax_rate": "BTW 21%"}
    made = make_invoice(
        world.productive, {"company": {"name": EUR}, "invoiced_on": "2026-10-01", "lines": [line]}
    )
    world.productive.changed()
    pull_invoices(world.session, world.billing, now=world.clock.now())
    row = world.session.get_one(InvoiceRow, str(made.id))
    customer = world.customers[row.company_name]
    choices = Choices(customer_id=customer, journal=world.journal, booking_date="2026-10-01")
    copy = request_copy(
        world.session,
        lambda _job, _subject: None,
        row.id,
        wish=Wish(choices, row.fingerprint, None),
        requested_by="Anna",
        now=world.clock.now(),
    )
    assert isinstance(copy, CopyRow)
    world.session.commit()
    return copy.id


def pull(world: World) -> list[str]:
    """Pull payments some minutes later, and return the statements of it."""
    world.clock.offset += 600
    with counted(world.session) as said:
        synchronize_payments(world.session, world.desk, world.connection_id)
    return said


def test_a_copy_for_a_known_customer_costs_few_statements() -> None:
    world = begin(loaded=True)
    copy_id = a_wish(world)
    with counted(world.session) as said:
        perform_copy(world.session, world.desk, copy_id)
    assert world.session.get_one(CopyRow, copy_id).state in IN_EXACT
    world.session.commit()
    assert len(said) <= COPY, "\n".join(said)


def test_a_pull_costs_few_statements() -> None:
    world = begin(loaded=True)
    copy_id = a_wish(world)
    perform_copy(world.session, world.desk, copy_id)
    entry_id = world.session.get_one(CopyRow, copy_id).entry_id or ""
    world.session.commit()
    pull(world)
    idle = pull(world)
    assert len(idle) <= IDLE_PULL, "\n".join(idle)
    owed = outstanding(world.books, entry_id)
    day = midnight(date(2026, 10, 12))
    record_matching(world.books, "receipt", day, owed, SAME_ROW, [Allocation(entry_id, owed)])
    paying = pull(world)
    assert len(paying) <= PULL_OF_ONE_PAYMENT, "\n".join(paying)


def test_a_call_to_a_remote_costs_few_statements(session_factory: sessionmaker[Session]) -> None:
    hands = Hands()
    now = hands.now
    lane = a_lane(session_factory, hands, Window(name="minute", length=60, limit=60, remaining=60))
    with lane.turn(endpoint="e"):
        lane.learn({}, 200, "e", now)
    with session_factory() as session, counted(session) as said, lane.turn(endpoint="e"):
        lane.learn({}, 200, "e", now)
    assert len(said) <= CALL, "\n".join(said)
