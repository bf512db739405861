"""Sequences that once paid twice, lost a payment, or said what was not so."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.payments.make import make_payments
from portal.actions.payments.on_request import record_anyway, restore_payment
from portal.actions.payments.synchronize import synchronize_payments
from portal.domain.booking.invoice import Payment
from portal.domain.connections.states import PaymentsMode
from portal.domain.copies.states import CopyAction
from portal.domain.payments.states import PaymentState
from portal.domain.payments.terms import Term
from portal.store.copies import AttemptRow
from portal.store.feeds import PaymentFeedRow
from portal.store.payments import PaymentRow
from portal.store.terms import TermRow
from tests.actions.office import QUIET, some_invoice, two_lines
from tests.actions.payments.paying import D1, D2, SENT, Till
from tests.domain.builders import some_lines


def no_check(_name: str) -> None:
    """Let a call find what it finds."""


def once(till: Till, call: str, do: Callable[[], None]) -> None:
    """Do something during the next call of a kind to either side, as if the caller stood still in it."""

    def act(name: str) -> None:
        if name == call:
            till.ledger.on_call = no_check
            till.billing.on_call = no_check
            do()

    till.ledger.on_call = act
    till.billing.on_call = act


def test_amounts_and_row_versions_beyond_32_bits_are_copied_and_paid(till: Till) -> None:
    till.ledger._timestamp = 2**40
    net = 100_000_000_000
    vat = 21_000_000_000
    lines = some_lines((net, vat))
    till.add(some_invoice(lines=lines, sent_on=SENT, amount_unpaid=net + vat))
    entry = till.copied().entry_id or ""
    till.ledger.receive(entry, net, D1)
    till.pull()
    till.ledger.receive(entry, vat, D2)
    till.pull()
    assert till.paid() == [(vat, D2, False), (net, D1, False)]
    assert till.connection().payments.term_cursor > 2**40


def another(till: Till, sessions: sessionmaker[Session]) -> Till:
    """Return a worker of the same office with a session of its own."""
    return Till(sessions(), till.ledger, till.billing, till.nudge, till.now, till.connection_id)


def test_who_comes_back_with_an_answer_late_does_not_undo_what_was_asked_since(
    till: Till, session_factory: sessionmaker[Session]
) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 9000, D1)
    real = till.billing.create_payment

    def stand_still(*args: str, **given: object) -> Payment:
        made = real(*args, **given)  # type: ignore[arg-type]
        till.billing.create_payment = real  # type: ignore[method-assign]
        other = another(till, session_factory)
        with other.session:
            other.pull(200)
            assert other.one().state == PaymentState.MADE
            till.unmatch(entry)
            till.ledger.receive(entry, 8000, D2)
            other.billing.fail("change_payment", times=1)
            other.pull(60)
        till.pass_time(300)
        return made

    till.billing.create_payment = stand_still  # type: ignore[method-assign]
    till.ledger.on_call = no_check
    till.billing.on_call = no_check
    till.pull()
    till.pull(600)
    till.pull(600)
    assert till.paid() == [(8000, D2, False)]


def test_a_removal_answered_late_leaves_the_payment_that_was_made_anew(
    till: Till, session_factory: sessionmaker[Session]
) -> None:
    entry = till.an_entry()
    term = till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.unmatch(entry)
    real = till.billing.delete_payment

    def stand_still(payment_id: str) -> None:
        real(payment_id)
        till.billing.delete_payment = real  # type: ignore[method-assign]
        other = another(till, session_factory)
        with other.session:
            till.ledger.receive(entry, 12100, D1)
            other.pull(200)
            other.pull(200)
            assert other.one().state == PaymentState.MADE
        till.pass_time(600)

    assert term
    till.billing.delete_payment = stand_still  # type: ignore[method-assign]
    till.ledger.on_call = no_check
    till.billing.on_call = no_check
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.one().state == PaymentState.MADE
    till.pull(600)
    till.pull(600)
    assert till.paid() == [(12100, D1, False)]


def test_restoring_a_payment_that_is_there_after_all_makes_no_second_one(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.pull()
    real = till.billing.find_payments

    def cut_off(invoice_ids: Sequence[str]) -> list[Payment]:
        return real(invoice_ids)[:0]

    till.billing.find_payments = cut_off  # type: ignore[method-assign]
    till.pass_time(30)
    till.add(till.billing.invoices["105"])
    till.pull()
    till.billing.find_payments = real  # type: ignore[method-assign]
    restore_payment(till.session, till.one().id, actor="Anna", now=till.now)
    till.pay()
    assert till.paid() == [(12100, D1, False)]
    assert till.one().state == PaymentState.MADE


def test_a_request_that_arrives_after_the_quiet_time_is_still_one_payment(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.billing.fail("create_payment")
    till.pull()
    asked = 0

    def arrive_late(name: str) -> None:
        nonlocal asked
        asked += name == "find_payments"
        if asked == 2:
            note = f"[{till.session.scalars(select(PaymentRow.marker)).one()}]"
            till.session.commit()
            till.billing.payments["8000"] = Payment("8000", "105", 12100, D1, False, note)

    till.billing.on_call = arrive_late
    till.pay(QUIET + 60)
    assert till.paid() == [(12100, D1, False)]
    assert (till.one().state, till.one().productive_id) == (PaymentState.MADE, "8000")


def test_what_a_person_decides_while_productive_is_asked_stays_decided(
    till: Till, session_factory: sessionmaker[Session]
) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.billing.payments["1"] = Payment("1", "105", 12100, D1, False, "By hand")
    till.pull()
    assert till.one().state == PaymentState.ASKED

    def decide() -> None:
        with session_factory() as web:
            record_anyway(web, web.scalars(select(PaymentRow.id)).one(), actor="Anna", now=till.now)

    once(till, "find_payments", decide)
    till.pass_time(3600 * 7)
    make_payments(till.session, till.desk, till.connection_id)
    till.pay()
    assert till.one().state == PaymentState.MADE


def settle_stale(till: Till, sessions: sessionmaker[Session], entry: str, call: str) -> None:
    """Let a worker stand still with Exact's answer in hand while another one pulls what came after it."""
    real = getattr(till.ledger, call)

    def stand_still(*args: str) -> list[Term]:
        found: list[Term] = real(*args)
        setattr(till.ledger, call, real)
        other = another(till, sessions)
        with other.session:
            other.pass_time(30)
            till.unmatch(entry)
            synchronize_payments(other.session, other.desk, other.connection_id)
        till.pass_time(60)
        return found

    setattr(till.ledger, call, stand_still)


