"""Every rule of copying, as cases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.booking.amounts import share_amounts
from portal.domain.booking.catalogue import VatPercentage
from portal.domain.booking.draft import Policy
from portal.domain.booking.invoice import CREDIT_NOTE, Invoice
from portal.domain.booking.mapping import Choices, MappingRules
from portal.domain.booking.sales_entry import problem_code
from portal.domain.connections.states import NumberSource
from tests.domain.builders import (
    CATALOGUE,
    DIVISION,
    POLICY,
    RULES,
    a_customer,
    a_draft,
    a_line,
    a_mirror,
    an_invoice,
    codes_of,
    some_lines,
)
from tests.telling import told

NO_CODES = replace(CATALOGUE, vat_codes=())
UNTAXED = an_invoice(lines=(a_line(amount_tax=0, tax_rate_id=None, tax_rate=None, tax_percentage=None),))


def test_a_mapped_invoice_becomes_an_entry() -> None:
    draft = a_draft()
    entry = draft.entry
    assert entry is not None
    assert (draft.problems, draft.notes) == ((), ())
    assert (entry.journal, entry.customer_id, entry.entry_date) == ("70 ", "cust-1", date(2026, 11, 2))
    assert (entry.your_ref, entry.payment_reference) == ("2026-0042", "2026-0042")
    assert (entry.description, entry.due_date) == ("2026-0042 Website", date(2026, 12, 2))
    assert (entry.rate, entry.type) == (None, None)
    line = entry.lines[0]
    assert (line.ledger_id, line.vat_code, line.ledger_source) == ("gl-8000", "2  ", "mapping")
    assert (draft.net, draft.vat, draft.gross) == (entry.net, entry.vat, entry.gross) == (10000, 2100, 12100)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"finalized_on": None}, ["not_finalized"]),
        ({"deleted": True}, ["deleted"]),
        ({"sample": True}, ["sample"]),
        ({"lines": ()}, ["no_lines"]),
        ({"number": None}, ["number_missing"]),
        ({"number": "  "}, ["number_missing"]),
        ({"number": "N" * 30}, []),
        ({"number": "N" * 31}, ["number_too_long"]),
        ({"amount_with_tax": 12101}, ["totals_do_not_add_up"]),
        ({"amount": 9999}, ["lines_do_not_add_up"]),
        (
            {"amount": 5000, "amount_tax": 1050, "discount": Decimal(10)},
            ["lines_do_not_add_up", "vat_does_not_add_up"],
        ),
        ({"amount_tax": 2102}, ["vat_does_not_add_up"]),
        ({"amount_tax": 2101}, ["vat_does_not_add_up"]),
        ({"amount_tax": 5, "lines": (replace(UNTAXED.lines[0]),)}, ["vat_does_not_add_up"]),
        ({"currency": "GBP"}, ["currency_unknown", "journal_currency"]),
        ({"currency": "USD"}, ["journal_currency"]),
    ],
)
def test_an_invoice_must_be_in_order(given: dict[str, Any], expected: list[str]) -> None:
    draft = a_draft(an_invoice(**given))
    assert codes_of(draft) == expected
    assert (draft.entry is None) == bool(expected)


@pytest.mark.parametrize(
    ("choices", "policy", "expected"),
    [
        (Choices(), Policy(), ["journal_missing"]),
        (Choices(journal=""), POLICY, ["journal_missing"]),
        (Choices(journal="99"), POLICY, ["journal_unknown"]),
        (Choices(journal="74"), POLICY, ["journal_blocked"]),
        (Choices(journal="90"), POLICY, ["journal_type"]),
        (Choices(journal="71"), POLICY, ["journal_for_credits"]),
        (Choices(journal="75"), POLICY, []),
        (Choices(booking_date="2026-11-30"), POLICY, []),
        (Choices(booking_date="30-11-2026"), POLICY, ["booking_date_invalid"]),
        (Choices(booking_date="2026-12-01"), POLICY, ["period_missing"]),
        (Choices(), replace(POLICY, books_closed_until=date(2026, 11, 1)), []),
        (Choices(), replace(POLICY, books_closed_until=date(2026, 11, 2)), ["books_closed"]),
        (Choices(booking_date="2026-11-03"), replace(POLICY, books_closed_until=date(2026, 11, 2)), []),
    ],
)
def test_the_journal_and_the_day_must_be_open(choices: Choices, policy: Policy, expected: list[str]) -> None:
    assert codes_of(a_draft(choices=choices, policy=policy)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"status": "P"}, ["customer_status"]),
        ({"blocked": True}, ["customer_blocked"]),
        ({"ended_on": date(2026, 11, 1)}, ["customer_ended"]),
        ({"ended_on": date(2026, 11, 2)}, []),
    ],
)
def test_the_customer_must_be_able_to_buy(given: dict[str, Any], expected: list[str]) -> None:
    assert codes_of(a_draft(customer=a_customer(**given))) == expected


def test_a_missing_customer_is_a_problem_unless_a_new_one_is_wanted() -> None:
    assert codes_of(a_draft(customer=None)) == ["customer_missing"]
    entry = a_draft(customer=None, choices=Choices(new_customer=True)).entry
    assert entry is not None
    assert entry.customer_id == ""


@pytest.mark.parametrize(
    ("ledger", "cost_center", "expected"),
    [
        ("gl-8000", None, []),
        ("gl-8000", "ONE", []),
        ("gl-8000", "TWO", ["cost_center_unknown"]),
        ("gl-8000", "OLD", ["cost_center_ended"]),
        ("gl-8001", None, ["ledger_blocked"]),
        ("gl-8002", None, ["cost_center_missing"]),
        ("gl-8002", "ONE", []),
        ("gl-8003", "TWO", []),
        ("gl-9999", None, ["ledger_unknown"]),
        ("gl-1300", None, ["ledger_type"]),
        ("gl-1500", None, ["ledger_type"]),
    ],
)
def test_a_line_needs_a_usable_ledger(ledger: str, cost_center: str | None, expected: list[str]) -> None:
    chosen = Choices(line_ledgers={"1": ledger}, cost_centers={"1": cost_center} if cost_center else {})
    draft = a_draft(choices=chosen)
    assert codes_of(draft) == expected
    assert draft.lines[0].needs_cost_center == (ledger == "gl-8002")
    if draft.entry:
        used = "ONE " if cost_center == "ONE" else None
        assert draft.entry.lines[0].cost_center == used


def test_an_unmapped_service_type_is_named_once() -> None:
    lines = (*some_lines((100, 21), (100, 21)), a_line(id="3", service_type_id=None))
    draft = a_draft(an_invoice(lines=lines), rules=replace(RULES, ledgers={}))
    assert codes_of(draft) == ["ledger_unmapped", "ledger_unmapped_line"]
    assert "Design work" in told(draft.problems[0].said)


@pytest.mark.parametrize(
    ("code", "tax", "percentage", "expected"),
    [
        ("2", 2100, 21, []),
        ("6", 2100, 21, []),
        ("1", 2100, 21, ["vat_percentage"]),
        ("0", 2100, 21, ["vat_on_exempt"]),
        ("7", 2100, 21, ["vat_on_exempt"]),
        ("7", 0, 0, []),
        ("7", 0, 21, ["vat_off_line", "vat_percentage"]),
        ("3", 2100, 21, ["vat_including"]),
        ("4", 2100, 21, ["vat_blocked"]),
        ("5", 2100, 21, ["vat_not_for_sales"]),
        ("8", 2100, 21, ["vat_unknown"]),
        ("2", 2100, None, ["vat_off_line", "vat_percentage"]),
    ],
)
def test_a_vat_code_must_fit_its_rate(
    code: str, tax: int, percentage: int | None, expected: list[str]
) -> None:
    spelled = None if percentage is None else Decimal(percentage)
    invoice = an_invoice(lines=(a_line(amount_tax=tax, tax_percentage=spelled),))
    draft = a_draft(invoice, choices=Choices(vat_codes={"high": code}))
    assert codes_of(draft) == expected
    fields = {problem.field for problem in draft.problems if problem.code != "vat_off_line"}
    assert fields <= {"vat_codes.high"}


@pytest.mark.parametrize(
    ("start", "end", "percentage", "expected"),
    [
        (date(2020, 1, 1), None, 19, ["vat_percentage"]),
        (date(2020, 1, 1), date(2026, 11, 1), 19, []),
        (date(2026, 11, 3), None, 19, []),
        (date(2026, 11, 2), date(2026, 11, 2), 19, ["vat_percentage"]),
    ],
)
def test_the_percentage_of_the_invoice_date_counts(
    start: date, end: date | None, percentage: int, expected: list[str]
) -> None:
    span = VatPercentage("2", Decimal(percentage), start, end)
    draft = a_draft(catalogue=replace(CATALOGUE, vat_percentages=(span,)))
    assert codes_of(draft) == expected


def test_the_latest_of_two_spans_counts() -> None:
    spans = tuple(
        VatPercentage("2  ", Decimal(percentage), start, None)
        for percentage, start in ((19, date(2020, 1, 1)), (21, date(2026, 1, 1)))
    )
    assert codes_of(a_draft(catalogue=replace(CATALOGUE, vat_percentages=spans))) == []


@pytest.mark.parametrize(
    ("invoice", "expected"),
    [(an_invoice(), ["vat_unmapped"]), (UNTAXED, ["vat_unmapped_none"])],
)
def test_a_rate_without_a_code_is_a_problem(invoice: Invoice, expected: list[str]) -> None:
    rules = MappingRules(ledgers=RULES.ledgers)
    assert codes_of(a_draft(invoice, rules=rules)) == expected


def test_without_vat_codes_only_an_invoice_without_vat_is_copied() -> None:
    assert codes_of(a_draft(catalogue=NO_CODES)) == ["no_vat_codes"]
    entry = a_draft(UNTAXED, catalogue=NO_CODES).entry
    assert entry is not None
    assert entry.lines[0].vat_code is None


def test_vat_on_one_line_counts_even_if_another_takes_it_back() -> None:
    lines = some_lines((100, 21), (-100, -21))
    assert codes_of(a_draft(an_invoice(lines=lines), catalogue=NO_CODES)) == ["no_vat_codes"]


def test_rates_come_in_the_order_of_the_lines() -> None:
    lines = (
        a_line(id="1", tax_rate_id="low", tax_rate="Low", tax_percentage=Decimal(9), amount_tax=900),
        a_line(id="2"),
        a_line(id="3", tax_rate_id="low", tax_rate="Low", tax_percentage=Decimal(9), amount_tax=900),
    )
    rates = a_draft(an_invoice(lines=lines)).tax_rates
    assert [(rate.id, rate.name, rate.percentage) for rate in rates] == [
        ("low", "Low", Decimal(9)),
        ("high", "VAT 21%", Decimal(21)),
    ]
    assert [rate.vat.code for rate in rates if rate.vat] == ["1  ", "2  "]


def test_a_discount_is_spread_over_the_lines() -> None:
    lines = some_lines((3333, 700), (3333, 700), (3334, 700))
    invoice = an_invoice(lines=lines, discount=Decimal(10), amount=9000, amount_tax=1890)
    draft = a_draft(invoice)
    assert draft.entry is not None
    assert [line.amount for line in draft.lines] == [3000, 3000, 3000]
    assert [line.vat_amount for line in draft.lines] == [630, 630, 630]
    assert draft.gross == invoice.amount_with_tax


def test_lines_that_are_discounted_already_stay() -> None:
    draft = a_draft(an_invoice(discount=Decimal(10)))
    assert draft.entry is not None
    assert draft.lines[0].amount == 10000


@pytest.mark.parametrize(
    ("nets", "taxes", "total", "expected"),
    [
        ([159, 159, 159], [33, 33, 33], 100, [34, 33, 33]),
        ([155, 155, 155], [33, 33, 33], 98, [33, 33, 32]),
        ([14350, 9550], [3014, 2006], 5019, [3014, 2005]),
        ([11, 11, 450000], [2, 2, 94500], 94505, [3, 2, 94500]),
        ([100002, -100007], [21000, -21001], -1, [21000, -21001]),
        ([250, -248, -248], [53, -52, -52], -52, [52, -52, -52]),
    ],
)
def test_missing_cents_of_vat_move_lines_by_one(
    nets: list[int], taxes: list[int], total: int, expected: list[int]
) -> None:
    lines = some_lines(*zip(nets, taxes, strict=True))
    for invoice in (
        an_invoice(lines=lines, amount_tax=total),
        a_mirror(an_invoice(lines=lines, amount_tax=total)),
    ):
        shares = share_amounts(invoice)
        sign = -1 if invoice.is_credit_note else 1
        assert not shares.problems
        assert [vat * sign for vat in shares.vats] == expected
        assert [move * sign for move in shares.moves] == [
            now - was for now, was in zip(expected, taxes, strict=True)
        ]
        notes = a_draft(invoice).notes
        assert any("moves by a cent" in note for note in notes) == (expected != taxes)


def test_a_line_too_small_for_vat_can_take_a_cent() -> None:
    draft = a_draft(an_invoice(lines=some_lines((2, 0), (2, 0)), amount_tax=1))
    assert [line.vat_amount for line in draft.lines] == [1, 0]


@pytest.mark.parametrize(
    ("kind", "policy", "choices", "journal", "type_"),
    [
        (1, Policy(default_journal="70", credit_journal="71", send_credit_type=True), Choices(), "70 ", None),
        (2, Policy(default_journal="70", credit_journal="71"), Choices(), "71", None),
        (2, Policy(default_journal="70", send_credit_type=True), Choices(), "70 ", 21),
        (
            2,
            Policy(credit_journal="71"),
            Choices(journal="70", confirmed=("journal_for_sales",)),
            "70 ",
            None,
        ),
    ],
)
def test_credit_notes_have_their_own_journal(
    kind: int, policy: Policy, choices: Choices, journal: str, type_: int | None
) -> None:
    invoice = a_mirror(an_invoice()) if kind == CREDIT_NOTE else an_invoice()
    entry = a_draft(invoice, policy=policy, choices=choices).entry
    assert entry is not None
    assert (entry.journal, entry.type, entry.gross) == (journal, type_, invoice.amount_with_tax)


@pytest.mark.parametrize(
    ("journal", "default", "rate", "sent"),
    [
        ("72", "EUR", "0.91", "0.91"),
        ("73", "EUR", "0.91", None),
        ("72", "USD", "0.91", None),
        ("72", "EUR", None, None),
        ("72", "EUR", "0", None),
    ],
)
def test_productives_rate_is_sent_only_where_it_fits(
    journal: str, default: str, rate: str | None, sent: str | None
) -> None:
    given = Decimal(rate) if rate else None
    invoice = an_invoice(currency="USD", currency_default=default, exchange_rate=given)
    draft = a_draft(invoice, choices=Choices(journal=journal))
    assert draft.entry is not None
    assert draft.entry.rate == (Decimal(sent) if sent else None)
    assert any("exchange rate" in note for note in draft.notes) == (sent is None)


def test_a_domestic_invoice_sends_no_rate() -> None:
    draft = a_draft(
        an_invoice(exchange_rate=Decimal("1.2")), choices=Choices(journal="72"), division=DIVISION
    )
    assert (draft.rate, draft.notes) == (None, ())


def test_long_texts_are_cut_and_shown_cut() -> None:
    draft = a_draft(an_invoice(subject="S" * 60, lines=(a_line(description="L" * 60 + "\nmore"),)))
    assert draft.entry is not None
    assert len(draft.entry.description) == 50
    assert draft.entry.lines[0].description == "L" * 60
    assert draft.lines[0].text_cut
    assert len(draft.notes) == 2


def test_a_line_that_bills_an_expense_is_booked_like_any_line() -> None:
    billed = a_draft(an_invoice(lines=(a_line(is_expense=True),)))
    assert billed.entry is not None
    assert billed.entry == a_draft(an_invoice(lines=(a_line(),))).entry


def test_a_line_without_a_text_shows_its_service_type() -> None:
    draft = a_draft(an_invoice(lines=(a_line(description=""),)))
    assert draft.lines[0].description == "Design work"
    assert not draft.lines[0].text_cut


@pytest.mark.parametrize(("sent", "word"), [(None, "replaces"), (date(2026, 11, 3), "keeps its number")])
def test_a_number_from_exact_is_announced(sent: date | None, word: str) -> None:
    draft = a_draft(an_invoice(sent_on=sent), policy=replace(POLICY, number_source=NumberSource.EXACT))
    assert draft.entry is not None
    assert draft.entry.your_ref == "2026-0042"
    assert word in draft.notes[0]


def test_all_problems_come_at_once() -> None:
    draft = a_draft(
        an_invoice(number=None, deleted=True), customer=None, policy=Policy(), rules=MappingRules()
    )
    assert codes_of(draft) == [
        "deleted",
        "number_missing",
        "customer_missing",
        "journal_missing",
        "ledger_unmapped",
        "vat_unmapped",
    ]
    assert all(told(problem.said).endswith(".") and problem.fix for problem in draft.problems)
    assert draft.problems[0].said.code == problem_code(draft.problems[0].code)
