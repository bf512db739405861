"""How many statements a copy, a pull and a call to a remote cost the database, at most."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job costs the database."""

    statements: int
    commits: int

    def __le__(self, most: "Cost") -> bool:
        """Say whether neither is more than allowed."""
        return self.statements <= most.statements and self.commits <= most.commits


@dataclass(slots=True)
class Said:
    """The statements and commits of a block."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    statements_by_commit: list[int] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """How many there were."""
        return Cost(len(self.statements), self.commits)

    def __str__(self) -> str:
        """List them, a commit as a line of its own."""
        ends = set(self.statements_by_commit)
        return "\n".join(
            f"{at:3} {each}" + ("\n--- commit" if at in ends else "")
            for at, each in enumerate(self.statements, start=1)
        )


# What each statement and commit is for stands in docs/work-of-a-copy.md.
COPY = Cost(statements=49, commits=10)
IDLE_PULL = Cost(statements=27, commits=11)
PULL_OF_ONE_PAYMENT = Cost(statements=101, commits=19)
CALL = 5


@contextmanager
def counted(session: Session) -> Iterator[Said]:
    """Collect the statements and commits of the block, without what only begins a transaction."""
    said = Said()

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.statements.append(" ".join(statement.split())[:120])

    def end(_connection: Any) -> None:
        said.commits += 1
        said.statements_by_commit.append(len(said.statements))

    # As a job begins: nothing is known of what other sessions read before.
    session.expunge_all()
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", listen)
    event.listen(engine, "commit", end)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)
        event.remove(engine, "commit", end)


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


def pull(world: World) -> Said:
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
    assert said.cost <= COPY, said


def test_a_pull_costs_few_statements() -> None:
    world = begin(loaded=True)
    copy_id = a_wish(world)
    perform_copy(world.session, world.desk, copy_id)
    entry_id = world.session.get_one(CopyRow, copy_id).entry_id or ""
    world.session.commit()
    pull(world)
    idle = pull(world)
    assert idle.cost <= IDLE_PULL, idle
    owed = outstanding(world.books, entry_id)
    day = midnight(date(2026, 10, 12))
    record_matching(world.books, "receipt", day, owed, SAME_ROW, [Allocation(entry_id, owed)])
    paying = pull(world)
    assert paying.cost <= PULL_OF_ONE_PAYMENT, paying


def test_a_call_to_a_remote_costs_few_statements(session_factory: sessionmaker[Session]) -> None:
    hands = Hands()
    now = hands.now
    lane = a_lane(session_factory, hands, Window(name="minute", length=60, limit=60, remaining=60))
    with lane.turn(endpoint="e"):
        lane.learn({}, 200, "e", now)
    with session_factory() as session, counted(session) as said, lane.turn(endpoint="e"):
        lane.learn({}, 200, "e", now)
    assert len(said.statements) <= CALL, said
