"""The money that is booked over the wire, per VAT code, and what is refused before it is."""

from collections import Counter
from decimal import Decimal

import pytest

from portal.actions.copies.draft import draft_copy, with_defaults
from portal.actions.copies.request import Wish, request_copy
from portal.actions.copies.update_entry import find_refusal
from portal.actions.invoices.pull import pull_invoices, pull_one
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import CopyAction
from portal.sandbox.exact.store import Row
from portal.sandbox.productive.make import make_invoice
from portal.sandbox.productive.person import edit_invoice
from portal.store.invoices import InvoiceRow
from tests.histories.world import EUR, USD, World, begin
from tests.kinds.vat import OFF, ROUNDED, VatCase

NAMES = {"21": "BTW 21%", "9": "BTW 9%", None: "Geen btw"}
CODES = {"2": "21", "1": "9", "0": "0"}


def write(world: World, case: VatCase) -> str:
    """Let somebody write a case's invoice in Productive, and read it."""
    lines = [
        {"quantity": "1", "unit_price": net, "amount_tax": vat, "tax_rate": NAMES[rate]}
        for net, rate, vat in case.lines
    ]
    totals = {"amount": case.net, "amount_tax": case.vat, "discount": case.discount}
    wish = {name: value for name, value in totals.items() if value is not None}
    wish["invoice_type_id"] = 2 if sum(net for net, _, _ in case.lines) < 0 else 1
    return write_invoice(world, lines=lines, **wish)


def write_invoice(world: World, **wish: object) -> str:
    """Let somebody write an invoice in Productive, and read it."""
    made = make_invoice(world.productive, {"company": {"name": EUR}, "invoiced_on": "2026-10-01"} | wish)
    world.productive.changed()
    pull_invoices(world.session, world.billing, now=world.clock.now())
    return str(made.id)


def draft_of(world: World, invoice_id: str, choices: Choices | None = None) -> Draft:
    """Draft a copy as the dialog does."""
    row = world.session.get_one(InvoiceRow, invoice_id, populate_existing=True)
    connection = world.connection()
    chosen = choices or Choices(customer_id=world.customers[row.company_name], journal=world.journal)
    draft = draft_copy(
        world.session,
        connection,
        row.invoice(),
        with_defaults(world.session, connection, row.invoice(), chosen),
    )
    world.session.commit()
    return draft


def booked_lines(world: World, invoice_id: str) -> list[Row]:
    """Return the lines that Exact booked of the latest copy."""
    entry_id = world.copies[invoice_id][-1]
    return [row for row in world.books["SalesEntryLines"].rows.values() if row["EntryID"] == entry_id]


def usual(case: VatCase) -> bool:
    return all(rate in NAMES for _, rate, _ in case.lines)


@pytest.mark.parametrize("case", [*filter(usual, ROUNDED)], ids=lambda case: case.name)
def test_exact_books_each_rates_vat_under_its_code(case: VatCase) -> None:
    world = begin(loaded=True)
    invoice_id = write(world, case)
    world.copy(invoice_id)

    per_code: Counter[str] = Counter()
    for line in booked_lines(world, invoice_id):
        percentage = CODES[str(line["VATCode"]).strip()]
        per_code[percentage] += int(Decimal(str(line["VATAmountFC"])) * 100)
    assert dict(per_code) == case.expected


@pytest.mark.parametrize("case", [*filter(usual, OFF)], ids=lambda case: case.name)
def test_vat_of_another_rate_is_known_before_anything_is_booked(case: VatCase) -> None:
    world = begin(loaded=True)
    before = len(world.books["SalesEntries"].rows)
    invoice_id = write(world, case)

    assert case.expected in {problem.code for problem in draft_of(world, invoice_id).problems}
    with pytest.raises(TypeError, match=str(case.expected)):
        world.copy(invoice_id)
    assert len(world.books["SalesEntries"].rows) == before


# Kind in Productive, net in cents, and the problem.
KINDS = [
    (2, 10000, "credit_note_charges"),
    (1, -10000, "invoice_gives_back"),
    (3, 10000, "kind_unknown"),
    (2, -10000, None),
    (1, 10000, None),
]


