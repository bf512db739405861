"""What is read of the customers for a search leads to the same hits as all of them do."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.customers.finder import MOST_FOUND, search_stored
from portal.domain.booking.catalogue import Customer
from portal.domain.customers.search import search_customers
from portal.store.catalogue import CustomerRow, all_customers, customers_having, keep_customers
from portal.store.connections import ConnectionRow
from portal.vat_numbers import read_vat
from tests.conftest import NOW

WORDS = [
    "Straße",
    "strasse",
    "Café",
    "B.V.",
    "100%",
    "a_b",
    "De",
    "Gent",
    "ij",
    "&",
    "0012",
    "12",
    "\\",
    "Ærø",
]
VATS = [None, "", "BE0776091951", "BE 0776.091.951", "NL820646660B01", "DE136695976", "12"]
CODES = ["  12", "0012", "A1", "é1", "%"]

texts = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
customers = st.fixed_dictionaries(
    {
        "code": st.sampled_from(CODES),
        "name": texts,
        "vat_number": st.sampled_from(VATS),
        "city": texts | st.none(),
        "country": st.sampled_from([None, "BE", "NL"]),
        "blocked": st.booleans(),
    }
)
pieces = st.sampled_from(
    [*WORDS, "stra", "0776", "be0776091951", "BE 0776 091 951", "1", "%", "_", "gen", "x" * 300]
)
queries = st.lists(pieces, max_size=3).map(" ".join) | st.just("gent " * 2000)


def a_customer(at: int, row: dict[str, Any]) -> Customer:
    nothing: dict[str, Any] = dict.fromkeys(("ended_on", "chamber_of_commerce", "email", "payment_condition"))
    # Who has the same name and code stands in any order.
    return Customer(id=f"c{at}", status="C", **nothing, **{**row, "name": f"{row['name']} {at}"})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(customers, max_size=8), query=queries)
def test_a_search_of_the_database_finds_what_a_search_of_all_customers_finds(
    session_factory: sessionmaker[Session], rows: list[dict[str, Any]], query: str
) -> None:
    with session_factory() as session:
        connection = session.query(ConnectionRow).first()
        if connection is None:
            connection = ConnectionRow(subsidiary_id="1", locale="BE", created_at=NOW)
            session.add(connection)
            session.commit()

        session.execute(delete(CustomerRow))
        keep_customers(session, connection.id, [a_customer(at, row) for at, row in enumerate(rows)])
        session.flush()

        every = all_customers(session, connection.id)
        assert search_stored(session, connection.id, query) == search_customers(
            query, every, limit=MOST_FOUND, read_vat=read_vat
        )
        session.rollback()


def test_a_search_reads_only_those_that_it_may_find(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        connection = ConnectionRow(subsidiary_id="1", locale="BE", created_at=NOW)
        session.add(connection)
        session.flush()
        plain: dict[str, Any] = {
            "code": "1",
            "vat_number": None,
            "city": None,
            "country": None,
            "blocked": False,
        }
        many = [a_customer(at, plain | {"name": "Bakkerij"}) for at in range(600)]
        keep_customers(session, connection.id, [*many, a_customer(600, plain | {"name": "Straße"})])
        session.commit()

        session.expunge_all()
        assert [each.name for each in customers_having(session, connection.id, ["strasse"], "")] == [
            "Straße 600"
        ]
