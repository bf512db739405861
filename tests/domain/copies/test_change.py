"""Update existing: the plan, its order, what it says, and when it is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.booking.catalogue import Period
from portal.domain.booking.mapping import Rule, Setting, Why
from portal.domain.booking.sales_entry import BookedEntry, SalesEntryLine
from portal.domain.copies.change import may_change, plan_change
from portal.domain.copies.change_plan import DELETE, HEADER, POST, PUT, ChangePlan, from_json, to_json
from portal.domain.copies.changes import Field, FieldChange, list_changes
from tests.domain.builders import a_booking, an_entry, an_entry_line

A, B, C, D = (an_entry_line(description=letter, amount=at) for at, letter in enumerate("ABCD", start=100))
NOVEMBER = (Period(2026, 11, date(2026, 11, 1), date(2026, 11, 30)),)


def booked_with(*lines: SalesEntryLine) -> BookedEntry:
    return a_booking(an_entry(lines=lines))


def plan_from(booked: tuple[SalesEntryLine, ...], wanted: tuple[SalesEntryLine, ...]) -> ChangePlan:
    return plan_change(booked_with(*booked), an_entry(lines=wanted), "ABCDEFGH")


def told(plan: ChangePlan) -> list[tuple[str, str | None, str | None]]:
    return [(step.kind, step.line_id, step.line.description if step.line else None) for step in plan.steps]


@pytest.mark.parametrize(
    ("booked", "wanted", "expected"),
    [
        ((A, B), (A, B), []),
        ((A, B), (B, A), []),
        ((A, A), (A,), [(DELETE, "old-1", None)]),
        ((A, B), (A, C), [(PUT, "old-1", "C")]),
        ((A, B), (C, A), [(PUT, "old-1", "C")]),
        ((A,), (A, B), [(POST, None, "B")]),
        ((A,), (B, C), [(POST, None, "C"), (PUT, "old-0", "B")]),
        ((A, B, C), (D,), [(PUT, "old-0", "D"), (DELETE, "old-1", None), (DELETE, "old-2", None)]),
        ((A, B, C), (C,), [(DELETE, "old-0", None), (DELETE, "old-1", None)]),
    ],
)
def test_equal_lines_stay_and_surplus_goes_last(
    booked: tuple[SalesEntryLine, ...], wanted: tuple[SalesEntryLine, ...], expected: list[Any]
) -> None:
    plan = plan_from(booked, wanted)
    assert told(plan) == expected
    assert [step.index for step in plan.steps] == list(range(len(expected)))


def test_padding_and_case_are_no_change() -> None:
    line = an_entry_line(vat_code="2", ledger_id="GL-8000", cost_center="", description="Design ")
    assert plan_change(a_booking(), an_entry(customer_id="CUST-1", lines=(line,)), "M").steps == ()


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({}, None),
        ({"customer_id": "cust-2"}, {"customer_id": "cust-2"}),
        ({"entry_date": date(2026, 11, 5)}, {"entry_date": date(2026, 11, 5)}),
        ({"due_date": date(2026, 12, 5)}, {"due_date": date(2026, 12, 5)}),
        ({"due_date": None}, None),
        ({"description": "2026-0042 Site"}, {"description": "2026-0042 Site"}),
        ({"description": "Site"}, {"description": "Site"}),
        ({"rate": Decimal("1.1")}, None),
        ({"your_ref": "26700001", "description": "26700001 Website"}, None),
        ({"your_ref": "26700001", "description": "26700001 Site"}, {"description": "2026-0042 Site"}),
    ],
)
def test_only_changed_scalars_are_sent(given: dict[str, Any], header: dict[str, Any] | None) -> None:
    plan = plan_change(a_booking(), an_entry(**given), "M")
    assert [dict(step.header) for step in plan.steps] == ([header] if header else [])
    assert all(step.kind == HEADER for step in plan.steps)


def test_a_known_rate_is_compared() -> None:
    booked = a_booking(rate=Decimal("1.0"))
    assert plan_change(booked, an_entry(rate=Decimal("1.00")), "M").steps == ()
    assert plan_change(booked, an_entry(rate=Decimal("1.1")), "M").steps[0].header == (
        ("rate", Decimal("1.1")),
    )


def test_journal_and_currency_cannot_change() -> None:
    plan = plan_change(a_booking(), an_entry(journal="71", currency="USD"), "M")
    assert [problem.code for problem in plan.problems] == ["journal_cannot_change", "currency_cannot_change"]
    assert plan.steps == ()


@pytest.mark.parametrize("given", [{"lines": ()}, {"customer_id": ""}])
def test_a_plan_needs_lines_and_a_customer(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs lines and a customer"):
        plan_change(a_booking(), an_entry(**given), "M")


def test_a_plan_survives_being_stored() -> None:
    wanted = an_entry(entry_date=date(2026, 11, 5), rate=Decimal("1.1"), lines=(B, C))
    booked = a_booking(an_entry(lines=(A, B, D)), rate=Decimal("1.0"), due_date=None)
    for plan in (plan_change(booked, wanted, "M"), plan_change(booked, replace(wanted, journal="71"), "M")):
        assert from_json(json.loads(json.dumps(to_json(plan)))) == plan
    step = plan_change(booked, wanted, "M").steps[0]
    nothing = ChangePlan("e", "M", (replace(step, header=(("due_date", None),)),))
    assert from_json(to_json(nothing)) == nothing


def test_a_plan_survives_being_stored_whoever_chose_its_codes_and_when() -> None:
    why = Why(Rule.SERVICE, setting=Setting("Anna", datetime(2026, 11, 2, 9, tzinfo=UTC)))
    line = replace(A, ledger_why=why, vat_why=why)
    plan = plan_from((), (line, B))
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


def test_changes_are_told_for_people() -> None:
    booked = booked_with(A, B)
    lines = (A, replace(B, ledger_id="gl-8002", cost_center="ONE "), C)
    wanted = an_entry(customer_id="cust-2", entry_date=date(2026, 11, 5), lines=lines)
    names = {"cust-1": "Acme", "cust-2": "Bolt", "gl-8000": "8000 Design", "gl-8002": "8002 Travel"}
    assert list_changes(booked, wanted, names=names) == (
        FieldChange(Field.CUSTOMER, "Acme", "Bolt"),
        FieldChange(Field.BOOKING_DATE, date(2026, 11, 2), date(2026, 11, 5)),
        FieldChange(Field.LEDGER, "8000 Design", "8002 Travel", 2),
        FieldChange(Field.COST_CENTRE, None, "ONE", 2),
        FieldChange(Field.DESCRIPTION, None, "C", 3),
        FieldChange(Field.LEDGER, None, "8000 Design", 3),
        FieldChange(Field.NET, None, Decimal("1.02"), 3),
        FieldChange(Field.VAT_CODE, None, "2", 3),
        FieldChange(Field.VAT, None, Decimal("21.00"), 3),
    )


def test_a_surplus_line_is_told_too() -> None:
    found = list_changes(booked_with(A, B), an_entry(lines=(A,)))
    assert found[0] == FieldChange(Field.DESCRIPTION, "B", None, 2)
    assert list_changes(booked_with(A), an_entry(lines=(A,))) == ()


@pytest.mark.parametrize(
    ("booked", "paid", "closed", "expected"),
    [
        ({}, False, None, None),
        ({"status": 50}, True, None, "entry_processed"),
        ({}, True, None, "entry_paid"),
        ({}, False, date(2026, 11, 1), None),
        ({}, False, date(2026, 11, 2), "entry_closed"),
        ({"entry_date": date(2026, 10, 31)}, False, None, "period_missing"),
    ],
)
def test_a_change_is_refused_before_exact_does(
    booked: dict[str, Any], paid: bool, closed: date | None, expected: str | None
) -> None:
    found = may_change(a_booking(**booked), terms_paid=paid, books_closed_until=closed, periods=NOVEMBER)
    assert (found.code if found else None) == expected


def test_a_plan_can_be_stored_though_its_lines_say_who_set_their_rules() -> None:
    setting = Setting("Anna", datetime(2026, 11, 2, 9, tzinfo=UTC))
    line = replace(
        A, ledger_why=Why(Rule.SERVICE, setting=setting), vat_why=Why(Rule.ANYWHERE, setting=setting)
    )
    plan = plan_from((B,), (line, B))

    again = from_json(json.loads(json.dumps(to_json(plan))))

    assert [step.line for step in again.steps] == [A]
