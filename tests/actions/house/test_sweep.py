"""The sweep: what the queue forgot is found by its row, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.engine.jobs import Job
from portal.actions.house.sweep import sweep
from portal.remote.errors import TemporaryError, UnreachableError
from portal.store.copies import CopyRow, due_copies
from portal.store.payments import PaymentRow
from tests.actions.office import Office, an_office, some_invoice
from tests.actions.payments.paying import Till


@pytest.fixture
def till(session_factory: sessionmaker[Session]) -> Iterator[Till]:
    with session_factory() as session:
        plain = an_office(session)
        yield Till(session, plain.ledger, plain.billing, plain.nudge, plain.now, plain.connection_id)


def swept(office: Office) -> list[tuple[str, str]]:
    office.nudge.woken.clear()
    count = sweep(office.session, office.nudge, now=office.now)
    assert count == len(office.nudge.woken)
    return office.nudge.woken


def test_a_wish_whose_nudge_was_lost_is_found(office: Office) -> None:
    copy = office.wish()
    assert swept(office) == [(Job.COPY, copy.id)]
    office.perform(copy.id)
    assert swept(office) == []


def test_the_oldest_wish_comes_first(office: Office) -> None:
    first = office.wish()
    office.pass_time(5)
    office.add(some_invoice(id="101", number="2026-0041"))
    second = office.wish(invoice_id="101")
    assert due_copies(office.session, office.now) == [first.id, second.id]


def test_what_waits_for_its_time_is_left_until_then(office: Office) -> None:
    office.ledger.fail("create_entry", UnreachableError("no"))
    copy = office.copied()
    assert swept(office) == []
    office.pass_time(5)
    assert swept(office) == [(Job.COPY, copy.id)]


def test_what_a_worker_holds_is_left_to_it_until_its_lease_ends(office: Office) -> None:
    copy = office.wish()
    lease = {"lease_owner": "worker", "lease_until": office.now + timedelta(seconds=20)}
    office.session.execute(update(CopyRow).values(lease))
    office.session.commit()
    assert swept(office) == []
    office.pass_time(20)
    assert swept(office) == [(Job.COPY, copy.id)]


def test_an_uncertain_copy_is_asked_for_when_its_probe_is_due(office: Office) -> None:
    office.ledger.fail("create_entry")
    copy = office.copied()
    assert swept(office) == []
    office.pass_time(10)
    assert swept(office) == [(Job.COPY, copy.id)]


def test_a_mark_that_failed_is_found_though_the_copy_is_done(office: Office) -> None:
    office.billing.fail("mark_exported", TemporaryError("502"))
    copy = office.copied()
    office.pass_time(60)
    assert swept(office) == [(Job.COPY, copy.id)]
    office.perform(copy.id)
    assert swept(office) == []


def test_payments_that_wait_for_another_try_are_found(till: Till) -> None:
    entry_id = till.an_entry()
    till.switch_on()
    till.ledger.receive(entry_id, 12100, till.now.date())
    till.billing.fail("create_payment", UnreachableError("Productive is away."))
    till.pull()
    assert swept(till) == []
    till.session.execute(update(PaymentRow).values(next_try_at=till.now))
    till.session.commit()
    assert swept(till) == [(Job.PAY, str(till.connection_id))]


def test_nothing_is_open_after_a_sweep(office: Office) -> None:
    office.wish()
    sweep(office.session, lambda _job, _subject: None, now=office.now)
    assert not office.session.in_transaction()
