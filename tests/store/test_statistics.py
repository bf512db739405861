"""What SQLite knows of the tables reaches every connection that is open."""

from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.orm import Session

from portal.domain.said import TEXT
from portal.store.base import table_of
from portal.store.events import EventRow
from portal.store.statistics import count_all_tables
from tests.conftest import NOW
from tests.furnishing.databases import empty

EVENT = {"at": NOW, "actor": "", "kind": "copied", "code": TEXT, "told": {}}
PLANNED = "EXPLAIN QUERY PLAN SELECT id FROM event WHERE kind = 'copied' AND subsidiary_id = '1'"


def plan_of(connection: Connection, of: str) -> str:
    # An explanation alone does not look whether the schema changed, and is kept as it was prepared.
    connection.execute(text("SELECT count(*) FROM event"))
    plan = " ".join(row[-1] for row in connection.execute(text(f"{PLANNED} AND actor != '{of}'")))
    connection.rollback()
    return plan


def fill(session: Session, kinds: list[str], subsidiaries: list[str]) -> None:
    rows = [
        EVENT | {"kind": kind, "subsidiary_id": one}
        for kind in kinds
        for one in subsidiaries
        for _ in range(20)
    ]
    session.execute(insert(table_of(EventRow)), rows)
    count_all_tables(session)
    session.commit()


def test_a_connection_that_is_open_since_plans_by_the_new_count(sqlite_engine: Engine) -> None:
    empty(sqlite_engine)
    with (
        Session(sqlite_engine) as session,
        sqlite_engine.execution_options(sqlite_begin="DEFERRED").connect() as open_since,
    ):
        fill(session, ["copied"], [str(number) for number in range(50)])
        assert "ix_event_subsidiary" in plan_of(open_since, "before")
        empty_events(session)
        fill(session, [f"kind {number}" for number in range(50)], ["1"])
        assert "ix_event_kind" in plan_of(open_since, "after")


def empty_events(session: Session) -> None:
    session.execute(table_of(EventRow).delete())
    session.commit()