@pytest.mark.parametrize(("kind", "net", "expected"), KINDS)
def test_a_kind_that_contradicts_its_sign_is_not_booked(kind: int, net: int, expected: str | None) -> None:
    world = begin(loaded=True)
    line = {"quantity": "2", "unit_price": net // 2, "tax_rate": "BTW 21%"}
    invoice_id = write_invoice(world, invoice_type_id=kind, lines=[line])
    assert [problem.code for problem in draft_of(world, invoice_id).problems] == [expected] * bool(expected)

    if expected is None:
        world.copy(invoice_id)
        return

    with pytest.raises(TypeError, match=expected):
        world.copy(invoice_id)
    if expected == "invoice_gives_back":
        row = world.session.get_one(InvoiceRow, invoice_id)
        choices = Choices(
            customer_id=world.customers[row.company_name], journal=world.journal, confirmed=(expected,)
        )
        assert draft_of(world, invoice_id, choices).entry is not None


def test_an_entry_that_was_booked_is_never_turned() -> None:
    world = begin(loaded=True)
    line = {"quantity": "1", "unit_price": 10000, "tax_rate": "BTW 21%"}
    invoice_id = write_invoice(world, lines=[line])
    world.copy(invoice_id)

    invoice = world.productive.tables.invoices[int(invoice_id)]
    edit_invoice(world.productive, invoice, {"lines": [{**line, "quantity": "-1"}]})
    pull_one(world.session, world.billing, invoice_id, now=world.clock.now())
    row = world.session.get_one(InvoiceRow, invoice_id, populate_existing=True)
    choices = Choices(
        customer_id=world.customers[row.company_name],
        journal=world.journal,
        confirmed=("invoice_gives_back",),
    )
    wish = Wish(choices, row.fingerprint, row.latest_copy_id, CopyAction.UPDATE)
    told = request_copy(
        world.session,
        lambda _job, _id: None,
        invoice_id,
        wish=wish,
        requested_by="Anna",
        now=world.clock.now(),
    )
    assert isinstance(told, tuple)
    assert [problem.code for problem in told] == ["sign_cannot_change"]


# Productive's rate of an invoice of 1,000 dollars, and what Exact books it for in euros. Its own is 0.921659.
DOLLARS = [
    ("1.0", "921.66"),
    ("0.9187", "918.70"),
    ("1.0850", "921.66"),
    ("0.0", "921.66"),
    ("9.2", "921.66"),
]


@pytest.mark.parametrize(("rate", "euros"), DOLLARS)
def test_dollars_are_booked_at_a_real_rate(rate: str, euros: str) -> None:
    world = begin(loaded=True)
    line = {"quantity": "1", "unit_price": 100000, "tax_rate": "Geen btw"}
    invoice_id = write_invoice(world, company={"name": USD}, currency="USD", exchange_rate=rate, lines=[line])
    notes = draft_of(world, invoice_id).notes
    assert any("Exact's own exchange rate for USD is used" in note for note in notes) == (rate != "0.9187")

    world.copy(invoice_id)
    entry = world.books["SalesEntries"].rows[world.copies[invoice_id][-1]]
    assert (entry["AmountFC"], entry["AmountDC"]) == (Decimal("1000.00"), Decimal(euros))


@pytest.mark.parametrize("currency", ["JPY", "KWD", "CLF", "XXX"])
def test_a_currency_without_cents_is_refused_by_name(currency: str) -> None:
    world = begin(loaded=True)
    line = {"quantity": "1", "unit_price": 110000, "tax_rate": "Geen btw"}
    invoice_id = write_invoice(world, currency=currency, exchange_rate="0.0061", lines=[line])
    problems = draft_of(world, invoice_id).problems
    assert "currency_decimals" in {problem.code for problem in problems}
    with pytest.raises(TypeError, match=f"Amounts in {currency} have"):
        world.copy(invoice_id)


def test_an_entry_that_stands_at_a_rate_of_1_is_undone_not_updated() -> None:
    world = begin(loaded=True)
    line = {"quantity": "1", "unit_price": 100000, "tax_rate": "Geen btw"}
    wish = {"company": {"name": USD}, "currency": "USD", "exchange_rate": "1.0"}
    invoice_id = write_invoice(world, lines=[line], **wish)
    world.copy(invoice_id)
    entry_id = world.copies[invoice_id][-1]
    world.books.change("SalesEntries", entry_id, {"Rate": Decimal(1)})
    booked = world.ledger.read_entry(entry_id)
    assert booked is not None
    refusal = find_refusal(world.session, world.connection(), booked)
    assert refusal is not None
    assert refusal.code == "rate_is_default"
