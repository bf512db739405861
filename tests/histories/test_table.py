"""Every history of receivable terms by name, in each way in which Exact may split a term."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.actions.connections.connect import SetUp, save_set_up
from portal.actions.payments.on_request import (
    leave_by_hand,
    mark_sent_and_pay,
    record_anyway,
    restore_payment,
)
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.domain.payments.states import PaymentCause, PaymentState
from portal.sandbox.exact.matching import DELETE_INSERT, MATCHED_NEW, SAME_ROW
from portal.sandbox.productive.payments import add_payment, delete_payment
from portal.sandbox.productive.person import edit_invoice, throw_away
from portal.sandbox.productive.rows import Payment
from tests.histories.story import (
    CREDIT,
    CREDITED,
    D1,
    D2,
    DOLLARS,
    PLAIN,
    SECOND,
    TRANCHES,
    UNSENT,
    Story,
)
from tests.histories.truth import Key

Paid = dict[str, list[Key]]
WHOLE = 121000


@pytest.fixture(params=[SAME_ROW, DELETE_INSERT, MATCHED_NEW])
def story(request: pytest.FixtureRequest) -> Story:
    """A history in each way of splitting."""
    return Story(request.param)


def full(story: Story) -> Paid:
    story.receive_all()
    return {PLAIN: [(WHOLE, D1, False)]}


def in_parts(story: Story) -> Paid:
    story.receive((PLAIN, "500.00"))
    story.pull()
    story.receive((PLAIN, "300.00"), on=D2)
    story.pull()
    story.receive_all(on=D2)
    return {PLAIN: [(30000, D2, False), (41000, D2, False), (50000, D1, False)]}


def in_tranches(story: Story) -> Paid:
    story.receive((TRANCHES, "484.06"))
    story.pull()
    story.receive((TRANCHES, "100.00"), on=D2)
    return {TRANCHES: [(10000, D2, False), (48406, D1, False)]}


def over_both_tranches(story: Story) -> Paid:
    story.receive((TRANCHES, "600.00"))
    return {TRANCHES: [(11594, D1, False), (48406, D1, False)]}


def too_much(story: Story) -> Paid:
    story.receive((PLAIN, "1210.00"), amount="1300.00")
    return {PLAIN: [(WHOLE, D1, False)]}


def one_for_many(story: Story) -> Paid:
    story.receive((PLAIN, "1210.00"), (SECOND, "100.00"))
    return {PLAIN: [(WHOLE, D1, False)], SECOND: [(10000, D1, False)]}


def many_on_one(story: Story) -> Paid:
    for amount in ("400.00", "400.00", "410.00"):
        story.receive((PLAIN, amount))
        story.pull()
    return {PLAIN: [(40000, D1, False), (40000, D1, False), (41000, D1, False)]}


def taken_apart(story: Story) -> Paid:
    story.unmatch(receipt := story.receive_all())
    story.pull()
    assert story.paid() == []
    assert receipt.amount == Decimal(1210)
    return {PLAIN: []}


def taken_apart_after_a_pull(story: Story) -> Paid:
    receipt = story.receive((PLAIN, "1210.00"), (SECOND, "302.50"))
    story.pull()
    assert story.paid(SECOND) == [(30250, D1, False)]
    story.unmatch(receipt)
    return {PLAIN: [], SECOND: []}


def another_amount(story: Story) -> Paid:
    receipt = story.receive((PLAIN, "500.00"))
    story.pull()
    story.edit(receipt, amount="600.00")
    return {PLAIN: [(60000, D1, False)]}


def another_day(story: Story) -> Paid:
    receipt = story.receive((PLAIN, "500.00"))
    story.pull()
    story.edit(receipt, on=D2)
    return {PLAIN: [(50000, D2, False)]}


def deleted_at_the_bank(story: Story) -> Paid:
    first = story.receive((PLAIN, "500.00"))
    _ = story.receive((PLAIN, "700.00"), on=D2)
    story.pull()
    story.take_back(first)
    return {PLAIN: [(70000, D2, False)]}


def a_discount(story: Story) -> Paid:
    story.receive((PLAIN, "1185.80"))
    story.settle("discount", "24.20")
    return {PLAIN: [(2420, D1, True), (118580, D1, False)]}


def a_write_off_later(story: Story) -> Paid:
    story.receive((PLAIN, "1209.50"))
    story.pull()
    story.settle("writeoff", "0.50", on=D2)
    return {PLAIN: [(50, D2, True), (120950, D1, False)]}


def a_difference_taken_back(story: Story) -> Paid:
    story.receive((PLAIN, "1209.50"))
    difference = story.settle("writeoff", "0.50", on=D2)
    story.pull()
    story.take_back(difference)
    return {PLAIN: [(120950, D1, False)]}


def dollars(story: Story) -> Paid:
    story.receive((DOLLARS, "500.00"))
    return {DOLLARS: [(50000, D1, False)]}


def an_exchange_difference(story: Story) -> Paid:
    story.receive((DOLLARS, "497.00"))
    story.settle("exchange", "3.00", DOLLARS)
    return {DOLLARS: [(300, D1, True), (49700, D1, False)]}


def a_credit_that_productive_knows(story: Story) -> Paid:
    story.settle("credit", "145.20", CREDITED, credit=CREDIT)
    story.receive((CREDITED, "217.80"), on=D2)
    return {CREDITED: [(21780, D2, False)], CREDIT: []}


HISTORIES = (
    full,
    in_parts,
    in_tranches,
    over_both_tranches,
    too_much,
    one_for_many,
    many_on_one,
    taken_apart,
    taken_apart_after_a_pull,
    another_amount,
    another_day,
    deleted_at_the_bank,
    a_discount,
    a_write_off_later,
    a_difference_taken_back,
    dollars,
    an_exchange_difference,
    a_credit_that_productive_knows,
)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
def test_both_sides_agree_to_the_cent(story: Story, history: Callable[[Story], Paid]) -> None:
    expected = history(story)
    story.pull()
    for invoice_id, paid in expected.items():
        assert story.paid(invoice_id) == paid
        assert story.findings(invoice_id) == []
        open_in_exact = int(story.owed(invoice_id) * 100)
        assert invoice_id == CREDIT or story.invoice(invoice_id).amount_unpaid == open_in_exact
    story.calls()
    story.pull()
    assert len(story.calls()) == 2
    assert story.trouble() is None


def test_a_match_with_a_credit_note_that_productive_lacks_is_for_a_person(story: Story) -> None:
    story.settle("credit", "121.00")
    story.pull()
    assert story.paid() == []
    assert story.findings() == ["credit_match"]


def test_a_difference_of_several_invoices_on_one_day_is_not_guessed(story: Story) -> None:
    story.settle("credit", "121.00")
    story.receive((PLAIN, "1089.00"), (SECOND, "302.50"))
    story.pull()
    assert "unclear" in story.findings()
    assert story.paid() == []


def test_an_entry_deleted_in_exact_is_shown_and_its_payments_stay(story: Story) -> None:
    story.receive((PLAIN, "500.00"))
    story.pull()
    story.delete_entry()
    story.pull()
    assert (story.paid(), story.findings()) == ([(50000, D1, False)], ["entry deleted"])


def test_what_waits_for_a_deleted_entry_is_not_made(story: Story) -> None:
    story.receive_all(UNSENT)
    story.pull()
    assert [row.state for row in story.rows(UNSENT)] == [PaymentState.HELD]
    story.delete_entry(UNSENT)
    story.pull()
    edit_invoice(story.world.productive, story.invoice(UNSENT), {"sent_on": "2026-10-12"})
    story.pull(700)
    assert (story.paid(UNSENT), story.findings(UNSENT)) == ([], ["entry deleted"])
    assert [row.state for row in story.rows(UNSENT)] == [PaymentState.REMOVED]


def test_money_on_an_older_copy_is_shown_until_it_moves(story: Story) -> None:
    receipt = story.receive_all()
    story.pull()
    story.copy_again()
    story.pull()
    assert (story.paid(), story.findings()) == ([(WHOLE, D1, False)], ["older copy"])
    story.take_back(receipt)
    story.receive_all()
    story.pull()
    assert (story.paid(), story.findings()) == ([(WHOLE, D1, False)], [])
    assert [row.state for row in story.rows()] == [PaymentState.MADE]


def test_a_payment_for_money_on_an_older_copy_follows_its_term_and_goes_with_it(story: Story) -> None:
    receipt = story.receive((PLAIN, "100.00"))
    story.pull()
    story.copy_again()
    story.pull()
    story.edit(receipt, amount="60.00", on=D2)
    story.pull()
    same_term = story.split == SAME_ROW
    assert story.paid() == ([(6000, D2, False)] if same_term else [])
    assert story.findings() == ["older copy"]


def test_what_is_unclear_on_an_older_copy_is_shown_and_takes_no_payment_back(story: Story) -> None:
    story.settle("discount", str(story.owed()))
    story.pull()
    story.copy_again()
    story.settle("discount", str(story.owed()))
    story.pull()
    assert story.paid() == [(WHOLE, D1, True)]
    assert story.findings() == ["older copy", "unclear"]


def test_a_payment_does_not_stand_for_a_credit_of_less(story: Story) -> None:
    receipt = story.receive_all()
    story.pull()
    story.edit(receipt, amount="1000.00")
    story.split = SAME_ROW
    story.settle("credit", "10.00", on=D2)
    story.pull()
    assert (story.paid(), story.findings()) == ([(100000, D1, False)], ["credit_match"])


def test_what_was_unclear_is_clear_again_once_the_other_settlement_is_taken_back(story: Story) -> None:
    story.receive((PLAIN, "500.00"), (SECOND, "100.00"))
    credit = story.settle("credit", "100.00", SECOND)
    story.pull()
    assert "unclear" in story.findings() + story.findings(SECOND)
    story.take_back(credit)
    story.pull()
    story.pull()
    assert (story.findings(), story.findings(SECOND)) == ([], [])
    assert story.paid() == [(50000, D1, False)]
    assert story.paid(SECOND) == [(10000, D1, False)]


def test_payments_wait_until_the_invoice_is_marked_as_sent(story: Story) -> None:
    story.receive_all(UNSENT)
    story.pull()
    assert [row.state for row in story.rows(UNSENT)] == [PaymentState.HELD]
    edit_invoice(story.world.productive, story.invoice(UNSENT), {"sent_on": "2026-10-12"})
    story.pull(700)
    assert story.paid(UNSENT) == [(43600, D1, False)]


def test_an_invoice_deleted_in_productive_is_shown_and_paid_once_restored(story: Story) -> None:
    throw_away(story.world.productive, story.invoice())
    story.receive_all()
    story.pull()
    assert [row.state for row in story.rows()] == [PaymentState.HELD]
    assert (story.paid(), story.findings()) == ([], ["invoice deleted"])
    story.invoice().deleted_at = None
    story.world.productive.touch(story.invoice())
    story.pull(700)
    story.pull()
    assert (story.paid(), story.findings()) == ([(WHOLE, D1, False)], [])


def test_a_payment_of_a_deleted_invoice_follows_exact_once_it_is_restored(story: Story) -> None:
    receipt = story.receive_all()
    story.pull()
    throw_away(story.world.productive, story.invoice())
    story.edit(receipt, amount="500.00")
    story.pull()
    (row,) = [row for row in story.rows() if row.state != PaymentState.REMOVED]
    assert (row.state, row.cause) == (PaymentState.HELD, PaymentCause.INVOICE_DELETED)
    assert story.findings() == ["invoice deleted"]
    mark_sent_and_pay(story.world.session, row.id, actor="Anna", now=story.world.clock.now())
    story.invoice().deleted_at = None
    story.world.productive.touch(story.invoice())
    story.pull(700)
    story.pull()
    assert (story.paid(), story.findings()) == ([(50000, D1, False)], [])


def test_what_comes_after_a_held_change_of_a_deleted_invoice_is_held_like_it(story: Story) -> None:
    receipt = story.receive_all()
    story.pull()
    throw_away(story.world.productive, story.invoice())
    story.edit(receipt, amount="500.00")
    story.pull()
    story.receive((PLAIN, "200.00"), on=D2)
    story.pull()
    waiting = [row for row in story.rows() if row.state != PaymentState.REMOVED]
    assert [(row.state, row.cause) for row in waiting] == [
        (PaymentState.HELD, PaymentCause.INVOICE_DELETED)
    ] * 2
    story.invoice().deleted_at = None
    story.world.productive.touch(story.invoice())
    for _ in range(3):
        story.pull(700)
    assert (story.paid(), story.findings()) == ([(20000, D2, False), (50000, D1, False)], [])


def switch(story: Story, on: bool, mode: PaymentsMode = PaymentsMode.CATCH_UP) -> None:
    chosen = SetUp(NumberSource.PRODUCTIVE, None, None, D1, on, mode)
    world = story.world
    save_set_up(world.session, world.connection_id, chosen, actor="Anna", now=world.clock.now())


def test_from_now_leaves_what_was_settled_and_brings_what_comes(story: Story) -> None:
    switch(story, on=False)
    story.receive((PLAIN, "500.00"))
    switch(story, on=True, mode=PaymentsMode.FROM_NOW)
    story.pull()
    story.receive((PLAIN, "300.00"), on=D2)
    story.pull()
    assert story.paid() == [(30000, D2, False)]


def test_what_was_settled_before_counts_as_new_when_it_was_taken_back(story: Story) -> None:
    switch(story, on=False)
    receipt = story.receive((PLAIN, "500.00"))
    switch(story, on=True, mode=PaymentsMode.FROM_NOW)
    story.pull()
    story.take_back(receipt)
    story.pull()
    story.receive((PLAIN, "500.00"), on=D2)
    story.pull()
    assert story.paid() == [(50000, D2, False)]


def test_catching_up_brings_what_happened_while_payments_were_off(story: Story) -> None:
    receipt = story.receive((PLAIN, "500.00"))
    story.pull()
    switch(story, on=False)
    story.take_back(receipt)
    story.receive((SECOND, "100.00"))
    story.pull()
    assert story.paid() == [(50000, D1, False)]
    switch(story, on=True)
    story.pull()
    assert (story.paid(), story.paid(SECOND)) == ([], [(10000, D1, False)])


def by_hand(story: Story, amount: int) -> Payment:
    state = story.world.productive
    payment = Payment(
        id=state.next_id("payments"),
        invoice_id=int(PLAIN),
        amount=amount,
        created_at=state.moment(),
        paid_on=str(D1),
        note="by hand",
    )
    return add_payment(state, payment)


@pytest.mark.parametrize("decision", ["same money", "other money", "deleted there"])
def test_the_same_money_recorded_by_hand_is_asked_about_before_it_overpays(
    story: Story, decision: str
) -> None:
    world = story.world
    payment = by_hand(story, WHOLE)
    story.receive_all()
    story.pull()
    (row,) = story.rows()
    assert (row.state, story.paid(), story.findings()) == (PaymentState.ASKED, [], ["over-paid"])
    assert (row.figures["strangers"], row.figures["currency"]) == (121000, "EUR")
    if decision == "same money":
        leave_by_hand(world.session, row.id, actor="Anna", now=world.clock.now())
    elif decision == "other money":
        record_anyway(world.session, row.id, actor="Anna", now=world.clock.now())
    else:
        delete_payment(world.productive, payment)
    story.pull()
    story.pull()
    state, paid = {
        "same money": (PaymentState.BY_HAND, []),
        # Productive's sandbox refuses to be over-paid, in its own words.
        "other money": (PaymentState.REFUSED, []),
        "deleted there": (PaymentState.MADE, [(WHOLE, D1, False)]),
    }[decision]
    assert ([row.state for row in story.rows()], story.paid(), story.findings()) == ([state], paid, [])


def test_a_payment_by_hand_that_leaves_room_is_only_added_to(story: Story) -> None:
    by_hand(story, 10000)
    receipt = story.receive((PLAIN, "500.00"))
    story.pull()
    assert story.paid() == [(50000, D1, False)]
    story.edit(receipt, amount="1150.00")
    story.pull()
    assert story.paid() in ([], [(50000, D1, False)])  # a new row of Exact's replaces the old payment
    assert story.findings() == ["over-paid"]
    story.edit(receipt, amount="1100.00")
    story.pull()
    assert (story.paid(), story.findings()) == ([(110000, D1, False)], [])
    assert story.invoice().amount_paid == 120000


def test_a_restored_payment_that_no_longer_fits_is_asked_about(story: Story) -> None:
    story.receive_all()
    story.pull()
    world = story.world
    (ours,) = story.invoice().payments
    world.clock.advance(1)
    world.productive.tables.payments[ours].amount = 60000
    world.productive.settle(story.invoice())
    by_hand(story, WHOLE - 60000)
    story.pull()
    restore_payment(world.session, story.rows()[0].id, actor="Anna", now=world.clock.now())
    story.pull()
    (row,) = story.rows()
    assert (row.state, row.wanted, story.findings()) == (PaymentState.ASKED, "change", ["over-paid"])


def test_a_payment_that_waits_for_what_a_person_changed_goes_on_once_that_is_restored() -> None:
    story = Story(SAME_ROW)
    receipt = story.receive_all()
    story.pull()
    world = story.world
    (ours,) = story.invoice().payments
    world.clock.advance(1)
    world.productive.tables.payments[ours].amount = 60000
    world.productive.settle(story.invoice())
    story.pull()
    story.edit(receipt, amount="500.00")
    story.receive((PLAIN, "710.00"), on=D2)
    story.pull()
    differs, waits = sorted(story.rows(), key=lambda row: row.state == PaymentState.DUE)
    assert (differs.state, waits.state) == (PaymentState.REFUSED, PaymentState.DUE)
    assert waits.cause == PaymentCause.OURS_FIRST
    assert waits.next_try_at
    assert waits.next_try_at > world.clock.now() + timedelta(hours=1)
    restore_payment(world.session, differs.id, actor="Anna", now=world.clock.now())
    for _ in range(3):
        story.pull()
    assert (story.paid(), story.findings()) == ([(50000, D1, False), (71000, D2, False)], [])


def test_what_counts_as_recorded_by_hand_ends_with_the_settlement(story: Story) -> None:
    by_hand(story, WHOLE)
    receipt = story.receive_all()
    story.pull()
    (row,) = story.rows()
    leave_by_hand(story.world.session, row.id, actor="Anna", now=story.world.clock.now())
    story.take_back(receipt)
    story.pull()
    assert [row.state for row in story.rows()] == [PaymentState.REMOVED]
    assert story.invoice().amount_paid == WHOLE
