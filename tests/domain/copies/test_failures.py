"""The table of causes, and when copies like those that failed are held."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.booking.problems import SENTENCES
from portal.domain.booking.sales_entry import SalesEntry, SalesEntryLine
from portal.domain.copies.failures import (
    BLOCKED,
    BY_PRODUCTIVE,
    CHOICE,
    CLASSES,
    CONNECT,
    EXACT,
    FAULT,
    MALFORMED,
    MAPPING,
    OURS,
    PRODUCTIVE,
    WAIT,
    Outcome,
    cause_of,
    class_of,
    find_shared,
    may_retry,
    traits_of,
)
from tests.exact.wire import a_sales_entry, a_sales_line

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MARCH = frozenset({"journal 70", "month 2026-03"})
APRIL = frozenset({"journal 70", "month 2026-04"})


@pytest.mark.parametrize(
    ("kind", "status", "words", "cause", "its_class"),
    [
        ("RefusedError", 500, "Periode 3 is afgesloten", "RefusedError", EXACT),
        ("RefusedError", 400, "Grootboekrekening: geblokkeerd", "RefusedError", EXACT),
        ("RefusedError", 400, "Error processing request stream. The property 'X'…", MALFORMED, OURS),
        ("RefusedError", 415, "Unsupported media type", MALFORMED, OURS),
        ("RefusedError", 406, "Not acceptable", MALFORMED, OURS),
        ("NotFoundError", 404, "Relatie niet gevonden", "NotFoundError", EXACT),
        ("MissingRightError", 403, "Forbidden - Application Scope Violated.", "MissingRightError", CONNECT),
        ("MissingRightError", 403, "Forbidden - too many errors, this API key is blocked", BLOCKED, WAIT),
        ("MissingRightError", 403, "Productive denies access: financials.", BY_PRODUCTIVE, PRODUCTIVE),
        ("RefusedError", 422, "Productive refused: number – is taken.", BY_PRODUCTIVE, PRODUCTIVE),
        ("SomethingNewError", 418, "What?", "RefusedError", EXACT),
    ],
)
def test_what_a_refusal_stands_for(kind: str, status: int, words: str, cause: str, its_class: str) -> None:
    assert cause_of(kind, status, words) == cause
    assert class_of(cause) == its_class


@pytest.mark.parametrize(
    ("cause", "its_class", "retry"),
    [
        ("ledger_unmapped", MAPPING, True),
        ("vat_unmapped", MAPPING, True),
        ("ledger_unknown", MAPPING, True),
        ("customer_blocked", EXACT, True),
        ("period_missing", EXACT, True),
        ("number_missing", PRODUCTIVE, True),
        ("invoice deleted", PRODUCTIVE, False),
        ("invoice changed", CHOICE, False),
        ("entry deleted", CHOICE, False),
        ("entry exists", CHOICE, False),
        ("entry_changed", CHOICE, False),
        ("entry_not_ours", EXACT, False),
        ("payment_kept", CHOICE, True),
        ("journal_missing", CHOICE, True),
        ("books_closed", CHOICE, True),
        ("sign-in lost", CONNECT, True),
        ("disconnected", CONNECT, True),
        (FAULT, OURS, True),
        ("what nobody foresaw", OURS, True),
    ],
)
def test_every_cause_has_a_class(cause: str, its_class: str, retry: bool) -> None:
    assert (class_of(cause), may_retry(cause)) == (its_class, retry)


def test_every_problem_has_a_class_that_is_no_fault_of_ours() -> None:
    assert {class_of(code) for code in SENTENCES} <= set(CLASSES) - {OURS, WAIT, CONNECT}


def some_outcomes(*traits: frozenset[str]) -> list[Outcome]:
    """Return outcomes a minute apart, newest first."""
    return [Outcome(NOW - timedelta(minutes=at), each) for at, each in enumerate(traits)]


def test_two_alike_failures_hold_nobody() -> None:
    assert find_shared("RefusedError", some_outcomes(MARCH, MARCH), []) is None


def test_three_alike_failures_hold_what_shares_all_that_they_share() -> None:
    assert find_shared("RefusedError", some_outcomes(MARCH | {"vat 2"}, MARCH, MARCH), []) == MARCH


def test_three_alike_failures_with_nothing_in_common_hold_everything() -> None:
    failures = some_outcomes(frozenset({"a"}), frozenset({"b"}), frozenset({"c"}))
    assert find_shared("RefusedError", failures, []) == frozenset()


def test_a_success_with_the_same_traits_meanwhile_proves_them_innocent() -> None:
    failures = some_outcomes(MARCH, MARCH, MARCH)
    before = NOW - timedelta(minutes=3)
    meanwhile = NOW - timedelta(minutes=1)
    assert find_shared("RefusedError", failures, [Outcome(meanwhile, MARCH)]) is None
    assert find_shared("RefusedError", failures, [Outcome(before, MARCH)]) == MARCH
    assert find_shared("RefusedError", failures, [Outcome(meanwhile, APRIL)]) == MARCH


def test_a_missing_right_concerns_every_copy() -> None:
    assert find_shared("MissingRightError", some_outcomes(MARCH, MARCH, MARCH), []) == frozenset()


def test_traits_name_what_a_refusal_may_be_about() -> None:
    lines = (a_sales_line(ledger_id="l1", vat_code="2  "), a_sales_line(ledger_id="l2", vat_code=None))
    fields: dict[str, Any] = {"entry_date": date(2026, 3, 31), "customer_id": "", "lines": lines}
    entry: SalesEntry = a_sales_entry(**fields)
    assert isinstance(entry.lines[0], SalesEntryLine)
    assert traits_of(entry, "create") == {
        "action create",
        "journal 70",
        "month 2026-03",
        "currency EUR",
        "customer new",
        "ledger l1",
        "ledger l2",
        "vat 2",
        "vat ",
    }
