"""Each page of the list begins in an index, in every order, view and subsidiary, on both databases."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from portal.store.invoice_filters import SORTS, VIEWS, Filters
from portal.store.invoice_list import list_page
from portal.store.invoice_sums import count_cells
from portal.store.invoices import InvoiceRow, keep_invoice
from tests.domain.builders import an_invoice
from tests.fakes import NOW

TODAY = date(2026, 6, 15)
STATES = ["not copied", "waiting", "refused", "copied", "copied with a difference", "copied elsewhere"]
# PostgreSQL reads a small table whole, and sorts it, unless that is made dear.
DEAR = ("enable_seqscan", "enable_sort", "enable_bitmapscan", "enable_incremental_sort")


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        for at, (subsidiary, _state) in enumerate(product(("1", "2"), STATES * 3)):
            invoice = an_invoice(
                id=str(at),
                number=None if at % 5 == 0 else f"N{at}",
                subsidiary_id=subsidiary,
                pay_on=None if at % 7 == 0 else date(2026, 6, 1 + at % 28),
                amount_unpaid=100 * (at % 3),
            )
            keep_invoice(session, invoice, NOW)
        for state_at, state in enumerate(STATES):
            ids = [str(at) for at in range(36) if at % len(STATES) == state_at]
            session.query(InvoiceRow).filter(InvoiceRow.id.in_(ids)).update({"copy_state": state})
        session.query(InvoiceRow).filter(InvoiceRow.id.in_(["0", "18"])).update({"readiness": "ready"})
        session.query(InvoiceRow).filter(InvoiceRow.id.in_(["6", "24"])).update({"readiness": "needs you"})
        changed = InvoiceRow.id.in_(["3", "21"])
        session.query(InvoiceRow).filter(changed).update({"changed_since_copied": True})
        session.commit()
        yield session


def asked_for(session: Session, filters: Filters, **place: Any) -> tuple[str, Any]:
    """Return the statement that reads a page."""
    cells = count_cells(session, filters, TODAY)
    asked: list[tuple[str, Any]] = []
    listen = lambda _c, _u, statement, given, *_: asked.append((statement, given))  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    list_page(session, filters, TODAY, cells=cells, **place)
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    return asked[-1]


def plan_of(session: Session, asked: tuple[str, Any]) -> list[str]:
    """Return the plan of a statement, a step a line."""
    statement, given = asked
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]

    for setting in DEAR:
        connection.execute(text(f"SET LOCAL {setting} = off"))
    return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given)]


def faults_of(plan: list[str]) -> list[str]:
    """Return the steps that read the whole table, or sort more than what the branches found."""
    scans = [step for step in plan if "SCAN invoice" in step or "Seq Scan on invoice" in step]
    # The payments of one invoice are looked up, not all in one state.
    scans += [step for step in plan if "payment" in step and "ix_payment_invoice_id" not in step]
    sorts = [step for step in plan if "FOR ORDER BY" in step or "Sort  (" in step]
    return [*scans, *sorts[1:]]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_each_order_of_each_view_begins_in_an_index(session: Session, sort: str, descending: bool) -> None:
    for view, scope in product(VIEWS, (None, ("2",), ("1", "2"))):
        filters = Filters(subsidiaries=scope, view=view, sort=sort, descending=descending)
        plan = plan_of(session, asked_for(session, filters))
        assert faults_of(plan) == [], (filters, plan)


@pytest.mark.parametrize("back", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_a_deep_page_begins_where_the_one_before_ended(session: Session, sort: str, back: bool) -> None:
    for view in ("all", "as-copied", "unpaid"):
        asked = asked_for(session, Filters(view=view, sort=sort), cursor="17", back=back)
        plan = plan_of(session, asked)
        assert faults_of(plan) == [], (view, plan)


def test_chips_and_totals_look_at_no_invoice(session: Session) -> None:
    whole = Filters(since=date(2026, 1, 1), until=date(2026, 6, 30))
    for filters in (Filters(), Filters(subsidiaries=("2",)), whole):
        asked: list[tuple[str, Any]] = []
        listen = lambda _c, _u, statement, given, *_: asked.append((statement, given))  # noqa: E731,B023
        event.listen(session.get_bind(), "before_cursor_execute", listen)
        count_cells(session, filters, TODAY)
        event.remove(session.get_bind(), "before_cursor_execute", listen)
        (counted,) = [each for each in asked if each[0].startswith("SELECT")]
        steps = plan_of(session, counted)
        assert [step for step in steps if " invoice " in f"{step} " and "tally" not in step] == []


def test_a_customer_is_counted_by_an_index(session: Session) -> None:
    plan = plan_of(session, asked_for(session, Filters(company_id="7")))
    assert [step for step in plan if "SCAN invoice" in step or "Seq Scan on invoice" in step] == []


DAYS = [None, date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 1), date(2026, 3, 2), date(2026, 6, 14)]


@pytest.mark.parametrize(("since", "until"), list(product(DAYS, DAYS)))
def test_what_is_kept_adds_up_to_what_is_counted(
    session: Session, since: date | None, until: date | None
) -> None:
    for at, row in enumerate(session.query(InvoiceRow).order_by(InvoiceRow.id)):
        row.invoiced_on = date(2026, 1 + at % 6, 1 + at * 5 % 28)
        row.amount_unpaid = (at % 5 - 1) * 100
    session.commit()
    for scope in (None, ("1",)):
        kept = count_cells(session, Filters(subsidiaries=scope, since=since, until=until), TODAY)
        # To look for nothing but what all have is to count one by one.
        counted = count_cells(
            session, Filters(subsidiaries=scope, since=since, until=until, query="acme"), TODAY
        )
        assert sorted(kept, key=repr) == sorted(counted, key=repr)
