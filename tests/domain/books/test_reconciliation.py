"""Whether both books agree, and why not: tables of cases."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.books.aging import AGES, DELAYS, age_of, days_late
from portal.domain.books.causes import Facts, find_cause
from portal.domain.books.drift import content_key, find_drift, kinds_of
from portal.domain.books.next_steps import STEPS, TOLD
from portal.domain.books.reconciliation import Billed, Posted, Verdict, compare, compare_alone
from portal.domain.books.states import DIFFERENCES, Agreement, Why
from portal.domain.copies.changes import Field, FieldChange
from portal.domain.payments.states import PaymentState
from portal.domain.periods import month_period, neighbours, read_period
from portal.domain.said import as_written
from tests.exact.wire import a_sales_entry, a_sales_line

DAY = date(2026, 11, 5)


def billed(**given: Any) -> Billed:
    return replace(Billed(12100, 2100, "EUR", DAY, 12100), **given)


def posted(**given: Any) -> Posted:
    return replace(Posted(12100, 2100, "EUR", DAY, 12100), **given)


@pytest.mark.parametrize(
    ("ours", "theirs", "word", "codes"),
    [
        (billed(), posted(), Agreement.EQUAL, ()),
        (billed(), posted(day=date(2026, 11, 30)), Agreement.EQUAL, ()),
        (billed(), posted(open=None, vat=None, day=None), Agreement.EQUAL, ()),
        (billed(), posted(gross=12101, open=None), Agreement.DIFFERENT, (Why.AMOUNT,)),
        (billed(), posted(vat=2099), Agreement.DIFFERENT, (Why.VAT,)),
        (billed(), posted(day=date(2026, 12, 1)), Agreement.DIFFERENT, (Why.DATE,)),
        (billed(), posted(currency="USD", gross=1), Agreement.DIFFERENT, (Why.CURRENCY,)),
        (billed(), posted(drift=frozenset({Why.LEDGER})), Agreement.DIFFERENT, (Why.LEDGER,)),
        (
            billed(),
            posted(drift=frozenset({Why.CUSTOMER, Why.DETAILS})),
            Agreement.DIFFERENT,
            (Why.CUSTOMER, Why.DETAILS),
        ),
        (billed(), posted(other_customer=True), Agreement.DIFFERENT, (Why.CUSTOMER,)),
        (billed(), posted(linked=False), Agreement.DIFFERENT, (Why.UNLINKED,)),
        (billed(changed=True), posted(), Agreement.DIFFERENT, (Why.CHANGED,)),
        (billed(), posted(open=0), Agreement.DIFFERENT, (Why.OPEN, Why.PAID)),
        (billed(unpaid=0), posted(open=100), Agreement.DIFFERENT, (Why.OPEN, Why.PAID)),
        (billed(unpaid=6000), posted(open=6100), Agreement.DIFFERENT, (Why.OPEN,)),
        (
            billed(gross=-12100, vat=-2100, unpaid=0),
            posted(gross=-12100, vat=-2100, open=-12100),
            Agreement.EQUAL,
            (),
        ),
        (billed(), None, Agreement.ONLY_PRODUCTIVE, (Why.NOT_COPIED,)),
        (billed(state=Why.GONE), None, Agreement.ONLY_PRODUCTIVE, (Why.GONE,)),
        (billed(state=Why.EXCLUDED), None, Agreement.EXPLAINED, (Why.EXCLUDED,)),
        (billed(state=Why.EARLY), None, Agreement.EXPLAINED, (Why.EARLY,)),
    ],
)
def test_two_sides(ours: Billed, theirs: Posted | None, word: Agreement, codes: tuple[Why, ...]) -> None:
    assert compare(ours, theirs) == Verdict(word, codes)


@pytest.mark.parametrize(
    ("ours", "theirs", "word", "codes"),
    [
        (billed(), posted(gross=12101, open=None), Agreement.EXPLAINED, (Why.AMOUNT,)),
        (billed(), posted(gross=12101, open=0), Agreement.DIFFERENT, (Why.OPEN, Why.PAID)),
        (billed(), posted(open=0), Agreement.DIFFERENT, (Why.OPEN, Why.PAID)),
        (billed(), posted(), Agreement.EQUAL, ()),
        (billed(state=Why.GONE), None, Agreement.EXPLAINED, (Why.GONE,)),
    ],
)
def test_what_was_accepted_no_longer_counts_but_its_payments_do(
    ours: Billed, theirs: Posted | None, word: Agreement, codes: tuple[Why, ...]
) -> None:
    assert compare(ours, theirs, accepted=True) == Verdict(word, codes)


def test_an_entry_alone_counts_until_a_person_accepts_it() -> None:
    assert compare_alone(Why.STRANGER) == Verdict(Agreement.ONLY_EXACT, (Why.STRANGER,))
    assert compare_alone(Why.STRANGER, accepted=True) == Verdict(Agreement.EXPLAINED, (Why.STRANGER,))


DIFFERS = Agreement.DIFFERENT


@pytest.mark.parametrize(
    ("verdict", "facts", "code", "first_step"),
    [
        (Verdict(Agreement.ONLY_PRODUCTIVE, (Why.NOT_COPIED,)), Facts(), "not copied", "copy"),
        (
            Verdict(Agreement.ONLY_PRODUCTIVE, (Why.NOT_COPIED,)),
            Facts(connected=False),
            "not connected",
            "settings",
        ),
        (
            Verdict(Agreement.ONLY_PRODUCTIVE, (Why.REFUSED,)),
            Facts(trouble=as_written("Closed.")),
            "refused",
            "invoice",
        ),
        (Verdict(Agreement.ONLY_PRODUCTIVE, (Why.ELSEWHERE,)), Facts(), "copied elsewhere", "link"),
        (Verdict(Agreement.ONLY_PRODUCTIVE, (Why.SEVERAL,)), Facts(), "several entries", "link"),
        (Verdict(Agreement.ONLY_PRODUCTIVE, (Why.GONE,)), Facts(), "deleted in exact", "create"),
        (Verdict(Agreement.EXPLAINED, (Why.EXCLUDED,)), Facts(reason="By hand"), "do not copy", "invoice"),
        (Verdict(Agreement.ONLY_EXACT, (Why.STRANGER,)), Facts(), "stranger", "open"),
        (Verdict(Agreement.ONLY_EXACT, (Why.OLDER,)), Facts(number="7"), "older copy", "open"),
        (Verdict(DIFFERS, (Why.AMOUNT, Why.UNLINKED)), Facts(), "unlinked", "link"),
        (Verdict(DIFFERS, (Why.AMOUNT,)), Facts(drifted=True), "edited in exact", "update"),
        (Verdict(DIFFERS, (Why.AMOUNT, Why.CHANGED)), Facts(drifted=True), "both changed", "update"),
        (Verdict(DIFFERS, (Why.AMOUNT, Why.CHANGED)), Facts(), "edited in productive", "update"),
        (Verdict(DIFFERS, (Why.AMOUNT,)), Facts(), "booked differently", "update"),
        (Verdict(DIFFERS, (Why.VAT,)), Facts(linked_by_hand=True), "linked differently", "update"),
        (Verdict(DIFFERS, (Why.DATE,)), Facts(), "other period", "accept"),
        (Verdict(DIFFERS, (Why.DATE,)), Facts(drifted=True), "edited in exact", "update"),
        (Verdict(DIFFERS, (Why.OPEN,)), Facts(paid_more_in_exact=True), "not pulled", "pull"),
        (Verdict(DIFFERS, (Why.OPEN,)), Facts(findings=(as_written("Look."),)), "finding", "invoice"),
        (
            Verdict(DIFFERS, (Why.OPEN,)),
            Facts(paid_more_in_exact=True, payment_states=frozenset({PaymentState.HELD})),
            "not sent",
            "payments",
        ),
        (
            Verdict(DIFFERS, (Why.OPEN,)),
            Facts(payment_states=frozenset({PaymentState.REFUSED}), payment_trouble=as_written("No.")),
            "payment refused",
            "payments",
        ),
        (
            Verdict(DIFFERS, (Why.OPEN,)),
            Facts(payment_states=frozenset({PaymentState.DUE})),
            "payment on its way",
            "payments",
        ),
        (Verdict(DIFFERS, (Why.OPEN, Why.PAID)), Facts(), "by hand", "invoice"),
        (Verdict(DIFFERS, (Why.OPEN,)), Facts(paid_more_in_exact=True, baseline=True), "baseline", "invoice"),
    ],
)
def test_each_difference_has_a_cause_and_a_next_step(
    verdict: Verdict, facts: Facts, code: str, first_step: str
) -> None:
    cause = find_cause(verdict, facts)
    assert cause is not None
    assert (cause.code, cause.steps[0]) == (code, first_step)
    assert set(cause.said.values) == set(TOLD.get(cause.code, ()))
    assert None not in cause.said.values.values()


def test_what_agrees_has_no_cause() -> None:
    assert find_cause(Verdict(Agreement.EQUAL), Facts()) is None


def test_every_reason_to_differ_has_a_sentence() -> None:
    alone = (
        Why.NOT_COPIED,
        Why.ELSEWHERE,
        Why.EXCLUDED,
        Why.EARLY,
        Why.ON_ITS_WAY,
        Why.UNCERTAIN,
        Why.REFUSED,
        Why.UNDONE,
    )
    for code in (*alone, Why.SEVERAL, Why.GONE, Why.STRANGER, Why.OLDER, Why.INVOICE_GONE, Why.CREDITED):
        assert code in STEPS
    for code in DIFFERENCES:
        assert find_cause(Verdict(Agreement.DIFFERENT, (code,)), Facts()) is not None


def booked_as(sent: SalesEntry, **given: Any) -> BookedEntry:
    """Return the entry that Exact made of what was sent."""
    entry = BookedEntry(
        id="e",
        entry_number=1,
        invoice_number=1,
        customer_id=sent.customer_id.upper(),
        journal=f" {sent.journal}",
        entry_date=sent.entry_date,
        due_date=sent.due_date,
        your_ref=sent.your_ref,
        description=sent.description,
        currency=sent.currency,
        gross=sent.gross,
        vat=sent.vat,
        status=20,
        type=20,
        lines=tuple(booked_line(line, str(at)) for at, line in enumerate(sent.lines)),
    )
    return replace(entry, **given)


def booked_line(line: SalesEntryLine, line_id: str = "0", **given: Any) -> BookedLine:
    made = BookedLine(
        line_id,
        line.ledger_id.upper(),
        line.amount,
        line.vat_code,
        line.vat_amount,
        line.description,
        line.cost_center,
        "[ABCDEFGH]",
    )
    return replace(made, **given)


def test_an_entry_as_it_was_booked_has_not_drifted() -> None:
    sent = a_sales_entry()
    assert find_drift(booked_as(sent), sent) == ()
    assert find_drift(booked_as(sent, lines=()), sent) == (), "lines that were not read say nothing"


@pytest.mark.parametrize(
    ("change", "label", "kind"),
    [
        ({"customer_id": "other"}, "Customer", "customer"),
        ({"entry_date": date(2026, 2, 1)}, "Booking date", "date"),
        ({"due_date": date(2026, 12, 24)}, "Due date", "details"),
        ({"your_ref": "X"}, "Reference", "details"),
        ({"description": "X"}, "Description", "details"),
        ({"journal": "99"}, "Journal", "details"),
        ({"currency": "USD"}, "Currency", "details"),
    ],
)
def test_a_changed_header_field_is_named(change: dict[str, Any], label: str, kind: str) -> None:
    sent = a_sales_entry()
    drift = find_drift(booked_as(sent, **change), sent)
    assert [each.label for each in drift] == [label]
    assert kinds_of(drift) == {kind}


@pytest.mark.parametrize(
    ("change", "labels", "kinds"),
    [
        ({"ledger_id": "other"}, ["Ledger code"], {"ledger"}),
        ({"amount": 1}, ["Net amount"], {"amount"}),
        ({"vat_code": "9  "}, ["VAT code"], {"vat"}),
        ({"vat_amount": 1}, ["VAT amount"], {"vat"}),
        ({"description": "Other"}, ["Description"], {"details"}),
    ],
)
def test_a_changed_line_is_named_field_by_field(
    change: dict[str, Any], labels: list[str], kinds: set[str]
) -> None:
    sent = a_sales_entry(lines=(a_sales_line(),))
    drift = find_drift(booked_as(sent, lines=(booked_line(sent.lines[0], **change),)), sent)
    assert [(each.label, each.line) for each in drift] == [(label, 1) for label in labels]
    assert kinds_of(drift) == kinds


def test_drift_tells_before_and_now_and_names_ids() -> None:
    sent = a_sales_entry()
    names = {sent.customer_id.lower(): "Acme", "new": "Other"}
    drift = find_drift(booked_as(sent, customer_id="NEW"), sent, names)
    assert drift == (FieldChange(Field.CUSTOMER, "Acme", "Other"),)


def test_a_cost_centre_that_exact_filled_in_is_no_drift() -> None:
    sent = a_sales_entry(lines=(a_sales_line(cost_center=None),))
    line = booked_line(sent.lines[0], cost_center="A")
    assert find_drift(booked_as(sent, lines=(line,)), sent) == ()


def test_the_content_key_sees_what_is_said_and_nothing_else() -> None:
    entry = booked_as(a_sales_entry())
    assert content_key(replace(entry, status=50, entry_number=9)) == content_key(entry)
    assert content_key(replace(entry, gross=1)) != content_key(entry)
    changed = replace(entry, lines=(replace(entry.lines[0], vat_code="1  "), *entry.lines[1:]))
    assert content_key(changed) != content_key(entry)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("all", date(1900, 1, 1), date(9999, 12, 31)),
    ],
)
def test_periods_are_read(text: str, first: date, last: date) -> None:
    period = read_period(text)
    assert period is not None
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-01", "0000", "9999", "2026-1", "x"])
def test_what_is_no_period_is_none(text: str) -> None:
    assert read_period(text) is None


def test_a_month_knows_its_neighbours() -> None:
    found = neighbours(month_period(date(2026, 1, 15)))
    assert found is not None
    assert [each.text for each in found] == ["2025-12", "2026-02"]
    year = read_period("2026")
    assert year is not None
    assert neighbours(year) is None


@pytest.mark.parametrize("classes", [AGES, DELAYS])
def test_every_day_is_in_exactly_one_class(classes: Any) -> None:
    for days in range(-200, 200):
        assert sum(span.holds(days) for span in classes) == 1


@pytest.mark.parametrize("span", AGES)
def test_every_due_date_has_the_age_that_holds_its_days(span: Any) -> None:
    for days in range(-200, 200):
        due = date.fromordinal(DAY.toordinal() - days)
        assert span.holds(days) == (age_of(due, DAY) == span.code)


def test_days_late_need_both_days() -> None:
    assert days_late(DAY, date(2026, 11, 8)) == 3
    assert days_late(DAY, None) is None
    assert days_late(None, DAY) is None
