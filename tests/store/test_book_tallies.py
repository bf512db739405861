"""What both books add up to is kept, and equal to what counting gives, however rows are written."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.books.aging import AGES, DELAYS, age_of
from portal.domain.books.states import Agreement, Part
from portal.domain.periods import read_period
from portal.store.book_sums import NO_DATE, delays, open_by_age
from portal.store.book_tallies import OUR_OPEN, OUR_VAT, PAID_LATE, THEIR_VAT
from portal.store.receivables import OpenReceivableRow
from portal.store.reconciliation import ComparedRow
from portal.store.statement_sums import statement_sums
from portal.store.tallies import differences, fold

TODAY = date(2026, 6, 1)
TALLIES = (OUR_OPEN, PAID_LATE, OUR_VAT, THEIR_VAT)
MONTHS = ("2026-01", "2026-02")
AMOUNTS = (None, 0, 1, -500, 12_100, 9_000_000_000)
# The days around each border of a class, on both sides of it.
LATE = (None, *sorted({day + by for span in DELAYS for day in (span.last or 0,) for by in (-1, 0, 1)}))
DUE = (None, *sorted({TODAY - timedelta(days=(span.last or 0) + by) for span in AGES for by in (-1, 0, 1)}))
Pick = Callable[[tuple[Any, ...]], Any]


def a_row(key: str, pick: Pick) -> dict[str, Any]:
    month = pick(MONTHS)
    return {
        "key": key,
        "subsidiary_id": pick(("1", "2")),
        "month": month,
        "day": date.fromisoformat(f"{month}-10"),
        "part": pick(tuple(Part)),
        "verdict": pick(tuple(Agreement)),
        "differs": pick((True, False)),
        "codes": "",
        "drifted": False,
        "number": key,
        "customer": "",
        "journal": pick(("70", "")),
        "currency": pick(("EUR", "USD")),
        "ours": pick(AMOUNTS),
        "ours_open": pick(AMOUNTS),
        "ours_vat": pick(AMOUNTS),
        "their_currency": pick(("EUR", "USD")),
        "theirs": pick(AMOUNTS),
        "theirs_vat": pick(AMOUNTS),
        "due_on": pick(DUE),
        "days_late": pick(LATE),
    }


def add(session: Session, key: str, pick: Pick) -> None:
    if session.get(ComparedRow, key) is None:
        session.execute(insert(ComparedRow), [a_row(key, pick)])


def change(session: Session, key: str, pick: Pick) -> None:
    fields = a_row(key, pick)
    session.execute(update(ComparedRow), [fields] if session.get(ComparedRow, key) else [])


def change_many(session: Session, key: str, pick: Pick) -> None:
    fields = {
        name: value for name, value in a_row(key, pick).items() if name != "key" and pick((True, False))
    }
    if fields:
        session.execute(update(ComparedRow).where(ComparedRow.key >= key).values(**fields))


def remove(session: Session, key: str, _pick: Pick) -> None:
    session.execute(delete(ComparedRow).where(ComparedRow.key == key))


def fold_all(session: Session, _key: str, _pick: Pick) -> None:
    for tally in TALLIES:
        fold(session, tally, surplus=0)


STEPS = (add, add, add, change, change_many, remove, fold_all)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_shown_is_what_counting_gives(
    session_factory: sessionmaker[Session], data: st.DataObject
) -> None:
    def pick(some: tuple[Any, ...]) -> Any:
        return data.draw(st.sampled_from(some))

    with session_factory() as session:
        session.execute(delete(ComparedRow))
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=25)):
            step(session, pick(("a", "b", "c", "d")), pick)
            session.expire_all()

        for tally in TALLIES:
            assert session.execute(differences(tally)).all() == []

        scope = pick((None, ("1",), ("2", "3"), ()))
        text_of_period = pick((*MONTHS, "2026", "all"))
        rows = [
            row for row in session.scalars(select(ComparedRow)) if scope is None or row.subsidiary_id in scope
        ]
        assert_ages(session, rows, scope)
        assert_period(session, rows, scope, text_of_period)
        session.rollback()


def assert_ages(session: Session, rows: list[ComparedRow], scope: tuple[str, ...] | None) -> None:
    """Open amounts by age are those of the rows, one by one."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        if row.part != Part.THEIRS and row.ours_open:
            code = NO_DATE if row.due_on is None else age_of(row.due_on, TODAY)
            count, amount = counted.get((row.currency, code), (0, 0))
            counted[row.currency, code] = (count + 1, amount + row.ours_open)

    ages = open_by_age(session, scope, TODAY)
    shown = {
        (currency, one.code): (one.ours_count, one.ours)
        for currency, classes in ages.items()
        for one in classes
        if one.ours_count
    }
    assert shown == counted


def assert_period(
    session: Session, rows: list[ComparedRow], scope: tuple[str, ...] | None, spelled: str
) -> None:
    """Delays and the sums of a statement are those of the rows, one by one."""
    period = read_period(spelled)
    assert period is not None
    first, last = period.months
    within = [row for row in rows if first <= row.month <= last]
    late = [row.days_late for row in within if row.part != Part.THEIRS and row.days_late is not None]
    assert delays(session, period, scope) == [sum(span.holds(days) for days in late) for span in DELAYS]

    sides: dict[tuple[str, ...], list[int]] = {}
    for row in within:
        ours = (row.part != Part.THEIRS, "ours", row.currency, row.ours, row.ours_vat)
        theirs = (row.part != Part.OURS, "theirs", row.their_currency, row.theirs, row.theirs_vat)
        for is_here, side, currency, gross, vat in (ours, theirs):
            if is_here and gross is not None:
                key = (side, row.subsidiary_id, row.journal, currency)
                before = sides.get(key, [0, 0, 0, 0])
                more = (1, gross, vat or 0, int(vat is None))
                sides[key] = [one + other for one, other in zip(before, more, strict=True)]

    shown = {}
    for journal in statement_sums(session, period, scope).journals:
        for side, each in (("ours", journal.ours), ("theirs", journal.theirs)):
            key = (side, journal.subsidiary_id, journal.journal, journal.currency)
            if each.count:
                shown[key] = [each.count, each.gross, each.vat, each.unknown]
    assert shown == sides


def test_what_is_open_in_exact_stands_beside_it(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        session.execute(text("DELETE FROM open_receivable"))
        for due_on, amount in ((None, 1), (TODAY, 20), (TODAY - timedelta(days=31), 300)):
            session.add(
                OpenReceivableRow(subsidiary_id="1", currency="EUR", due_on=due_on, count=2, amount=amount)
            )
        session.flush()
        found = {
            one.code: (one.theirs_count, one.theirs) for one in open_by_age(session, ("1",), TODAY)["EUR"]
        }
        assert found == {
            "not due": (2, 20),
            "1-30": (0, 0),
            "31-60": (2, 300),
            "61-90": (0, 0),
            "over 90": (0, 0),
            NO_DATE: (2, 1),
        }
        session.rollback()
