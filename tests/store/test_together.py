"""Rows of several tables come by one statement, each once, and by the indexes of their own questions."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import BindParameter, bindparam, event, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql import visitors

from portal.actions.copies.propose import STANDS_ON
from portal.domain.events import EventKind
from portal.domain.said import as_written
from portal.store.copies import CopyRow
from portal.store.events import EventRow, note_event
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.together import Together
from portal.web.invoices.told import MORE, OWN
from portal.web.reconciliation.sides import ALONE
from tests.domain.builders import an_invoice
from tests.fakes import NOW

BOTH = Together()
INVOICES = BOTH.ask(InvoiceRow, InvoiceRow.company_id == bindparam("company"))
EVENTS = BOTH.ask(EventRow, EventRow.invoice_id == bindparam("invoice"))
COPIES = BOTH.ask(CopyRow, CopyRow.invoice_id == bindparam("invoice"))
PAGES = {"the proposal": STANDS_ON, "the invoice": OWN, "beside the invoice": MORE, "both sides": ALONE}
# Tables whose rows are many. Of the others, PostgreSQL reads what is small.
LARGE = ("copy", "payment", "event", "attempt", "entry", "term", "customer", "comparison", "baseline", "look")
VALUES: dict[str, Any] = {
    "subsidiary": "1",
    "invoice": "1",
    "company": "c",
    "number": "N1",
    "chosen": "x",
    "key": "i-1",
    "connection": 1,
    "their_connection": 1,
    "their_entry": "e",
    "sent_to": "s",
    "copies": ["a", "b"],
    "payments": ["p"],
    "markers": ["m"],
    "marked_in": [1],
}


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        for at in ("1", "2", "3"):
            keep_invoice(session, an_invoice(id=at, number=f"N{at}", company_id="many"), NOW)
        for each in range(2):
            told = as_written(str(each))
            note_event(session, at=NOW, actor="Anna", kind=EventKind.HELD, said=told, invoice_id="1")
        session.commit()
        session.expunge_all()
        yield session


def asked_by(session: Session, question: Together, values: dict[str, Any]) -> list[tuple[str, Any]]:
    """Ask, and return the statements that were sent."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        asked.append((statement, given))

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    question.read(session, **values)
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    return [each for each in asked if each[0].startswith("SELECT")]


def test_rows_of_several_tables_come_by_one_statement(session: Session) -> None:
    assert len(asked_by(session, BOTH, {"company": "many", "invoice": "1"})) == 1


def test_each_row_comes_once_and_among_its_own(session: Session) -> None:
    found = BOTH.read(session, company="many", invoice="1")
    assert sorted(row.id for row in found.all(INVOICES)) == ["1", "2", "3"]
    assert sorted(str(row.told["text"]) for row in found.all(EVENTS)) == ["0", "1"]
    assert found.all(COPIES) == []
    assert found.first(COPIES) is None


def test_what_is_not_there_hides_nothing_else(session: Session) -> None:
    found = BOTH.read(session, company="nobody", invoice="1")
    assert found.all(INVOICES) == []
    assert len(found.all(EVENTS)) == 2


def test_a_row_that_was_found_is_not_read_again(session: Session) -> None:
    found = BOTH.read(session, company="many", invoice="1")
    asked: list[str] = []

    def listen(*given: Any) -> None:
        asked.append(given[2])

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    row = session.get(InvoiceRow, "1")
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert row in found.all(INVOICES)
    assert asked == []


def test_what_another_wrote_meanwhile_is_shown(session: Session) -> None:
    kept = BOTH.read(session, company="many", invoice="1")
    session.execute(text("UPDATE invoice SET company_name = 'Another' WHERE id = '2'"))
    again = BOTH.read(session, company="many", invoice="1")
    names = {row.id: row.company_name for row in again.all(INVOICES)}
    assert names["2"] == "Another"
    assert len(kept.all(INVOICES)) == 3


@pytest.mark.parametrize("page", PAGES)
def test_no_page_reads_a_large_table_whole(session: Session, page: str) -> None:
    wanted = {name: value for name, value in VALUES.items() if name in needed_by(PAGES[page])}
    connection = session.connection()
    [(statement, given)] = asked_by(session, PAGES[page], wanted)
    if connection.dialect.name == "sqlite":
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    else:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = [row[0].strip() for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given)]

    scans = [f"SCAN {name}" for name in LARGE] + [f"Seq Scan on {name}" for name in LARGE]
    whole = [step for step in plan if any(scan in step and scan_is(step, scan) for scan in scans)]
    assert whole == [], "\n".join(plan)
    assert not any("BLOOM" in step for step in plan), "a filter is made of the whole table"


def needed_by(question: Together) -> set[str]:
    """Name the values that a question needs."""
    bound = (each for each in visitors.iterate(question.query) if isinstance(each, BindParameter))
    return {str(each.key) for each in bound}


def scan_is(step: str, scan: str) -> bool:
    """Say whether a step reads this table, not one whose name begins alike."""
    rest = step.partition(scan)[2]
    return not rest or not (rest[0].isalnum() or rest[0] == "_")
