"""From an invoice to the sales entry that a copy books, or to all its problems at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from portal.domain.booking.amounts import Shares, share_amounts
from portal.domain.booking.catalogue import CREDIT_JOURNAL, Catalogue, Customer, Division
from portal.domain.booking.draft import Draft, DraftLine, DraftRate, Policy
from portal.domain.booking.header import (
    Header,
    check_booking_date,
    check_customer,
    check_invoice,
    check_journal,
    choose_header,
)
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.keep_off import check_kept_off
from portal.domain.booking.kind import check_kind
from portal.domain.booking.ledgers import (
    check_cost_center,
    check_ledger,
    choose_cost_center,
    find_account,
    needs_cost_center,
)
from portal.domain.booking.mapping import Choices, MappingRules, choose_ledger
from portal.domain.booking.place import Whereabouts
from portal.domain.booking.sales_entry import Problem, SalesEntry, SalesEntryLine
from portal.domain.booking.vat import Buyer, check_vat, list_rates
from portal.domain.text import cut, one_line

TEXT_LIMIT = 60
CONFIRM = "confirm"


def translate(
    invoice: Invoice,
    *,
    rules: MappingRules,
    choices: Choices,
    catalogue: Catalogue,
    division: Division,
    customer: Customer | None,
    policy: Policy,
    doubt: Problem | None = None,
    where: Whereabouts | None = None,
) -> Draft:
    """Translate an invoice: the entry to the cent, or every problem that blocks it."""
    header = choose_header(invoice, choices=choices, catalogue=catalogue, division=division, policy=policy)
    shares = share_amounts(invoice)
    rates = list_rates(invoice, rules, choices, catalogue, where)
    lines = tuple(_draft_lines(invoice, shares, rates, rules, choices, catalogue))
    found = (
        *check_invoice(invoice),
        *shares.problems,
        *check_customer(customer, choices, header.booked_on, doubt),
        *check_journal(invoice, header, catalogue, division),
        *check_kind(invoice, header.journal, policy),
        *check_booking_date(header.booked_on, choices, catalogue, policy),
        *_check_lines(lines, catalogue, header.booked_on),
        *check_vat(invoice, rates, catalogue, rules, buyer_of(invoice, customer, choices, where)),
        *check_kept_off(
            invoice,
            lines,
            policy.failed,
            division=division,
            catalogue=catalogue,
            day=header.booked_on or invoice.invoiced_on,
            has_rate=header.rate is not None,
            new_customer=choices.new_customer,
        ),
    )

    confirmed = tuple(each for each in found if each.fix == CONFIRM and each.code in choices.confirmed)
    problems = tuple(each for each in found if each not in confirmed)
    customer_id = "" if choices.new_customer or customer is None else customer.id
    entry = None if problems else _build_entry(invoice, header, lines, customer_id, policy)

    return replace(_sum_up(entry, problems, header, lines, rates), confirmed=confirmed, where=where)


def _sum_up(
    entry: SalesEntry | None,
    problems: tuple[Problem, ...],
    header: Header,
    lines: tuple[DraftLine, ...],
    rates: tuple[DraftRate, ...],
) -> Draft:
    """Put the draft together, each problem once."""
    net = sum(line.amount for line in lines)
    vat = sum(line.vat_amount for line in lines)
    return Draft(
        entry=entry,
        problems=tuple(dict.fromkeys(problems)),
        notes=(*header.notes, *_note_lines(lines)),
        lines=lines,
        net=net,
        vat=vat,
        gross=net + vat,
        tax_rates=rates,
        journal=header.journal.code if header.journal else None,
        booking_date=header.booked_on,
        rate=header.rate,
        description=header.description,
    )


def buyer_of(
    invoice: Invoice, customer: Customer | None, choices: Choices, where: Whereabouts | None
) -> Buyer:
    """Return who an invoice is booked for, as the rules of VAT see it."""
    new = choices.customer if choices.new_customer else None
    bill_to = invoice.bill_to
    known = customer or new or bill_to
    return Buyer(known.name if known else invoice.company_name, where)


def _draft_lines(
    invoice: Invoice,
    shares: Shares,
    rates: tuple[DraftRate, ...],
    rules: MappingRules,
    choices: Choices,
    catalogue: Catalogue,
) -> Iterator[DraftLine]:
    """Yield each line as it will be booked."""
    codes = {rate.id: rate.vat for rate in rates}
    for line, net, vat, moved in zip(invoice.lines, shares.nets, shares.vats, shares.moves, strict=True):
        ledger = choose_ledger(rules, choices, line.id, line.service_type_id)
        account = find_account(catalogue, ledger)
        whole = one_line(line.description) or line.service_type or ""
        text = cut(whole, TEXT_LIMIT)
        yield DraftLine(
            line=line,
            ledger=ledger,
            vat=codes[line.tax_rate_id or ""],
            amount=net,
            vat_amount=vat,
            moved_by=moved,
            needs_cost_center=needs_cost_center(account),
            text_cut=text != whole,
            description=text,
            cost_center=choose_cost_center(catalogue, choices, line, account),
        )


def _check_lines(lines: tuple[DraftLine, ...], catalogue: Catalogue, day: date | None) -> Iterator[Problem]:
    """Yield what is wrong with ledger accounts and cost centres."""
    for line in lines:
        account = find_account(catalogue, line.ledger)
        yield from check_ledger(line.line, line.ledger, catalogue)
        yield from check_cost_center(line.line, account, line.cost_center, catalogue, day)


def _note_lines(lines: tuple[DraftLine, ...]) -> Iterator[str]:
    """Say which lines are booked with a shorter text or another cent of VAT."""
    for line in lines:
        if line.text_cut:
            yield f"A line's text is cut to “{line.description}”, as Exact takes 60 characters."
    if any(line.moved_by for line in lines):
        yield "The VAT of some lines moves by a cent, so that it adds up to the invoice's VAT."


def _build_entry(
    invoice: Invoice, header: Header, lines: tuple[DraftLine, ...], customer_id: str, policy: Policy
) -> SalesEntry:
    """Build the entry once nothing stands in its way."""
    number = invoice.number or ""
    return SalesEntry(
        customer_id=customer_id,
        journal=header.journal.code if header.journal else "",
        entry_date=header.booked_on or invoice.invoiced_on,
        due_date=invoice.pay_on,
        your_ref=number,
        payment_reference=number,
        description=header.description,
        currency=invoice.currency,
        rate=header.rate,
        type=CREDIT_JOURNAL if policy.send_credit_type and invoice.is_credit_note else None,
        lines=tuple(_book(line) for line in lines),
    )


def _book(line: DraftLine) -> SalesEntryLine:
    """Book one line."""
    return SalesEntryLine(
        invoice_line_id=line.line.id,
        ledger_id=line.ledger.code if line.ledger else "",
        amount=line.amount,
        vat_code=line.vat.code if line.vat else None,
        vat_amount=line.vat_amount,
        description=line.description,
        quantity=line.line.quantity,
        cost_center=line.cost_center,
        ledger_source=line.ledger.source if line.ledger else "",
        vat_source=line.vat.source if line.vat else "",
        ledger_why=line.ledger.why if line.ledger else None,
        vat_why=line.vat.why if line.vat else None,
    )
