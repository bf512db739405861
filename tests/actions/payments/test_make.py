"""Making payments: each once, whatever is lost; held while unsent; what people did by hand is shown."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.actions.payments.due import due_connections
from portal.actions.payments.on_request import mark_sent_and_pay, restore_payment, retry_payment
from portal.domain.payments.states import PaymentCause, PaymentState
from portal.remote.errors import LostReplyError, RefusedError, UnreachableError
from portal.store.copies import AttemptRow
from portal.store.events import EventRow
from portal.store.payments import PaymentRow
from tests.actions.office import QUIET
from tests.actions.payments.paying import D1, D2, SENT, Till
from tests.telling import told


def settled(till: Till, *, sent: bool = True) -> str:
    entry = till.an_entry(sent=sent)
    till.ledger.receive(entry, 12100, D1)
    return entry


def attempts(till: Till) -> list[tuple[str, str]]:
    rows = till.session.scalars(select(AttemptRow).where(AttemptRow.payment_id.is_not(None)))
    return sorted((row.kind, row.state) for row in rows)


def as_pulled(till: Till) -> None:
    """Read the invoice as the pull of invoices would after a change in Productive."""
    till.pass_time(30)
    till.add(till.billing.invoices["105"])


def test_a_lost_reply_is_adopted_once(till: Till) -> None:
    settled(till)
    till.billing.fail("create_payment", LostReplyError("Lost."), after=True)
    till.pull()
    assert till.one().state == PaymentState.UNCERTAIN
    till.pull(60)
    assert till.one().state == PaymentState.MADE
    assert till.paid() == [(12100, D1, False)]
    assert till.billing.count("create_payment") == 1
    assert attempts(till) == [("create payment", "done")]


def test_a_lost_request_is_repeated_only_after_the_quiet_time(till: Till) -> None:
    settled(till)
    till.billing.fail("create_payment", LostReplyError("Lost."))
    till.pull()
    for _ in range(3):
        till.pay(60)
    assert till.billing.count("create_payment") == 1
    assert till.one().state == PaymentState.UNCERTAIN
    till.pay(QUIET)
    assert till.paid() == [(12100, D1, False)]
    assert till.billing.count("create_payment") == 2


def test_an_uncertain_payment_stays_so_while_productive_cannot_be_asked(till: Till) -> None:
    entry = settled(till)
    till.billing.fail("create_payment", LostReplyError("Lost."), after=True)
    till.pull()
    till.billing.fail("find_payments", UnreachableError("No connection."))
    till.pay()
    assert till.one().state == PaymentState.UNCERTAIN
    till.unmatch(entry)
    till.ledger.receive(entry, 9000, D2)
    till.pull()
    till.pull()
    assert till.paid() == [(9000, D2, False)]
    assert till.billing.count("create_payment") == 1


def test_a_worker_killed_while_sending_doubles_nothing(till: Till) -> None:
    settled(till)

    def die(name: str) -> None:
        if name == "create_payment":
            raise SystemExit

    check = till.billing.on_call
    till.billing.on_call = die
    with pytest.raises(SystemExit):
        till.pull()
    till.billing.on_call = check
    till.session.rollback()
    row = till.one()
    note = f"[{row.marker}]"
    till.billing.create_payment("105", amount=12100, on=D1, written_off=False, note=note)
    till.session.expire_all()
    till.session.commit()
    till.pay(160)
    assert till.paid() == [(12100, D1, False)]
    assert till.one().state == PaymentState.MADE


def test_what_cannot_be_reached_is_tried_again(till: Till) -> None:
    settled(till)
    till.billing.fail("create_payment", UnreachableError("No connection."))
    till.pull()
    row = till.one()
    assert (row.state, told(row.trouble)) == (PaymentState.DUE, "“No connection.”")
    assert due_connections(till.session, till.now) == []
    till.pay(10)
    assert till.paid() == [(12100, D1, False)]


def test_what_productive_refuses_is_shown_and_tried_again_on_demand(till: Till) -> None:
    settled(till)
    till.billing.fail("create_payment", RefusedError("The invoice is locked."))
    till.pull()
    row = till.one()
    assert (row.state, told(row.trouble)) == (PaymentState.REFUSED, "“The invoice is locked.”")
    till.pay(6000)
    assert till.paid() == []
    retry_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay()
    assert till.paid() == [(12100, D1, False)]


def test_an_unsent_invoice_holds_its_payments_until_it_is_marked(till: Till) -> None:
    entry = till.an_entry(sent=False)
    till.ledger.receive(entry, 5000, D1)
    till.ledger.receive(entry, 7100, D2)
    till.pull()
    rows = till.rows()
    assert [(row.state, row.cause) for row in rows] == [(PaymentState.HELD, PaymentCause.UNSENT)] * 2
    assert till.billing.count("create_payment") == till.billing.count("mark_sent") == 0
    mark_sent_and_pay(till.session, rows[0].id, actor="anna@example.com", now=till.now)
    till.pay(1)
    assert till.paid() == [(5000, D1, False), (7100, D2, False)]
    assert till.billing.count("mark_sent") == 1
    assert till.row().sent_on is not None
    events = till.session.scalars(select(EventRow).where(EventRow.kind == "mark as sent")).all()
    assert [(event.actor, event.subsidiary_id) for event in events] == [("anna@example.com", "1")]


def test_the_wish_to_mark_outlives_a_failure(till: Till) -> None:
    settled(till, sent=False)
    till.pull()
    mark_sent_and_pay(till.session, till.one().id, actor="anna@example.com", now=till.now)
    till.billing.fail("mark_sent", UnreachableError("No connection."))
    till.pay(1)
    assert till.paid() == []
    till.pay(60)
    assert till.paid() == [(12100, D1, False)]


def test_a_held_payment_goes_on_when_somebody_sends_the_invoice(till: Till) -> None:
    settled(till, sent=False)
    till.pull()
    till.add(replace(till.billing.invoices["105"], sent_on=SENT))
    till.pay(600)
    assert till.paid() == [(12100, D1, False)]


def test_a_connection_may_mark_by_itself(till: Till) -> None:
    till.switch_on(mark_sent_by_itself=True)
    settled(till, sent=False)
    till.pull()
    assert till.paid() == [(12100, D1, False)]


def test_a_held_payment_that_exact_takes_back_never_was(till: Till) -> None:
    entry = settled(till, sent=False)
    till.pull()
    till.unmatch(entry)
    till.pull()
    till.add(replace(till.billing.invoices["105"], sent_on=SENT))
    till.pay(600)
    assert till.paid() == []
    assert till.billing.count("delete_payment") == 0


def test_what_was_removed_by_hand_is_shown_and_restored_once_asked(till: Till) -> None:
    settled(till)
    till.pull()
    till.billing.payments.clear()
    as_pulled(till)
    till.pull()
    row = till.one()
    assert (row.state, row.cause) == (PaymentState.REFUSED, PaymentCause.REMOVED_BY_HAND)
    retry_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay(6000)
    assert till.paid() == []
    restore_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay()
    assert till.paid() == [(12100, D1, False)]
    assert till.one().state == PaymentState.MADE


def test_what_was_changed_by_hand_is_shown_and_restored_once_asked(till: Till) -> None:
    settled(till)
    till.pull()
    till.billing.payments["9001"] = replace(till.billing.payments["9001"], amount=100)
    as_pulled(till)
    till.pull()
    row = till.one()
    assert row.cause == PaymentCause.CHANGED_BY_HAND
    assert row.figures == {"amount": 100, "currency": "EUR", "on": "2026-03-12"}
    restore_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay()
    assert till.paid() == [(12100, D1, False)]
    assert till.billing.count("create_payment") == 1


def test_what_was_changed_by_hand_before_its_lost_reply_was_resolved_is_shown(till: Till) -> None:
    settled(till)
    till.billing.fail("create_payment", LostReplyError("Lost."), after=True)
    till.pull()
    till.billing.payments["9001"] = replace(till.billing.payments["9001"], amount=100)
    till.pull(60)
    row = till.one()
    assert (row.state, row.amount) == (PaymentState.REFUSED, 12100)
    assert row.cause == PaymentCause.CHANGED_BY_HAND
    assert row.figures == {"amount": 100, "currency": "EUR", "on": "2026-03-12"}
    restore_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay()
    assert till.paid() == [(12100, D1, False)]
    assert till.billing.count("create_payment") == 1


def test_what_was_put_right_by_hand_is_no_difference_any_more(till: Till) -> None:
    settled(till)
    till.pull()
    before = till.billing.payments["9001"]
    till.billing.payments["9001"] = replace(before, on=D2)
    as_pulled(till)
    till.pull()
    assert till.one().state == PaymentState.REFUSED
    till.billing.payments["9001"] = before
    as_pulled(till)
    till.pull()
    assert (till.one().state, till.one().trouble) == (PaymentState.MADE, None)


def test_a_change_in_exact_never_remakes_what_a_person_removed(till: Till) -> None:
    entry = settled(till)
    till.pull()
    till.billing.payments.clear()
    till.unmatch(entry)
    till.ledger.receive(entry, 9000, D2)
    till.pull()
    row = till.one()
    assert (row.state, row.cause, till.paid()) == (PaymentState.REFUSED, PaymentCause.REMOVED_BY_HAND, [])
    assert row.may_restore
    restore_payment(till.session, row.id, actor="anna@example.com", now=till.now)
    till.pay()
    assert till.paid() == [(9000, D2, False)]


def test_payments_of_others_are_never_touched(till: Till) -> None:
    entry = settled(till)
    till.billing.create_payment("105", amount=700, on=D1, written_off=False, note="by Bob")
    till.pull()
    till.unmatch(entry)
    till.pull()
    assert till.paid() == [(700, D1, False)]


def test_a_removal_that_never_happened_excuses_no_later_removal_by_hand(till: Till) -> None:
    entry = settled(till)
    till.pull()
    till.unmatch(entry)
    till.billing.fail("delete_payment", LostReplyError("Lost."))
    till.pull(10)
    till.ledger.receive(entry, 9000, D2)
    till.pull(400)
    assert till.paid() == [(9000, D2, False)]
    till.billing.payments.clear()
    till.unmatch(entry)
    till.ledger.receive(entry, 8000, D2)
    till.pull(400)
    assert (till.one().cause, till.paid()) == (PaymentCause.REMOVED_BY_HAND, [])


def test_a_lost_removal_and_a_new_settlement_end_with_one_payment(till: Till) -> None:
    entry = settled(till)
    till.pull()
    till.unmatch(entry)
    till.billing.fail("delete_payment", LostReplyError("Lost."), after=True)
    till.pull(10)
    till.ledger.receive(entry, 12100, D1)
    till.pull(1)
    till.pay(600)
    till.pay(600)
    assert till.paid() == [(12100, D1, False)]
    assert till.one().state == PaymentState.MADE


def test_a_restored_copy_of_the_database_doubles_nothing(till: Till) -> None:
    settled(till)
    till.pull()
    row = till.one()
    till.session.query(PaymentRow).update(
        {"state": "sending", "productive_id": None, "next_try_at": till.now}
    )
    till.session.query(AttemptRow).filter_by(payment_id=row.id).update({"state": "intended"})
    till.session.commit()
    till.session.expire_all()
    till.session.commit()
    till.pay()
    assert till.paid() == [(12100, D1, False)]
    assert till.one().productive_id == "9001"


def test_the_paid_state_becomes_productives_own(till: Till) -> None:
    settled(till)
    till.billing.on_call = lambda name: (
        till.billing.invoices.update({"105": replace(till.billing.invoices["105"], amount_unpaid=0)})
        if name == "create_payment"
        else None
    )
    till.pull()
    till.session.expire_all()
    assert till.row().amount_unpaid == 0
    till.session.commit()


def test_a_failed_refresh_is_left_to_the_pull_of_invoices(till: Till) -> None:
    settled(till)
    till.billing.fail("read_invoices", UnreachableError("No connection."))
    till.pull()
    assert (till.paid(), till.trouble()) == ([(12100, D1, False)], None)
