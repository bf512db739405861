"""What Activity asks is answered by an index that holds little else, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.events import EventKind
from portal.domain.said import TEXT
from portal.store.activity import EventFilters, filtered_events
from portal.store.attention import IS_TWIN
from portal.store.concerns import CONDITIONS, Concern
from portal.store.copies import CopyRow
from portal.store.events import EventRow
from portal.store.reconciliation import ComparedRow
from tests.conftest import NOW


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session
        session.rollback()


def copies(concern: Concern) -> Select[Any]:
    return select(func.count()).select_from(CopyRow).where(*CONDITIONS[concern])


def events(filters: EventFilters) -> Select[*tuple[Any, ...]]:
    return filtered_events(filters).order_by(EventRow.id.desc()).limit(26)


QUESTIONS: dict[str, Select[*tuple[Any, ...]]] = {
    "ix_copy_failed": copies(Concern.FAILED),
    "ix_copy_mark_trouble": copies(Concern.UNMARKED),
    "ix_comparison_twin": select(func.count()).select_from(ComparedRow).where(IS_TWIN),
    "ix_event_kind": events(EventFilters(kind=EventKind.COPIED)),
    "ix_event_subsidiary": events(EventFilters(subsidiaries=("1",))),
}


def plan_of(session: Session, query: Select[*tuple[Any, ...]]) -> str:
    """Say how a database answers a query when it does not take the whole table just because that is small."""
    dialect = session.get_bind().dialect
    is_postgres = dialect.name == "postgresql"
    if is_postgres:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))

    spelled = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN" if is_postgres else "EXPLAIN QUERY PLAN"
    options = {"no_parameters": True}
    rows = session.connection().exec_driver_sql(f"{how} {spelled}", execution_options=options)
    return "\n".join(str(row[-1]) for row in rows)


def fill_events(session: Session) -> None:
    """Let there be many events of others, and let PostgreSQL know it."""
    # What an empty table costs is chance.
    event = {
        "at": NOW,
        "actor": "Anna",
        "kind": EventKind.HELD,
        "code": TEXT,
        "told": {"text": ""},
        "subsidiary_id": "2",
    }
    session.execute(insert(EventRow), [event] * 3000)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE event"))


@pytest.mark.parametrize("index", QUESTIONS)
def test_the_question_is_answered_by_its_index(session: Session, index: str) -> None:
    fill_events(session)
    plan = plan_of(session, QUESTIONS[index])
    assert index in plan, plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
