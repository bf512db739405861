"""What a trial found to fail stays off, over the wire, and goes on once a trial sees it hold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import request_readings
from portal.actions.copies.request import Wish, request_copy
from portal.actions.payments.control import control_payments
from portal.actions.payments.synchronize import request_pulls, synchronize_payments
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import CopyAction
from portal.domain.periods import read_period
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from tests.histories.world import EUR
from tests.telling import told
from tests.trial.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """A connected portal beside both sandboxes."""
    made = Bench()
    made.sign_in()
    return made


def fail(bench: Bench, *codes: str) -> None:
    """Let a trial have found that some assumptions fail."""
    connection = bench.world.session.get_one(ConnectionRow, bench.world.connection_id)
    connection.failed_assumptions = ",".join(codes)
    bench.world.session.commit()
    bench.world.exact.backstage.calls.clear()
    bench.world.productive.backstage.calls.clear()


def ask(bench: Bench, number: str, action: CopyAction = CopyAction.CREATE) -> list[str]:
    """Ask for a copy and return its problems. None where it is recorded."""
    world = bench.world
    row = world.session.scalars(select(InvoiceRow).where(InvoiceRow.number == number)).one()
    choices = Choices(
        customer_id=world.customers[EUR], journal=world.journal, booking_date=row.invoiced_on.isoformat()
    )
    wish = Wish(choices, row.fingerprint, row.latest_copy_id, action)
    made = request_copy(world.session, bench.nudge, row.id, wish=wish, requested_by="Anna", now=bench.now)
    return [] if isinstance(made, CopyRow) else [problem.code for problem in made]


def first_number(bench: Bench) -> str:
    """The number of an invoice that is copied."""
    return str(bench.world.session.get_one(InvoiceRow, "1").number)


def test_what_a_trial_finds_closes_copying_and_what_the_next_one_sees_opens_it(bench: Bench) -> None:
    number = bench.new_invoice()
    readings = bench.world.exact.backstage.readings
    readings.on.add("find-by-number")
    bench.whole_trial()
    assert ask(bench, number) == ["copying_kept_off"]
    readings.clear()
    bench.world.clock.advance(361)
    bench.whole_trial()
    assert ask(bench, number) == []


def test_updates_are_refused_beforehand(bench: Bench) -> None:
    fail(bench, "header-change")
    assert "update_kept_off" in ask(bench, first_number(bench), CopyAction.UPDATE)
    assert "update_kept_off" not in ask(bench, bench.new_invoice())


@pytest.mark.parametrize("code", ["deleted-terms", "term-sign", "receipt-split", "payment-removed"])
def test_payments_ask_nobody_while_they_are_kept_off(bench: Bench, code: str) -> None:
    world = bench.world
    fail(bench, code)
    assert request_pulls(world.session, bench.nudge) == 0
    synchronize_payments(world.session, world.desk, world.connection_id)
    control_payments(world.session, world.desk, world.connection_id)
    assert bench.calls() == 0
    fail(bench)
    synchronize_payments(world.session, world.desk, world.connection_id)
    assert bench.calls() >= 2


def test_the_nightly_control_alone_is_kept_off(bench: Bench) -> None:
    world = bench.world
    synchronize_payments(world.session, world.desk, world.connection_id)
    fail(bench, "open-terms")
    control_payments(world.session, world.desk, world.connection_id)
    assert bench.calls() == 0
    synchronize_payments(world.session, world.desk, world.connection_id)
    assert bench.calls() >= 2


def test_months_are_read_whole_where_changes_alone_would_miss_a_line(bench: Bench) -> None:
    october = read_period("2026-10")
    assert october is not None

    def read() -> list[str]:
        world = bench.world
        world.clock.advance(timedelta(minutes=5).total_seconds())
        request_readings(world.session, bench.nudge, october, subsidiaries=None, whole=False, now=bench.now)
        world.exact.backstage.calls.clear()
        read_exact(world.session, world.ledger, bench.nudge, world.connection_id, clock=world.clock.now)
        return [call.path for call in world.exact.backstage.calls.all()]

    read()
    assert not any("EntryDate" in path.partition("filter")[2].partition("&")[0] for path in read())
    fail(bench, "line-modified")
    assert any("EntryDate" in path.partition("filter")[2].partition("&")[0] for path in read())


def test_an_invoice_is_not_marked_where_marks_do_not_work_and_that_is_said(bench: Bench) -> None:
    number = bench.new_invoice()
    fail(bench, "productive-mark")
    world = bench.world
    row = world.session.scalars(select(InvoiceRow).where(InvoiceRow.number == number)).one()
    world.copy(row.id)
    copy = world.session.scalars(select(CopyRow).where(CopyRow.invoice_id == row.id)).one()
    assert copy.mark_trouble
    assert "trial" in told(copy.mark_trouble)
    assert not copy.mark_due
    methods = {call.method for call in world.productive.backstage.calls.all()}
    assert methods == {"GET"}
