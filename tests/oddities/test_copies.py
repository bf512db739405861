"""Odd texts on their way into Exact, and invoices that can no longer be read when they are to be copied."""

from typing import Any

import pytest

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.invoices.pull import pull_invoices
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState
from portal.domain.text import width
from portal.sandbox.productive.make import make_invoice
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from tests.histories.world import EUR, World, begin
from tests.oddities.test_payments import knock
from tests.telling import told

FLAGS = "🇧🇪" * 40


@pytest.fixture
def world() -> World:
    return begin(loaded=False)


def an_invoice(world: World, *, text: str = "Work", **more: object) -> str:
    """Make an invoice in Productive and read it into the portal."""
    line = {"description": text, "quantity": "1", "unit_price": 10000, "tax_rate": "BTW 21%"}
    made = make_invoice(world.productive, {"company": {"name": EUR}, "lines": [line], **more})
    pull(world)
    return str(made.id)


def pull(world: World) -> None:
    """Read what changed, a little later."""
    world.clock.advance(900)
    pull_invoices(world.session, world.billing, now=world.clock.now())


def booked(world: World, invoice_id: str) -> dict[str, Any]:
    """Return what Exact holds of an invoice's latest copy."""
    entry_id = world.copies[invoice_id][-1]
    lines = [row for row in world.books["SalesEntryLines"].rows.values() if row["EntryID"] == entry_id]
    return {**world.books["SalesEntries"].rows[entry_id], "lines": lines}


# As Productive has it: a subject and a line's text; as Exact gets them.
TEXTS = [
    ("Null\x00byte \x1b", "Null\x00 \x07bell", "Nullbyte", "Null bell"),
    ("\u202eturned\u202c", "zero\u200bwidth\ufeff", "turned", "zerowidth"),
    ("cafe\u0301", "A\u030angstrom", "café", "Ångstrom"),
    ("two\nlines", "<p>one</p><p>two</p>", "two lines", "one two"),
    ("cells", "<table><tr><td>Phase 1</td><td>40 h</td></tr></table>", "cells", "Phase 1 40 h"),
    ("entities", "R&amp;D &lt;3 &euro;&#8203;5&#x202e;", "entities", "R&D <3 €5"),
    ("script", "<script>alert(1)</script><style>p{}</style>seen", "script", "seen"),
]


@pytest.mark.parametrize(("subject", "text", "kept_subject", "kept_text"), TEXTS)
def test_texts_reach_exact_clean(
    world: World, subject: str, text: str, kept_subject: str, kept_text: str
) -> None:
    invoice_id = an_invoice(world, subject=subject, text=text)
    world.copy(invoice_id)
    entry = booked(world, invoice_id)
    number = world.session.get_one(InvoiceRow, invoice_id).number
    assert entry["Description"] == f"{number} {kept_subject}"
    assert [line["Description"] for line in entry["lines"]] == [kept_text]


@pytest.mark.parametrize("one", ["🇧🇪", "👩\u200d👩\u200d👧\u200d👦", "e\u0301\u0327", "각", "क\u094dष"])
def test_a_text_is_cut_where_a_reader_sees_an_end(world: World, one: str) -> None:
    invoice_id = an_invoice(world, subject=one * 60, text=one * 90)
    world.copy(invoice_id)
    entry = booked(world, invoice_id)
    number = world.session.get_one(InvoiceRow, invoice_id).number or ""
    line = str(entry["lines"][0]["Description"])
    head = str(entry["Description"]).removeprefix(f"{number} ")
    invoice = world.session.get_one(InvoiceRow, invoice_id).invoice()
    (whole,) = [each.description for each in invoice.lines]
    size = len(whole) // 90
    for shown, limit in ((line, 60), (head, 50 - len(number) - 1)):
        assert 0 < width(shown) <= limit
        assert len(shown) % size == 0
        assert whole.startswith(shown) or (one * 60).startswith(shown)


def test_an_invoice_that_can_no_longer_be_read_is_a_problem_before_it_is_copied(world: World) -> None:
    invoice_id = an_invoice(world)
    body = {"type": "invoices", "id": invoice_id, "attributes": {"amount_tax": None}}
    knock(world.productive_wire, "odd", body)
    pull(world)
    problems = ask(world, invoice_id)
    assert not isinstance(problems, CopyRow)
    assert "invoice_unreadable" in {each.code for each in problems}
    knock(world.productive_wire, "odd")
    pull(world)
    world.copy(invoice_id)


def test_a_copy_of_what_turned_unreadable_waits_and_is_booked_once(world: World) -> None:
    invoice_id = an_invoice(world)
    copy = ask(world, invoice_id)
    assert isinstance(copy, CopyRow)
    copy_id = copy.id
    before = len(world.books["SalesEntries"].rows)
    body = {"type": "invoices", "id": invoice_id, "attributes": {"amount_tax": None}}
    knock(world.productive_wire, "odd", body)
    perform_copy(world.session, world.desk, copy_id)
    waiting = world.session.get_one(CopyRow, copy_id)
    assert waiting.state not in IN_EXACT
    assert waiting.next_try_at is not None
    assert "cannot be read" in told(waiting.trouble)
    assert len(world.books["SalesEntries"].rows) == before
    world.session.commit()
    knock(world.productive_wire, "odd")
    world.clock.advance(3600)
    perform_copy(world.session, world.desk, copy_id)
    assert world.session.get_one(CopyRow, copy_id).state == CopyState.COPIED
    assert len(world.books["SalesEntries"].rows) == before + 1


def ask(world: World, invoice_id: str) -> Any:
    """Ask for a copy as a person would."""
    row = world.session.get_one(InvoiceRow, invoice_id, populate_existing=True)
    choices = Choices(
        customer_id=world.customers[row.company_name],
        journal=world.journal,
        booking_date=row.invoiced_on.isoformat(),
    )
    wish = Wish(choices, row.fingerprint, row.latest_copy_id, CopyAction.CREATE)
    return request_copy(
        world.session,
        lambda _job, _id: None,
        invoice_id,
        wish=wish,
        requested_by="Anna",
        now=world.clock.now(),
    )
