"""The table of causes, and when copies like those that failed are held."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.booking.problems import FIXES
from portal.domain.booking.sales_entry import SalesEntry, SalesEntryLine
from portal.domain.copies.failures import (
    Cause,
    Outcome,
    Remedy,
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
        ("RefusedError", 500, "Periode 3 is afgesloten", "RefusedError", Remedy.EXACT),
        ("RefusedError", 400, "Grootboekrekening: geblokkeerd", "RefusedError", Remedy.EXACT),
        (
            "RefusedError",
            400,
            "Error processing request stream. The property 'X'…",
            Cause.MALFORMED,
            Remedy.OURS,
        ),
        ("RefusedError", 415, "Unsupported media type", Cause.MALFORMED, Remedy.OURS),
        ("RefusedError", 406, "Not acceptable", Cause.MALFORMED, Remedy.OURS),
        ("NotFoundError", 404, "Relatie niet gevonden", "NotFoundError", Remedy.EXACT),
        (
            "MissingRightError",
            403,
            "Forbidden - Application Scope Violated.",
            "MissingRightError",
            Remedy.CONNECT,
        ),
        (
            "MissingRightError",
            403,
            "Forbidden - too many errors, this API key is blocked",
            Cause.BLOCKED,
            Remedy.WAIT,
        ),
        ("RefusedError", 400, "Productive is a word of Exact's here", Cause.REFUSED, Remedy.EXACT),
        ("SomethingNewError", 418, "What?", "RefusedError", Remedy.EXACT),
    ],
)
def test_what_a_refusal_stands_for(kind: str, status: int, words: str, cause: str, its_class: str) -> None:
    assert cause_of(kind, status, words) == cause
    assert class_of(cause) == its_class


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("MissingRightError", 403, "Productive denies access: financials."),
        ("RefusedError", 422, "Productive refused: number – is taken."),
        ("NotFoundError", 404, "Het bestaat niet."),
        ("RefusedError", 400, "syntax error"),
    ],
)
def test_a_refusal_of_productives_is_one_whatever_it_says(kind: str, status: int, words: str) -> None:
    assert cause_of(kind, status, words, by_productive=True) == Cause.BY_PRODUCTIVE
    assert class_of(Cause.BY_PRODUCTIVE) == Remedy.PRODUCTIVE


@pytest.mark.parametrize(
    ("cause", "its_class", "retry"),
    [
        ("ledger_unmapped", Remedy.MAPPING, True),
        ("vat_unmapped", Remedy.MAPPING, True),
        ("ledger_unknown", Remedy.MAPPING, True),
        ("customer_blocked", Remedy.EXACT, True),
        ("period_missing", Remedy.EXACT, True),
        ("number_missing", Remedy.PRODUCTIVE, True),
        ("invoice deleted", Remedy.PRODUCTIVE, False),
        ("invoice changed", Remedy.CHOICE, False),
        ("entry deleted", Remedy.CHOICE, False),
        ("entry exists", Remedy.CHOICE, False),
        ("entry_changed", Remedy.CHOICE, False),
        ("entry_not_ours", Remedy.EXACT, False),
        ("payment_kept", Remedy.CHOICE, True),
        ("journal_missing", Remedy.CHOICE, True),
        ("books_closed", Remedy.CHOICE, True),
        ("sign-in lost", Remedy.CONNECT, True),
        ("disconnected", Remedy.CONNECT, True),
        (Cause.FAULT, Remedy.OURS, True),
        ("what nobody foresaw", Remedy.OURS, True),
    ],
)
def test_every_cause_has_a_class(cause: str, its_class: str, retry: bool) -> None:
    assert (class_of(cause), may_retry(cause)) == (its_class, retry)


def test_every_problem_has_a_class_that_is_no_fault_of_ours() -> None:
    assert {class_of(code) for code in FIXES} <= set(Remedy) - {Remedy.OURS, Remedy.WAIT, Remedy.CONNECT}


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
