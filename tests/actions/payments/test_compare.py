"""Comparing: whole histories of settling, un-settling and doubt, and what Productive has after them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.actions.invoices.pull import pull_one
from portal.domain.payments.states import PaymentReason, PaymentState, PaymentStep
from portal.domain.payments.terms import CREDIT, PAYMENT_DIFFERENCE
from portal.remote.errors import UnreachableError
from portal.store.findings import FindingRow
from portal.store.terms import TouchedEntryRow
from tests.actions.payments.paying import D1, D2, Till

WAYS = ["same row", "both new", "part new"]


def test_a_full_payment(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    row = till.one()
    assert (row.state, row.reason, row.productive_id) == (PaymentState.MADE, PaymentReason.SETTLED, "9001")
    note = till.billing.payments["9001"].note
    assert row.term_id in note
    assert row.marker in note


@pytest.mark.parametrize("way", WAYS)
def test_part_payments_and_tranches(till: Till, way: str) -> None:
    entry = till.an_entry()
    till.split(entry, 5000, D1, way)
    till.pull()
    assert till.paid() == [(5000, D1, False)]
    till.split(entry, 3000, D2, way)
    till.pull()
    till.split(entry, 4100, D2, way)
    till.pull()
    assert till.paid() == [(3000, D2, False), (4100, D2, False), (5000, D1, False)]
    assert [row.state for row in till.rows()] == [PaymentState.MADE] * 3
    assert till.billing.count("create_payment") == 3
    assert till.billing.count("delete_payment") == till.billing.count("change_payment") == 0


def test_one_transfer_over_several_invoices(till: Till) -> None:
    entries = {invoice_id: till.an_entry(invoice_id) for invoice_id in ("105", "106", "107")}
    for entry in entries.values():
        till.ledger.receive(entry, 12100, D1)
    till.pull()
    for invoice_id in entries:
        assert till.paid(invoice_id) == [(12100, D1, False)]


def test_an_edited_date_and_an_edited_amount(till: Till) -> None:
    entry = till.an_entry()
    term = till.ledger.receive(entry, 12100, D1)
    till.pull()
    stamp = till.ledger.tick()
    till.ledger.terms[term.id] = replace(term, timestamp=stamp, last_payment_on=D2, ended_on=D2)
    till.pull()
    assert till.paid() == [(12100, D2, False)]
    till.unmatch(entry)
    till.ledger.receive(entry, 9000, D2)
    till.pull()
    assert till.paid() == [(9000, D2, False)]
    assert till.billing.count("create_payment") == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_deleted_receipt_is_removed(till: Till, way: str) -> None:
    entry = till.an_entry()
    till.split(entry, 12100, D1, way)
    till.pull()
    till.unmatch(entry)
    till.pull()
    assert till.paid() == []
    assert till.one().state == PaymentState.REMOVED


def test_a_term_that_only_got_a_new_id_changes_nothing(till: Till) -> None:
    entry = till.an_entry()
    term = till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.billing.calls.clear()
    till.ledger.bury(term.id)
    till.ledger.terms["new"] = replace(term, id="new", timestamp=till.ledger.tick())
    till.pull()
    assert not {"create_payment", "change_payment", "delete_payment"} & set(till.billing.calls)
    assert till.one().term_id == "new"


def test_two_equal_parts_are_two_payments(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 5000, D1)
    till.ledger.receive(entry, 5000, D1)
    till.pull()
    assert till.paid() == [(5000, D1, False)] * 2
    till.pull()
    assert len(till.rows()) == 2


def test_rows_that_do_not_add_up_are_read_again_and_then_believed(till: Till) -> None:
    entry = till.an_entry()
    term = till.ledger.receive(entry, 12100, D1)
    half = replace(term, amount=-5000)
    till.ledger.terms[term.id] = half
    check = till.ledger.on_call

    def complete(name: str) -> None:
        check(name)
        if name == "read_terms":
            till.ledger.terms[term.id] = term

    till.ledger.on_call = complete
    till.pull()
    assert till.ledger.count("read_terms") == 1
    assert till.paid() == [(12100, D1, False)]
    assert till.findings() == []


def test_doubt_is_shown_and_waits_for_the_next_pull(till: Till) -> None:
    entry = till.an_entry()
    term = till.ledger.receive(entry, 12100, D1)
    till.ledger.terms[term.id] = replace(term, amount=-5000)
    till.pull()
    assert till.paid() == []
    assert till.findings() == ["doubtful"]
    till.ledger.calls.clear()
    till.pull()
    assert till.ledger.calls.count("read_terms") == 1
    assert till.ledger.calls.count("read_entry") == 0
    till.ledger.terms[term.id] = replace(term, timestamp=till.ledger.tick())
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.findings() == []
    assert len(till.session.scalars(select(FindingRow)).all()) == 1


def test_a_read_that_fails_in_doubt_changes_nothing_and_is_made_again(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 12100, D1)
    till.pull()
    for term in list(till.ledger.terms.values()):
        till.ledger.bury(term.id)
    till.ledger.fail("read_entry", UnreachableError("No connection."))
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.trouble() == "“No connection.”"
    assert till.session.scalars(select(TouchedEntryRow.entry_id)).all() == [entry]


def test_a_vanished_entry_is_a_finding_and_never_paid_or_removed(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 5000, D1)
    till.pull()
    till.ledger.delete_entry(entry)
    till.ledger.calls.clear()
    till.pull()
    assert till.paid() == [(5000, D1, False)]
    assert till.findings() == ["entry deleted"]
    assert till.ledger.calls.count("read_entry") == 1
    till.pull()
    assert till.ledger.calls.count("read_entry") == 1


def test_money_on_an_older_copy_is_a_finding(till: Till) -> None:
    first = till.an_entry()
    till.pull()
    second = till.again().entry_id
    till.ledger.receive(first, 12100, D1)
    till.pull()
    assert till.paid() == []
    assert till.findings() == ["older copy"]
    till.unmatch(first)
    till.ledger.receive(second or "", 12100, D1)
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.findings() == []


def test_a_payment_from_the_older_copy_stays_until_the_money_moves(till: Till) -> None:
    first = till.an_entry()
    till.ledger.receive(first, 12100, D1)
    till.pull()
    second = till.again().entry_id or ""
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.findings() == ["older copy"]
    till.unmatch(first)
    till.ledger.receive(second, 12100, D1)
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.billing.count("create_payment") == 1
    assert till.ledger.terms[till.one().term_id].entry_id == second


def test_money_taken_off_the_older_copy_is_removed(till: Till) -> None:
    first = till.an_entry()
    till.ledger.receive(first, 12100, D1)
    till.pull()
    till.again()
    till.unmatch(first)
    till.pull()
    assert till.paid() == []


def test_a_difference_becomes_a_write_off(till: Till) -> None:
    entry = till.an_entry()
    customer = till.ledger.entries[entry].customer_id
    till.ledger.receive(entry, 12100, D1)
    till.ledger.add_cash(customer, 100, D1, transaction_type=PAYMENT_DIFFERENCE, your_ref="2026-105")
    till.pull()
    assert till.paid() == [(100, D1, True), (12000, D1, False)]


def test_a_difference_that_arrives_a_pull_later_is_seen(till: Till) -> None:
    entry = till.an_entry()
    customer = till.ledger.entries[entry].customer_id
    till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.ledger.add_cash(customer, 100, D1, transaction_type=PAYMENT_DIFFERENCE, your_ref="2026-105")
    till.pull()
    assert till.paid() == [(100, D1, True), (12000, D1, False)]


def test_a_match_with_a_credit_note_is_for_a_person_to_decide(till: Till) -> None:
    entry = till.an_entry()
    customer = till.ledger.entries[entry].customer_id
    till.ledger.receive(entry, 12100, D1)
    till.ledger.add_cash(customer, 12100, D1, transaction_type=CREDIT)
    till.pull()
    assert till.paid() == []
    assert till.findings() == ["credit_match"]
    till.pass_time(60)
    till.add(replace(till.billing.invoices["105"], credited=True))
    till.pull()
    assert till.findings() == []
    till.billing.invoices["105"] = replace(till.billing.invoices["105"], credited=False)
    pull_one(till.session, till.billing, "105", now=till.now)
    till.pull()
    assert till.findings() == ["credit_match"]


def test_a_removal_that_waits_is_taken_back_when_exact_settles_again(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.unmatch(entry)
    till.billing.fail("delete_payment", UnreachableError("No connection."))
    till.pull(10)
    assert till.one().wanted == PaymentStep.REMOVE
    till.ledger.receive(entry, 12100, D1)
    till.pull(1)
    till.pay(600)
    assert till.paid() == [(12100, D1, False)]
    assert [row.state for row in till.rows()] == [PaymentState.MADE]


def test_an_update_of_the_entry_is_compared_with_its_new_total(till: Till) -> None:
    entry = till.an_entry()
    till.pull()
    booked = till.ledger.entries[entry]
    copy = till.row().latest_copy_id
    till.ledger.entries[entry] = replace(booked, gross=10000)
    (term,) = till.ledger.terms.values()
    settled = {"status": 50, "amount": -10000, "ended_on": D1, "last_payment_on": D1}
    till.ledger.terms[term.id] = replace(term, timestamp=till.ledger.tick(), **settled)  # type: ignore[arg-type]
    till.pull()
    assert till.findings() == ["doubtful"]
    till.session.execute(
        FindingRow.metadata.tables["copy"].update().values(gross_booked=10000, finished_at=till.now)
    )
    till.session.commit()
    till.session.expire_all()
    till.session.commit()
    till.pull()
    assert till.paid() == [(10000, D1, False)]
    assert till.row().latest_copy_id == copy
