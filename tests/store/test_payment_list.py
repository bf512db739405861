"""The list of payments: its pages, its counts, and the indexes it is read from, on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.payments.states import PaymentState, PaymentStep, PaymentView
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.payment_list import ALL, PAGE, VIEWS, Connections, count_views, list_payments
from portal.store.payments import PaymentRow
from tests.conftest import NOW
from tests.web.payments_story import a_connection, a_copied_invoice, a_payment

SCOPES = [None, ("1",), ("2",), ("1", "2"), ("nobody",)]


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session


def expected_view(row: PaymentRow) -> PaymentView:
    """Say in Python what the database says of a payment."""
    if row.state == PaymentState.MADE:
        return PaymentView.CHANGED if row.wanted == PaymentStep.CHANGE else PaymentView.CREATED
    if row.state in (PaymentState.DUE, PaymentState.SENDING, PaymentState.UNCERTAIN):
        return PaymentView.WAITING
    if row.state in (PaymentState.HELD, PaymentState.ASKED):
        return PaymentView.HELD
    return PaymentView(row.state)


def many(session: Session, rounds: int = 2) -> None:
    """Keep payments of two subsidiaries in every state, many of them of the same moment."""
    for subsidiary in ("1", "2"):
        connection = a_connection(session, subsidiary)
        copy = a_copied_invoice(session, connection, f"2026-{subsidiary}")[1]
        kinds = list(product(PaymentState, PaymentStep)) * rounds
        for at, (state, wanted) in enumerate(kinds):
            a_payment(session, copy, minutes=at // 5, state=state, wanted=wanted)
    session.commit()


def connections_of(session: Session, scope: tuple[str, ...] | None) -> Connections:
    """Return the connections of some subsidiaries."""
    rows = session.query(ConnectionRow).order_by(ConnectionRow.id)
    return None if scope is None else [row.id for row in rows if row.subsidiary_id in scope]


def all_of(session: Session, scope: tuple[str, ...] | None, view: str) -> list[str]:
    """Return every payment of a view, newest first, sorted and chosen in Python."""
    rows = session.query(PaymentRow).all()
    connections = connections_of(session, scope)
    mine = [row for row in rows if connections is None or row.connection_id in connections]
    chosen = [row for row in mine if view in (ALL, expected_view(row))]
    return [row.id for row in sorted(chosen, key=lambda row: (row.changed_at, row.id), reverse=True)]


def each_page(session: Session, connections: Connections, view: str) -> Iterator[list[str]]:
    """Yield the pages of a view, and look that each leads back to the one before it."""
    before: list[str] = []
    page = list_payments(session, connections, view)
    while True:
        shown = [one.row.id for one in page.rows]
        if before:
            assert page.newer is not None
            back = list_payments(session, connections, view, cursor=page.newer, back=True)
            assert [one.row.id for one in back.rows] == before
        yield shown
        if page.older is None:
            return
        before = shown
        page = list_payments(session, connections, view, cursor=page.older)


@pytest.mark.parametrize("scope", SCOPES)
def test_pages_of_each_view_meet_without_gap_or_overlap(
    session: Session, scope: tuple[str, ...] | None
) -> None:
    many(session)
    for view in VIEWS:
        pages = list(each_page(session, connections_of(session, scope), view))
        assert [one for page in pages for one in page] == all_of(session, scope, view)
        assert all(len(page) == PAGE for page in pages[:-1])


@pytest.mark.parametrize("scope", SCOPES)
def test_counts_are_those_of_the_lists(session: Session, scope: tuple[str, ...] | None) -> None:
    many(session)
    counts = count_views(session, scope, connections_of(session, scope))
    assert counts.views == {view: len(all_of(session, scope, view)) for view in VIEWS}


@pytest.mark.parametrize("cursor", ["gone", "~", "soon~1", "2026-11-30~1", "2026-11-30T10:00:00~1"])
def test_what_is_no_cursor_begins_at_the_start(session: Session, cursor: str) -> None:
    many(session)
    start = list_payments(session, None, ALL)
    assert list_payments(session, None, ALL, cursor=cursor).rows == start.rows


def plan_of(session: Session, scope: tuple[str, ...] | None, view: str) -> str:
    """Return how the database reads the second page of a list."""
    connections = connections_of(session, scope)
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    cursor = list_payments(session, connections, view).older or f"{NOW.isoformat()}~x"
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    list_payments(session, connections, view, cursor=cursor)
    event.remove(engine, "before_cursor_execute", hear)

    [(statement, parameters)] = said
    asked = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    raw = session.connection().exec_driver_sql(asked + statement, parameters)
    return "\n".join(str(row[-1]) for row in raw)


@pytest.mark.parametrize(
    ("scope", "view", "index"),
    [
        (None, ALL, "ix_payment_changed"),
        (None, "created", "ix_payment_view"),
        (None, "held", "ix_payment_view"),
        (("1",), ALL, "ix_payment_connection_view"),
        (("1",), "created", "ix_payment_connection_view"),
        (("1", "2"), "refused", "ix_payment_connection_view"),
    ],
)
def test_each_list_begins_where_it_is_read(
    session: Session, scope: tuple[str, ...] | None, view: str, index: str
) -> None:
    many(session, 1)
    grow(session, 20_000)
    plan = plan_of(session, scope, view)
    assert index in plan
    assert "Seq Scan on payment" not in plan
    # What was read of each part is put together in order, then the page with all it shows, and nothing else.
    assert plan.count("TEMP B-TREE FOR ORDER BY") + plan.count("Sort Key") <= 2, plan


def grow(session: Session, count: int) -> None:
    """Keep many more payments, and let the database know that there are."""
    copy = session.query(CopyRow).first()
    assert copy is not None
    rows = [
        {
            "id": f"many-{at:06}",
            "connection_id": copy.connection_id,
            "invoice_id": copy.invoice_id,
            "copy_id": copy.id,
            "term_id": "t",
            "amount": at,
            "currency": "EUR",
            "paid_on": date(2026, 11, 1),
            "written_off": False,
            "marker": "M",
            "state": list(PaymentState)[at % 9],
            "reason": "settled",
            "created_at": NOW,
            "changed_at": NOW - timedelta(seconds=at),
        }
        for at in range(count)
    ]
    session.bulk_insert_mappings(PaymentRow, rows)
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
