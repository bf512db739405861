"""No payment is decided on terms or payments of which one cannot be read. The others go on."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.payments.states import PaymentState
from portal.domain.unreadable import Kind
from portal.sandbox.productive.payments import add_payment
from portal.sandbox.productive.person import edit_invoice
from portal.sandbox.productive.rows import Payment
from portal.store.invoices import InvoiceRow
from portal.store.unreadable import PRODUCTIVE, open_of
from tests.histories.story import D1, PLAIN, SECOND, TRANCHES, Story
from tests.telling import told

WHOLE = 121000


@pytest.fixture
def story() -> Story:
    return Story()


def spoil_term(story: Story, invoice_id: str, **fields: object) -> str:
    """Make a term of an invoice's entry odd in Exact. Returns its id."""
    rows = story.world.books["PaymentTerms"].rows.values()
    row = next(row for row in rows if row["TransactionEntryID"] == story.entry(invoice_id))
    body = {"division": 1001, "entity": "sync/Cashflow/PaymentTerms", "key": row["ID"], "fields": fields}
    return str(knock(story.world.exact_wire, "odd", body) and row["ID"])


def knock(wire: Any, path: str, body: Mapping[str, object] | None = None) -> bool:
    """Use a back door of a sandbox."""
    client = wire._app.test_client()
    answer = client.post(f"/_sandbox/{path}", json=body) if body else client.delete(f"/_sandbox/{path}")
    assert answer.status_code == 200, answer.text
    return True


def hidden_payments(story: Story) -> list[tuple[str, str]]:
    """Return the payments that are listed as unreadable, with their invoices."""
    session = story.world.session
    found = [(row.remote_id, row.parent) for row in open_of(session, PRODUCTIVE, Kind.PAYMENT)]
    session.commit()
    return found


def by_hand(story: Story) -> Payment:
    """Let a person record the whole amount in Productive."""
    state = story.world.productive
    payment = Payment(
        id=state.next_id("payments"),
        invoice_id=int(PLAIN),
        amount=WHOLE,
        created_at=state.moment(),
        paid_on=str(D1),
        note="by hand",
    )
    return add_payment(state, payment)


@pytest.mark.parametrize(
    "fields",
    [{"AmountFC": None}, {"Status": "paid"}, {"LastPaymentDate": "once"}, {"AmountFC": 10**40}],
    ids=str,
)
def test_an_entry_with_a_term_that_cannot_be_read_waits_and_others_are_paid(
    story: Story, fields: dict[str, object]
) -> None:
    story.pull()
    story.receive_all(PLAIN)
    story.receive_all(TRANCHES)
    spoil_term(story, PLAIN, **fields)
    story.pull()
    assert story.paid(PLAIN) == []
    assert story.findings(PLAIN) == ["unreadable"]
    assert story.paid(TRANCHES)
    assert story.trouble() is None
    knock(story.world.exact_wire, "odd")
    story.pull()
    assert story.paid(PLAIN) == [(WHOLE, D1, False)]
    assert story.findings(PLAIN) == []


def test_what_may_have_settled_an_entry_and_cannot_be_read_is_waited_for(story: Story) -> None:
    """A credit note of the same customer that cannot be read could be what settled the entry."""
    story.pull()
    story.settle("credit", "1210.00", PLAIN)
    rows = list(story.world.books["PaymentTerms"].rows.values())
    credit = next(row for row in rows if row["TransactionType"] == 21 and row["Status"] == 50)
    body = {
        "division": 1001,
        "entity": "sync/Cashflow/PaymentTerms",
        "key": credit["ID"],
        "fields": {"AmountFC": "x"},
    }
    knock(story.world.exact_wire, "odd", body)
    story.pull()
    assert story.paid(PLAIN) == []
    assert story.findings(PLAIN) == ["unreadable"]
    knock(story.world.exact_wire, "odd")
    story.pull()
    assert story.paid(PLAIN) == []
    assert story.findings(PLAIN) == ["credit_match"]


def test_a_payment_that_cannot_be_read_is_not_taken_for_none(story: Story) -> None:
    """Somebody recorded the money by hand. That record is odd, so nothing is added to it blindly."""
    story.pull()
    hand = by_hand(story)
    body = {"type": "payments", "id": str(hand.id), "attributes": {"amount": None}}
    knock(story.world.productive_wire, "odd", body)
    story.receive_all(PLAIN)
    story.receive_all(SECOND)
    story.pull()
    assert [row.state for row in story.rows(PLAIN)] == [PaymentState.DUE]
    assert "amount" in told(story.rows(PLAIN)[0].trouble)
    assert [row.state for row in story.rows(SECOND)] == [PaymentState.MADE]
    assert hidden_payments(story) == [(str(hand.id), PLAIN)]
    knock(story.world.productive_wire, "odd")
    story.pull(seconds=3600)
    assert hidden_payments(story) == []
    assert [row.state for row in story.rows(PLAIN)] == [PaymentState.ASKED]


def test_a_payment_of_ours_that_cannot_be_read_is_not_taken_for_removed(story: Story) -> None:
    story.receive_all(PLAIN)
    story.pull()
    (row,) = story.rows(PLAIN)
    assert row.state == PaymentState.MADE
    story.world.clock.advance(60)
    body = {"type": "payments", "id": row.productive_id, "attributes": {"paid_on": "once"}}
    knock(story.world.productive_wire, "odd", body)
    edit_invoice(story.world.productive, story.invoice(), {"subject": "Changed"})
    story.pull()
    assert [each.state for each in story.rows(PLAIN)] == [PaymentState.MADE]
    assert hidden_payments(story) == [(row.productive_id, PLAIN)]
    session = story.world.session
    assert session.scalar(select(InvoiceRow.amount_paid).where(InvoiceRow.id == PLAIN)) == WHOLE
    session.commit()
