"""Pulling: cursors, the mirror, the baseline, and that nothing is concluded from half a read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions.engine.jobs import Job
from portal.actions.house.hints import ring_hints
from portal.actions.payments.pull import pull_terms
from portal.actions.payments.synchronize import request_pulls, request_pulls_now, synchronize_payments
from portal.domain.connections.states import ConnectionState, PaymentsMode
from portal.domain.copies.states import CopyState
from portal.domain.payments.terms import Tombstone
from portal.remote.errors import BadAnswerError, SignInLostError, UnreachableError
from portal.store.baseline import BaselineRow
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.hints import take_hints
from portal.store.lane_rows import LaneRow
from portal.store.payment_list import pull_lane
from portal.store.terms import TermRow, TouchedEntryRow
from tests.actions.payments.paying import D1, D2, Till
from tests.furnishing.connections import add_connection
from tests.furnishing.said import quote


def test_an_idle_pull_costs_two_calls(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.pull()
    till.ledger.calls.clear()
    till.billing.calls.clear()
    till.pull()
    assert sorted(till.ledger.calls) == ["each_term_page", "each_tombstone_page"]
    assert till.billing.calls == []


def test_each_page_is_kept_with_its_cursor(till: Till) -> None:
    till.an_entry()
    for invoice_id in ("106", "107"):
        till.an_entry(invoice_id)
    till.ledger.page_size = 1
    till.pull()
    stamps = [term.timestamp for term in till.ledger.terms.values()]
    assert till.connection().payments.term_cursor == max(stamps)
    assert len(till.session.scalars(select(TermRow)).all()) == 3


def test_pages_before_a_failure_stay_and_nothing_is_compared(till: Till) -> None:
    entry = till.an_entry()
    till.pull()
    till.ledger.receive(entry, 12100, D1)
    till.ledger.fail("each_tombstone_page", BadAnswerError("Half an answer."))
    till.pull()
    assert till.paid() == []
    assert till.trouble() == "The answer cannot be read."
    assert till.connection().payments.term_cursor == max(one.timestamp for one in till.ledger.terms.values())
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.trouble() is None


def test_a_failed_read_removes_nothing(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.unmatch(entry)
    till.ledger.fail("each_tombstone_page", UnreachableError("No connection."))
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    till.pull()
    assert till.paid() == []


def test_a_lost_sign_in_is_said_and_due_payments_go_on(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.billing.fail("create_payment", UnreachableError("No connection."))
    till.pull()
    assert till.paid() == []
    till.ledger.fail("each_term_page", SignInLostError("Sign in again."))
    till.pull(600)
    assert till.trouble() == "“Sign in again.”"
    assert till.paid() == [(12100, D1, False)]


def test_from_now_makes_no_payment_of_what_was_settled_before(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 5000, D1)
    till.switch_on(PaymentsMode.FROM_NOW)
    till.pull()
    assert till.paid() == []
    till.ledger.receive(entry, 7100, D2)
    till.pull()
    assert till.paid() == [(7100, D2, False)]


def test_a_baseline_part_that_is_only_keyed_anew_makes_no_payment(till: Till) -> None:
    entry = till.an_entry()
    till.switch_on(PaymentsMode.FROM_NOW)
    old = till.ledger.receive(entry, 12100, D1)
    till.pull()
    till.ledger.bury(old.id)
    till.ledger.terms["new"] = replace(old, id="new", timestamp=till.ledger.tick())
    till.pull()
    assert till.rows() == []


def test_catching_up_brings_everything_copied(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.switch_on(PaymentsMode.FROM_NOW)
    till.pull()
    assert till.paid() == []
    till.switch_on(PaymentsMode.CATCH_UP)
    till.pull()
    assert till.paid() == [(12100, D1, False)]
    assert till.session.scalars(select(BaselineRow)).all() == []


def test_an_entry_that_becomes_ours_later_is_compared_then(till: Till) -> None:
    entry = till.an_entry()
    till.ledger.receive(entry, 12100, D1)
    row = till.session.get_one(CopyRow, till.row().latest_copy_id)
    row.state = CopyState.SENDING
    till.session.commit()
    till.pull()
    assert till.rows() == []
    row.state = CopyState.COPIED
    row.finished_at = till.now
    till.session.commit()
    till.pull()
    assert till.paid() == [(12100, D1, False)]


def test_strangers_are_forgotten(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    stranger = next(iter(till.ledger.entries.values()))
    till.ledger.add_term(replace(stranger, id="somebody-else"))
    till.pull()
    assert till.session.scalars(select(TouchedEntryRow)).all() == []


def test_a_deleted_account_is_marked(till: Till) -> None:
    customer = next(iter(till.ledger.customers))
    till.ledger.tombstones.append(Tombstone(till.ledger.tick(), 2, customer))
    till.pull()
    row = till.session.get_one(CustomerRow, (till.connection_id, customer), populate_existing=True)
    assert row.deleted


def test_the_same_page_twice_changes_nothing(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 5000, D1)
    till.pull()
    till.connection().payments.term_cursor = 1
    till.session.commit()
    till.pull()
    assert till.paid() == [(5000, D1, False)]


def test_a_pull_that_finds_another_worker_there_leaves_it_alone_and_comes_again_soon(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    lane = LaneRow(
        name=pull_lane(till.connection_id), lease_owner="other", lease_until=till.now + timedelta(days=365)
    )
    till.session.add(lane)
    till.session.commit()
    till.pay()
    assert take_hints(till.session, till.now + timedelta(days=365)) == []
    till.pull()
    assert till.ledger.count("each_term_page") == 0
    till.pass_time(10)
    assert ring_hints(till.session, till.nudge, now=till.now) == 1
    assert till.nudge.woken[-1] == ("jobs.payments.pull_connection", str(till.connection_id))
    lane.lease_until = till.now
    till.session.commit()
    till.pull()
    assert till.paid() == [(12100, D1, False)]


def test_the_lane_is_free_after_a_bug(till: Till) -> None:
    till.an_entry()

    def bug(_name: str) -> None:
        raise ZeroDivisionError

    check = till.ledger.on_call
    till.ledger.on_call = bug
    with pytest.raises(ZeroDivisionError):
        till.pull()
    till.ledger.on_call = check
    till.pull(1)
    assert till.trouble() is None


def test_payments_that_are_off_are_not_pulled(till: Till) -> None:
    till.switch_on(on=False)
    synchronize_payments(till.session, till.desk, till.connection_id)
    assert till.ledger.calls == []
    assert request_pulls(till.session, till.nudge) == 0


def test_every_connection_is_nudged_and_a_person_only_asks_for_their_own(till: Till) -> None:
    other = add_connection(till.session, "2", till.now, division=102, payments=PaymentFeedRow(on=True))
    gone: dict[str, Any] = {
        "state": ConnectionState.DISCONNECTED,
        "live_subsidiary": None,
        "live_division": None,
    }
    add_connection(till.session, "3", till.now, division=103, payments=PaymentFeedRow(on=True), **gone)
    other.payments.trouble = quote("old")
    till.connection().payments.trouble = quote("old")
    till.session.commit()
    till.nudge.woken.clear()
    assert request_pulls_now(till.session, till.nudge, ("2",)) == 1
    assert till.nudge.woken == [(Job.PULL_PAYMENTS, str(other.id))]
    assert till.trouble() == "“old”"
    assert till.session.get_one(ConnectionRow, other.id, populate_existing=True).payments.trouble is None
    assert request_pulls(till.session, till.nudge) == 2


def test_pull_terms_says_what_went_wrong_and_raises(till: Till) -> None:
    till.ledger.fail("each_term_page", UnreachableError("No connection."))
    with pytest.raises(UnreachableError):
        pull_terms(till.session, till.ledger, till.connection_id, now=till.now)
    assert till.trouble() == "“No connection.”"
