"""What Overview counts equals what is counted in Python, whatever was written and however."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.books.states import Part, Why
from portal.domain.copies.standing import Standing
from portal.domain.ids import new_id
from portal.domain.payments.states import FindingKind, PaymentReason, PaymentState, PaymentStep
from portal.domain.periods import Period, month_of, read_period
from portal.store.connections import ConnectionRow
from portal.store.differences import DIFFERENCES, TOLD_ELSEWHERE
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.month_figures import Found, read_figures, read_month
from portal.store.payment_tallies import BY_VIEW, FOUND
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.standings import count_standings
from portal.store.tallies import differences
from tests.conftest import NOW
from tests.web.payments_story import a_connection, a_copied_invoice, a_payment

DAYS = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
MOMENTS = [NOW - timedelta(days=2), NOW - timedelta(minutes=30), NOW, NOW + timedelta(hours=1)]
SINCE = [NOW.replace(minute=0), NOW.replace(minute=30), NOW - timedelta(days=1)]
AMOUNTS = [0, 1, -500, 12_100, 9_000_000_000]
CURRENCIES = ["EUR", "USD"]
SCOPES = [None, ("1",), ("1", "2"), ("nobody",)]
MADE_HERE = "M"
CODES = [f",{Why.NOT_COPIED},", f",{Why.CHANGED},", ",amount,", ",amount,vat,", ""]

Pick = Callable[[list[Any]], Any]
Step = Callable[[Session, Pick], object]


def fields_of_a_payment(pick: Pick) -> dict[str, Any]:
    """Return what a payment may be in every column that is counted."""
    return {
        "state": pick(list(PaymentState)),
        "wanted": pick(list(PaymentStep)),
        "amount": pick(AMOUNTS),
        "currency": pick(CURRENCIES),
        "paid_on": pick(DAYS),
        "created_at": pick(MOMENTS),
    }


def a_new_payment(session: Session, pick: Pick) -> None:
    copies = [row.copy_id for row in session.query(PaymentRow)]
    first = session.query(PaymentRow).filter_by(copy_id=pick(sorted(set(copies)))).first()
    assert first is not None
    values = {
        "id": new_id(),
        "connection_id": first.connection_id,
        "invoice_id": first.invoice_id,
        "copy_id": first.copy_id,
        "term_id": "t",
        "written_off": False,
        "marker": MADE_HERE,
        "reason": PaymentReason.SETTLED,
        "changed_at": NOW,
        **fields_of_a_payment(pick),
    }
    if pick([True, False]):
        session.add(PaymentRow(**values))
        session.flush()
    else:
        session.execute(insert(PaymentRow), [values])


def a_changed_payment(session: Session, pick: Pick) -> None:
    values = {name: value for name, value in fields_of_a_payment(pick).items() if pick([True, False])}
    if values:
        session.execute(update(PaymentRow).where(PaymentRow.currency == pick(CURRENCIES)).values(**values))
        session.expire_all()


def a_raw_write(session: Session, pick: Pick) -> None:
    session.execute(text("UPDATE payment SET amount = amount + 7, paid_on = '2026-11-15'"))
    session.expire_all()


def a_payment_less(session: Session, pick: Pick) -> None:
    kept = [row.id for row in session.query(PaymentRow).filter_by(marker=MADE_HERE).order_by(PaymentRow.id)]
    if kept:
        session.execute(delete(PaymentRow).where(PaymentRow.id == pick(kept)))
        session.expire_all()


def a_finding(session: Session, pick: Pick) -> None:
    row = session.query(PaymentRow).first()
    assert row is not None
    session.add(
        FindingRow(
            id=new_id(),
            connection_id=row.connection_id,
            invoice_id=row.invoice_id,
            kind=FindingKind.DOUBTFUL,
            found_at=datetime.combine(pick(DAYS), datetime.min.time(), UTC),
            resolved_at=pick([None, NOW]),
        )
    )
    session.flush()


def a_comparison(session: Session, pick: Pick) -> None:
    day = pick(DAYS)
    values = {
        "key": pick(["a", "b", "c", new_id()]),
        "subsidiary_id": pick(["1", "2"]),
        "month": month_of(day),
        "day": day,
        "part": pick(list(Part)),
        "verdict": "different",
        "differs": pick([True, True, False]),
        "codes": pick(CODES),
        "drifted": False,
        **dict.fromkeys(("number", "customer", "journal"), ""),
        "currency": pick(CURRENCIES),
        "ours": pick([None, *AMOUNTS]),
        "their_currency": pick(CURRENCIES),
        "theirs": pick([None, *AMOUNTS]),
    }
    session.execute(delete(ComparedRow).where(ComparedRow.key == values["key"]))
    session.execute(insert(ComparedRow), [values])


def an_invoice_changes(session: Session, pick: Pick) -> None:
    session.execute(
        update(InvoiceRow)
        .where(InvoiceRow.subsidiary_id == pick(["1", "2"]))
        .values(
            copy_state=pick(["not copied", "copied", "copied elsewhere", "refused", "waiting"]),
            invoiced_on=pick(DAYS),
            first_read_at=pick([None, *MOMENTS]),
            deleted=pick([False, False, True]),
            currency=pick(CURRENCIES),
            amount_with_tax=pick(AMOUNTS),
            amount_unpaid=pick(AMOUNTS),
        )
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


STEPS: list[Step] = [
    a_new_payment,
    a_new_payment,
    a_changed_payment,
    a_raw_write,
    a_payment_less,
    a_finding,
    a_comparison,
    a_comparison,
    an_invoice_changes,
]


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    """Two subsidiaries with an invoice, its copy and a payment each."""
    with session_factory() as session:
        for subsidiary in ("1", "2"):
            connection = a_connection(session, subsidiary)
            a_payment(session, a_copied_invoice(session, connection, f"2026-{subsidiary}")[1])
        session.commit()
        yield session


def is_decided_by_a_person(row: PaymentRow) -> bool:
    return row.state == PaymentState.ASKED or (
        row.state == PaymentState.HELD and row.wanted != PaymentStep.MARK
    )


def found_of(figures: list[tuple[str, int]]) -> Found:
    found = Found()
    for currency, amount in figures:
        found.add(1, currency, amount)
    return found


def count_payments(session: Session, scope: tuple[str, ...] | None, month: str) -> tuple[Found, int]:
    """Count what is to decide in Python: of the month, and how many are earlier."""
    places = {row.id: row.subsidiary_id for row in session.query(ConnectionRow)}
    told = [
        (month_of(row.paid_on), row.currency, row.amount)
        for row in session.query(PaymentRow)
        if is_decided_by_a_person(row) and (scope is None or places[row.connection_id] in scope)
    ]
    invoices = {row.id: row for row in session.query(InvoiceRow)}
    told += [
        (month_of(row.found_at.date()), mine.currency, mine.amount_unpaid)
        for row in session.query(FindingRow)
        if row.resolved_at is None
        and (mine := invoices[row.invoice_id])
        and (scope is None or mine.subsidiary_id in scope)
    ]
    return found_of([each[1:] for each in told if each[0] == month]), sum(each[0] < month for each in told)


def count_differences(session: Session, scope: tuple[str, ...] | None, month: str) -> Found:
    """Add up in Python in what both books differ."""
    figures = []
    for row in session.query(ComparedRow):
        told = row.codes in {f",{code}," for code in TOLD_ELSEWHERE}
        if (
            row.differs
            and not told
            and month_of(row.day) == month
            and (scope is None or row.subsidiary_id in scope)
        ):
            ours = 0 if row.part == Part.THEIRS else row.ours or 0
            theirs = 0 if row.part == Part.OURS else row.theirs or 0
            is_theirs = row.part == Part.THEIRS or row.ours is None
            figures.append((row.their_currency if is_theirs else row.currency, theirs - ours))

    return found_of(figures)


def count_new(session: Session, scope: tuple[str, ...] | None, since: datetime) -> tuple[Found, Found]:
    """Count in Python the payments that were found and the invoices that were first read."""
    places = {row.id: row.subsidiary_id for row in session.query(ConnectionRow)}
    payments = [
        (row.currency, row.amount)
        for row in session.query(PaymentRow)
        if row.created_at >= since
        and row.state != PaymentState.REMOVED
        and (scope is None or places[row.connection_id] in scope)
    ]
    invoices = [
        (row.currency, row.amount_with_tax)
        for row in session.query(InvoiceRow)
        if row.first_read_at is not None
        and row.first_read_at >= since
        and not row.deleted
        and (scope is None or row.subsidiary_id in scope)
    ]
    return found_of(payments), found_of(invoices)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_kept_equals_what_is_counted(session: Session, data: st.DataObject) -> None:
    pick: Pick = lambda some: data.draw(st.sampled_from(some))  # noqa: E731 - it is what each step is given
    for made in ("comparison", "finding", f"payment WHERE marker = '{MADE_HERE}'"):
        session.execute(text(f"DELETE FROM {made}"))
    session.expire_all()
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=20)):
        step(session, pick)

    session.commit()
    session.expire_all()
    for tally in (BY_VIEW, FOUND, DIFFERENCES):
        assert session.execute(differences(tally)).all() == []

    for scope in SCOPES:
        look_at(session, scope, pick(["2026-10", "2026-11", "2026-12"]), pick(SINCE))


def look_at(session: Session, scope: tuple[str, ...] | None, month: str, since: datetime) -> None:
    period = read_period(month)
    assert period is not None
    figures = read_figures(session, scope, period, [month], since)
    to_decide, earlier = count_payments(session, scope, month)

    assert figures.month == read_month(session, scope, period)
    assert figures.month.to_decide.found == to_decide
    assert figures.month.to_decide.earlier == earlier
    assert figures.month.differences == count_differences(session, scope, month)
    assert (figures.news.payments, figures.news.invoices) == count_new(session, scope, since)
    assert_standings(session, scope, period)


def assert_standings(session: Session, scope: tuple[str, ...] | None, period: Period) -> None:
    """Look that whole months, which are kept, are what some days make that are counted."""
    kept = count_standings(session, scope, period.first, period.last)
    first = count_standings(session, scope, period.first, period.first)
    others = count_standings(session, scope, period.first + timedelta(days=1), period.last)
    for standing in Standing:
        assert kept[standing].count == first[standing].count + others[standing].count
        every = {*kept[standing].amounts, *first[standing].amounts, *others[standing].amounts}
        for currency in every:
            parts = (first[standing].amounts.get(currency, 0), others[standing].amounts.get(currency, 0))
            assert kept[standing].amounts.get(currency, 0) == sum(parts)
