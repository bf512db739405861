"""Every invoice of the demo: what would be booked is the invoice to the cent, or a problem says why not."""

import re
from decimal import Decimal
from typing import Any

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, SUBSIDIARY, Desk
from tests.journeys.person import Person

COPYABLE = 40


def test_every_draft_is_the_invoice_to_the_cent_or_a_problem(desk: Desk) -> None:
    wrong = [one["number"] for one in demo_invoices(desk) if not is_exact_or_refused(desk, one)]
    assert not wrong


def test_what_can_be_copied_has_the_same_total_in_exact(desk: Desk) -> None:
    copied = [one for one in demo_invoices(desk) if submit_if_possible(desk, one)]
    assert len(copied) >= COPYABLE
    until(lambda: len(booked(desk)) >= len(copied), "the last entry", 120)
    totals = booked(desk)
    assert {one["number"]: totals.get(one["number"]) for one in copied} == {
        one["number"]: [Decimal(one["total"])] for one in copied
    }


def demo_invoices(desk: Desk) -> list[dict[str, Any]]:
    """The demo's finalised invoices of the connected subsidiary, none that a test made."""
    every = desk.productive.get("invoices")["invoices"]
    return [
        one
        for one in every
        if one["subsidiary_id"] == SUBSIDIARY
        and one["finalized_on"]
        and not one["deleted_at"]
        and not one["sample_data"]
        and not re.match("J-|S-", str(one["number"]))
    ]


def is_exact_or_refused(desk: Desk, invoice: dict[str, Any]) -> bool:
    """Say whether the dialog's total is the invoice's, or a problem stands there."""
    person = desk.open_dialog(invoice["id"])
    debit, credit = person.page.select("#copy-preview .postings tfoot .amount")
    owed = person.page.select("#copy-preview .postings tbody tr:first-child td")
    sides = [Decimal(cell.get_text(strip=True).replace(",", "") or 0) for cell in owed]
    is_exact = sides[0] - sides[1] == Decimal(invoice["total"]) and debit.text == credit.text
    return is_exact or bool(problems_of(person))


def submit_if_possible(desk: Desk, invoice: dict[str, Any]) -> bool:
    """Submit the dialog with the customer it proposes, else one searched for; say whether it was taken."""
    person = desk.open_dialog(invoice["id"])
    if not person.has("Copy invoice"):
        return False
    customer = person.hidden("customer") or desk.find_customer(invoice["id"], "Lantaarn")
    person.press("Copy invoice", customer=customer)
    assert "/copies/" in person.url or refused_with_words(person), person.text
    return "/copies/" in person.url


def refused_with_words(person: Person) -> bool:
    """Say whether the dialog came back with problems in words."""
    return person.status == 422 and bool(problems_of(person))


def problems_of(person: Person) -> list[str]:
    """Return what the dialog says is to be done first, at its field or above the lines."""
    found = person.page.select(".field-asks, .field-error, #copy-problems li")
    return [text for one in found if (text := one.get_text(" ", strip=True))]


def booked(desk: Desk) -> dict[str, list[Decimal]]:
    """The totals of this portal's entries, by the invoice's number; what was there before is not ours."""
    totals: dict[str, list[Decimal]] = {}
    for entry in desk.exact.get(f"entries?division={DUTCH}"):
        if any(line["Notes"] for line in entry["lines"]) and not re.match("J-|S-", str(entry["YourRef"])):
            totals.setdefault(entry["YourRef"], []).append(Decimal(entry["AmountFC"]))
    return totals