def test_who_stood_still_with_old_terms_writes_no_plan_from_them(
    till: Till, session_factory: sessionmaker[Session]
) -> None:
    entry = till.an_entry()
    till.pull()
    till.ledger.receive(entry, 5000, D1)
    # The feed does not show the rest, so that the entry's own terms are asked for.
    rest = next(one for one in till.ledger.terms.values() if not one.is_settled)
    till.ledger.terms[rest.id] = replace(rest, timestamp=1)
    till.ledger.on_call = no_check
    till.billing.on_call = no_check
    settle_stale(till, session_factory, entry, "read_terms")
    till.pull()
    assert till.trouble() is None
    for _ in range(3):
        till.pull(600)
    assert till.paid() == []
    assert [row.state for row in till.rows() if row.state != PaymentState.REMOVED] == []
    assert all(not row.term().is_settled for row in till.session.scalars(select(TermRow)))
    assert till.session.scalars(select(AttemptRow.id).where(AttemptRow.payment_id.is_not(None))).all() == []


def test_payments_switched_on_anew_while_the_first_load_runs_go_by_the_new_choice(
    till: Till, session_factory: sessionmaker[Session]
) -> None:
    till.switch_on(PaymentsMode.FROM_NOW)
    till.ledger.receive(till.an_entry(), 12100, D1)

    def choose_anew() -> None:
        with session_factory() as web:
            chosen = {"mode": PaymentsMode.CATCH_UP, "baseline_done": False, "term_cursor": 1}
            web.execute(update(PaymentFeedRow).values(**chosen))
            web.commit()

    once(till, "each_tombstone_page", choose_anew)
    till.pull()
    till.pull()
    assert till.paid() == [(12100, D1, False)]


def test_money_on_an_older_entry_that_was_updated_is_followed_too(till: Till) -> None:
    entry = till.an_entry()
    first, second = two_lines()
    number = till.row().number
    till.add(some_invoice(lines=(first, second), number=number, sent_on=SENT, amount_unpaid=18150))
    till.pass_time(60)
    assert till.copied(action=CopyAction.UPDATE).gross_booked == 18150
    till.ledger.receive(entry, 18150, D1)
    till.pull()
    till.again()
    till.unmatch(entry)
    till.ledger.receive(entry, 9000, D2)
    reads = till.ledger.count("read_terms")
    till.pull()
    till.pull()
    assert till.paid() == [(9000, D2, False)]
    assert till.ledger.count("read_terms") == reads
