"""Customers by their keys, and the newest invoice of a company, are found by their indexes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from portal.store.catalogue import customers_with, keep_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import company_names, newest_invoices
from portal.store.invoices import keep_invoice
from tests.conftest import NOW
from tests.domain.builders import an_invoice
from tests.fakes import a_customer

LOOKUPS: dict[str, tuple[Callable[[Session], object], tuple[str, ...]]] = {
    "the same name": (lambda session: customers_with(session, 1, ["acme"], []), ("ix_customer_name_key",)),
    "the same number": (lambda session: customers_with(session, 1, [], ["NL1"]), ("ix_customer_vat_key",)),
    "the newest invoices": (
        lambda session: newest_invoices(session, "1", ["a"]),
        ("ix_invoice_company_newest",),
    ),
    "names of companies": (
        lambda session: company_names(session, "1", ["a"]),
        ("ix_tally_company_subsidiary_id_company_id",),
    ),
}


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session


def fill_invoices(session: Session) -> None:
    """Let there be invoices of many companies, and let PostgreSQL know it."""
    # What an empty table costs is chance.
    for at in range(300):
        keep_invoice(session, an_invoice(id=str(at), subsidiary_id="1", company_id=f"c{at}"), NOW)

    connection = ConnectionRow(subsidiary_id="1", locale="nl", created_at=NOW)
    session.add(connection)
    session.flush()
    some = [a_customer(f"Customer {at}", vat_number=f"NL{at}") for at in range(300)]
    keep_customers(session, connection.id, some)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE invoice, customer, tally_company"))


@pytest.mark.parametrize("kind", LOOKUPS)
def test_a_lookup_begins_at_its_index(session: Session, kind: str) -> None:
    fill_invoices(session)
    look, indexes = LOOKUPS[kind]
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    look(session)
    event.remove(engine, "before_cursor_execute", hear)

    [(statement, parameters)] = [one for one in said if one[0].startswith("SELECT")]
    if engine.dialect.name == "postgresql":
        # An empty table is scanned by choice, so only whether the index serves is asked.
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")

    asked = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    raw = session.connection().exec_driver_sql(asked + statement, parameters)
    plan = "\n".join(str(row[-1]) for row in raw)
    assert all(index in plan for index in indexes), plan
