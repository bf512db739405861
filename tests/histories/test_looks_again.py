"""What a payment waits for in Productive is looked at again as soon as it was read anew, over the wire."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.actions.engine.jobs import Job
from portal.actions.invoices.pull import pull_invoices, pull_one
from portal.actions.payments.due import request_due
from portal.actions.payments.on_request import mark_sent_and_pay
from portal.actions.payments.synchronize import pay_due, synchronize_payments
from portal.domain.payments.states import PaymentCause, PaymentState
from portal.sandbox.common.faults import Fault
from portal.sandbox.exact.matching import SAME_ROW
from portal.sandbox.productive.payments import add_payment, delete_payment
from portal.sandbox.productive.person import edit_invoice, throw_away
from portal.sandbox.productive.rows import Payment
from portal.store.payments import PaymentRow
from tests.fakes import FakeNudge
from tests.histories.story import D1, D2, PLAIN, SECOND, UNSENT, Story

WHOLE = 121000
Way = Callable[[Story], Callable[[], None]]


def pay_what_is_due(story: Story) -> None:
    """Let the worker hear of what is due, and do it."""
    world = story.world
    nudge = FakeNudge()
    request_due(world.session, nudge, now=world.clock.now())
    for job, subject in nudge.woken:
        assert job == Job.PAY
        pay_due(world.session, world.desk, int(subject))


def by_payments_now(story: Story, _invoice_id: str) -> None:
    world = story.world
    synchronize_payments(world.session, world.desk, world.connection_id)


def by_invoices_now(story: Story, _invoice_id: str) -> None:
    pull_invoices(story.world.session, story.world.billing, now=story.world.clock.now())
    pay_what_is_due(story)


def by_a_read_of_the_invoice(story: Story, invoice_id: str) -> None:
    pull_one(story.world.session, story.world.billing, invoice_id, now=story.world.clock.now())
    pay_what_is_due(story)


LOOKS = [by_payments_now, by_invoices_now, by_a_read_of_the_invoice]


def that_is_sent(story: Story) -> tuple[str, Callable[[], object]]:
    story.receive_all(UNSENT)
    return UNSENT, lambda: edit_invoice(
        story.world.productive, story.invoice(UNSENT), {"sent_on": "2026-10-12"}
    )


def that_is_sent_where_parts_wait(story: Story) -> tuple[str, Callable[[], object]]:
    story.receive((UNSENT, "100.00"))
    story.receive((UNSENT, "336.00"), on=D2)
    return UNSENT, lambda: edit_invoice(
        story.world.productive, story.invoice(UNSENT), {"sent_on": "2026-10-12"}
    )


def that_is_restored(story: Story) -> tuple[str, Callable[[], object]]:
    throw_away(story.world.productive, story.invoice())
    story.receive_all()

    def restore() -> None:
        story.invoice().deleted_at = None
        story.world.productive.touch(story.invoice())

    return PLAIN, restore


def by_hand(story: Story, invoice_id: str, amount: int) -> int:
    """Record a payment in Productive as a person does, and return its id."""
    state = story.world.productive
    payment = Payment(
        id=state.next_id("payments"),
        invoice_id=int(invoice_id),
        amount=amount,
        created_at=state.moment(),
        paid_on=str(D1),
        note="by hand",
    )
    add_payment(state, payment)
    return payment.id


def whose_other_payment_goes(story: Story) -> tuple[str, Callable[[], object]]:
    payment = by_hand(story, PLAIN, WHOLE)
    story.receive_all()
    tables = story.world.productive.tables
    return PLAIN, lambda: delete_payment(story.world.productive, tables.payments[payment])


def whose_other_payment_shrinks(story: Story) -> tuple[str, Callable[[], object]]:
    payment = by_hand(story, SECOND, 5000)
    story.receive_all(SECOND)

    def shrink() -> None:
        story.world.clock.advance(1)
        row = story.world.productive.tables.payments[payment]
        delete_payment(story.world.productive, row)

    return SECOND, shrink


WAITS = [
    that_is_sent,
    that_is_sent_where_parts_wait,
    that_is_restored,
    whose_other_payment_goes,
    whose_other_payment_shrinks,
]


@pytest.mark.parametrize("look", LOOKS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("wait", WAITS, ids=lambda each: each.__name__)
def test_what_waits_for_an_invoice_goes_on_at_the_next_look(
    wait: Callable[[Story], tuple[str, Callable[[], object]]], look: Callable[[Story, str], None]
) -> None:
    story = Story(SAME_ROW)
    invoice_id, come_right = wait(story)
    story.pull()
    waiting = open_rows(story, invoice_id)
    assert {row.state for row in waiting} <= {PaymentState.HELD, PaymentState.ASKED}
    assert waiting
    assert story.paid(invoice_id) == []

    story.world.clock.advance(1)
    come_right()
    # Less than a held payment waits by itself.
    story.world.clock.advance(2)
    look(story, invoice_id)
    assert {row.state for row in open_rows(story, invoice_id)} == {PaymentState.MADE}
    assert sum(amount for amount, _on, _off in story.paid(invoice_id)) == sum(row.amount for row in waiting)


def open_rows(story: Story, invoice_id: str) -> list[PaymentRow]:
    """The payment rows of an invoice that were not removed."""
    return [row for row in story.rows(invoice_id) if row.state != PaymentState.REMOVED]


@pytest.mark.parametrize("look", LOOKS, ids=lambda each: each.__name__)
def test_what_still_waits_is_left_as_it_is(look: Callable[[Story, str], None]) -> None:
    story = Story(SAME_ROW)
    story.receive_all(UNSENT)
    story.pull()
    (before,) = story.rows(UNSENT)
    cause = before.cause
    changed_at = before.changed_at
    story.world.clock.advance(2)
    look(story, UNSENT)
    (after,) = story.rows(UNSENT)
    assert (after.state, after.cause, after.changed_at) == (PaymentState.HELD, cause, changed_at)
    assert cause == PaymentCause.UNSENT


def test_a_payment_that_marks_its_invoice_takes_the_others_along() -> None:
    story = Story(SAME_ROW)
    story.receive((UNSENT, "100.00"))
    story.pull()
    (first,) = story.rows(UNSENT)
    mark_sent_and_pay(story.world.session, first.id, actor="Anna", now=story.world.clock.now())
    # The second part comes after the wish, so nobody asked to mark for it.
    story.receive((UNSENT, "336.00"), on=D2)
    story.pull(1)
    pay_what_is_due(story)
    assert [row.state for row in story.rows(UNSENT)] == [PaymentState.MADE] * 2


def test_an_idle_look_at_what_waits_costs_productive_two_calls_for_fifty_invoices() -> None:
    story = Story(SAME_ROW)
    story.receive_all(UNSENT)
    story.pull()
    # The portal's own mark of the copy is read first.
    story.pull()
    story.world.clock.advance(60)
    calls = story.world.productive.backstage.calls
    calls.clear()
    by_payments_now(story, UNSENT)
    paths = [call.path.partition("?")[0] for call in calls.all()]
    assert sorted(paths) == ["/api/v2/invoices", "/api/v2/line_items"]


def test_a_look_that_productive_does_not_answer_leaves_it_to_the_next() -> None:
    story = Story(SAME_ROW)
    story.receive_all(UNSENT)
    story.pull()
    edit_invoice(story.world.productive, story.invoice(UNSENT), {"sent_on": "2026-10-12"})
    story.world.clock.advance(timedelta(seconds=2).total_seconds())
    story.world.productive.backstage.faults.add(Fault("GET", "/api/v2/invoices", 9, "status:503"))
    by_payments_now(story, UNSENT)
    assert story.trouble()
    story.world.productive.backstage.faults.clear()
    story.world.clock.advance(60)
    by_payments_now(story, UNSENT)
    assert [row.state for row in story.rows(UNSENT)] == [PaymentState.MADE]
