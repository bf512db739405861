"""Kept counts equal counted ones, whoever writes and however, on both databases."""

from collections.abc import Callable, Iterator
from datetime import date
from threading import Thread
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.house.tallies import fold_tallies, prove_tallies
from portal.domain.copies.standing import Readiness, Standing
from portal.domain.events import EventKind
from portal.store.events import EventRow
from portal.store.invoice_tallies import BY_MONTH, BY_STANDING
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.needs import KEPT_NEEDS, NeedRow
from portal.store.tallies import TALLIES, Tally, differences, fold, mend
from tests.domain.builders import an_invoice
from tests.fakes import NOW
from tests.furnishing.databases import empty
from tests.telling import told_events

IDS = [str(number) for number in range(100, 106)]
DAYS = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 2), None]
AMOUNTS = [0, 1, -500, 12_100, 9_000_000_000]
STATES = ["not copied", "waiting", "copied", "refused", "copied elsewhere"]
CURRENCIES = ["EUR", "USD"]


def a_row(invoice_id: str, pick: Callable[[list[Any]], Any]) -> dict[str, Any]:
    """Return what an invoice may be in every column that is counted."""
    return {
        "subsidiary_id": pick(["1", "2"]),
        "currency": pick(CURRENCIES),
        "amount_with_tax": pick(AMOUNTS),
        "amount_unpaid": pick(AMOUNTS),
        "pay_on": pick(DAYS),
        "invoiced_on": pick(DAYS[:-1]),
        "deleted": pick([False, False, False, True]),
        "sample": pick([False, False, False, True]),
        "copy_state": pick(STATES),
        "changed_since_copied": pick([False, True]),
        "readiness": pick(list(Readiness)),
    }


def written(row: InvoiceRow, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


Step = Callable[[Session, str, Callable[[list[Any]], Any]], object]


def by_session(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    row = keep_invoice(session, an_invoice(id=invoice_id), NOW)
    written(row, a_row(invoice_id, pick))
    session.flush()


def by_bulk_insert(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    if session.get(InvoiceRow, invoice_id) is not None:
        return
    whole = {
        "id": invoice_id,
        **dict.fromkeys(("subject", "company_id", "company_name", "fingerprint", "search_text"), ""),
        # Whoever keeps the invoice again reads what was kept of it.
        "body": msgspec.json.encode(an_invoice(id=invoice_id)).decode(),
        **dict.fromkeys(("amount", "amount_tax", "amount_paid", "amount_written_off"), 0),
        "kind": 1,
        "exported": False,
        "read_at": NOW,
        **a_row(invoice_id, pick),
    }
    session.execute(insert(InvoiceRow), [whole])


def by_bulk_update(session: Session, _id: str, pick: Callable[[list[Any]], Any]) -> None:
    changes = {name: value for name, value in a_row(_id, pick).items() if pick([True, False])}
    if changes:
        session.execute(update(InvoiceRow).where(InvoiceRow.currency == pick(CURRENCIES)).values(**changes))


def by_raw_sql(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    raw = text("UPDATE invoice SET amount_unpaid = amount_unpaid + :more, pay_on = :day WHERE id >= :id")
    session.execute(raw, {"more": pick(AMOUNTS[:4]), "day": "2026-05-05", "id": invoice_id})


def a_need(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    if session.get(InvoiceRow, invoice_id) is None:
        return
    session.execute(delete(NeedRow).where(NeedRow.invoice_id == invoice_id))
    rows = [
        {
            "invoice_id": invoice_id,
            "position": position,
            "code": pick(["vat", "ledger"]),
            "subject": pick(["tax:1", "tax:2", ""]),
            "field": "",
            "fix": "",
            "values": {},
        }
        for position in range(pick([0, 1, 2]))
    ]
    if rows:
        session.execute(insert(NeedRow), rows)


def a_delete(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    for table in ("need", "line_use", "invoice"):
        column = "id" if table == "invoice" else "invoice_id"
        session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": invoice_id})
    session.expire_all()


def a_savepoint_undone(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    nested = session.begin_nested()
    by_session(session, invoice_id, pick)
    by_raw_sql(session, invoice_id, pick)
    nested.rollback()


def a_rollback(session: Session, invoice_id: str, pick: Callable[[list[Any]], Any]) -> None:
    session.commit()
    by_session(session, invoice_id, pick)
    by_bulk_update(session, invoice_id, pick)
    session.rollback()


def a_fold(session: Session, _id: str, _pick: Callable[[list[Any]], Any]) -> None:
    for tally in TALLIES:
        fold(session, tally, surplus=0)


STEPS: list[Step] = [
    by_session,
    by_session,
    by_bulk_insert,
    by_bulk_update,
    by_raw_sql,
    a_need,
    a_need,
    a_delete,
    a_savepoint_undone,
    a_rollback,
    a_fold,
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_kept_equals_counted_after_any_writes(
    session_factory: sessionmaker[Session], data: st.DataObject
) -> None:
    with session_factory() as session:
        for table in ("need", "line_use", "invoice"):
            session.execute(text(f"DELETE FROM {table}"))
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=25)):
            step(session, data.draw(st.sampled_from(IDS)), lambda some: data.draw(st.sampled_from(some)))
        session.commit()
        for tally in TALLIES:
            assert session.execute(differences(tally)).all() == []
            assert_read(session, tally)
        session.rollback()


def assert_read(session: Session, tally: Tally) -> None:
    """What a reader gets by all keys is what counting the source gives."""
    counted = tally.count().subquery()
    keys = [counted.c[name] for name in tally.keys]
    query = select(*keys, *(func.sum(counted.c[name]) for name in tally.counted)).group_by(*keys)
    expected = sorted((tuple(row) for row in session.execute(query)), key=repr)
    assert sorted((tuple(row) for row in session.execute(tally.read(*tally.keys))), key=repr) == expected


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session


def some_invoices(session: Session, many: int, **fields: Any) -> None:
    for number in range(many):
        keep_invoice(session, an_invoice(id=str(1000 + number), **fields), NOW)
    session.commit()


def test_one_write_appends_and_changes_no_row_that_is_there(session: Session) -> None:
    some_invoices(session, 3)
    ids = set(session.scalars(select(BY_STANDING.c.id)))
    session.execute(update(InvoiceRow).values(copy_state="refused"))
    session.commit()
    assert ids < set(session.scalars(select(BY_STANDING.c.id)))


def test_a_column_that_is_not_counted_appends_nothing(session: Session) -> None:
    some_invoices(session, 3)
    before = session.scalar(select(func.count()).select_from(BY_STANDING.table))
    session.execute(update(InvoiceRow).values(subject="Anew", need="vat"))
    session.commit()
    assert session.scalar(select(func.count()).select_from(BY_STANDING.table)) == before


def test_the_state_that_the_database_works_out_is_what_is_counted(session: Session) -> None:
    some_invoices(session, 2)
    session.execute(update(InvoiceRow).values(copy_state="copied", changed_since_copied=True))
    session.commit()
    found = session.execute(BY_STANDING.read("standing")).all()
    assert [(row.standing, row.rows) for row in found] == [(Standing.CHANGED, 2)]


def test_folding_leaves_one_row_a_key_and_the_sums_as_they_were(session: Session) -> None:
    some_invoices(session, 40)
    before = session.execute(BY_MONTH.read(*BY_MONTH.keys)).all()
    session.rollback()
    assert fold(session, BY_MONTH, surplus=0) == 39
    session.commit()
    assert session.scalar(select(func.count()).select_from(BY_MONTH.table)) == 1
    assert session.execute(BY_MONTH.read(*BY_MONTH.keys)).all() == before


def test_few_rows_are_left_as_they_lie(session: Session) -> None:
    some_invoices(session, 5)
    assert fold_tallies(session) == 0


def test_keys_that_are_gone_leave_no_row(session: Session) -> None:
    some_invoices(session, 5)
    session.execute(update(InvoiceRow).values(copy_state="copied"))
    fold(session, BY_STANDING, surplus=0)
    session.commit()
    assert session.scalars(select(BY_STANDING.c.standing)).all() == [Standing.COPIED]


def test_a_tally_that_is_wrong_is_mended_and_told(session: Session) -> None:
    some_invoices(session, 3)
    session.execute(text("UPDATE tally_invoice_standing SET rows = rows + 7, total = 1"))
    session.execute(text("DELETE FROM tally_invoice_month"))
    session.commit()
    assert prove_tallies(session, now=NOW) == ["invoice_standing", "invoice_month"]
    told = told_events(session, EventKind.COUNT_MENDED)
    assert len(told) == 2
    for tally in TALLIES:
        assert session.execute(differences(tally)).all() == []


def test_a_right_tally_is_proved_without_a_word(session: Session) -> None:
    some_invoices(session, 3)
    session.commit()
    assert prove_tallies(session, now=NOW) == []
    assert session.scalars(select(EventRow)).all() == []


def test_a_table_that_is_truncated_leaves_nothing_counted(postgres_engine: Engine) -> None:
    with Session(postgres_engine) as session:
        some_invoices(session, 3)
        session.execute(text("TRUNCATE invoice CASCADE"))
        session.commit()
        assert session.execute(BY_STANDING.read("standing")).all() == []
        assert session.execute(KEPT_NEEDS.read("code")).all() == []


def test_to_replace_a_row_takes_its_old_one_away(sqlite_engine: Engine) -> None:
    empty(sqlite_engine)
    with Session(sqlite_engine) as session:
        some_invoices(session, 1)
        columns = [each.name for each in InvoiceRow.__table__.columns if each.computed is None]
        names = ", ".join(columns)
        session.execute(text("DELETE FROM line_use"))
        session.execute(text(f"INSERT OR REPLACE INTO invoice ({names}) SELECT {names} FROM invoice"))
        session.commit()
        assert session.execute(BY_STANDING.read("currency")).one().rows == 1


def impatient(engine: Engine) -> Session:
    """Open a session whose waits for a lock end at once with an error."""
    session = Session(engine)
    session.execute(text("SET LOCAL lock_timeout = '200ms'"))
    return session


@pytest.fixture
def postgres(postgres_engine: Engine) -> Engine:
    """PostgreSQL with two invoices."""
    empty(postgres_engine)
    with Session(postgres_engine) as session:
        some_invoices(session, 2)
    return postgres_engine


def change(session: Session, invoice_id: str, state: str) -> None:
    session.execute(update(InvoiceRow).where(InvoiceRow.id == invoice_id).values(copy_state=state))


def refuse(session: Session, invoice_id: str) -> None:
    change(session, invoice_id, "refused")
    session.commit()


def assert_right(engine: Engine) -> None:
    with Session(engine) as session:
        for tally in TALLIES:
            assert session.execute(differences(tally)).all() == []


def test_two_writers_and_a_fold_do_not_wait_for_each_other(postgres: Engine) -> None:
    with impatient(postgres) as one, impatient(postgres) as other, impatient(postgres) as folder:
        change(one, "1000", "copied")
        change(other, "1001", "copied")
        fold(folder, BY_STANDING, surplus=0)
        change(one, "1000", "refused")
        folder.commit()
        other.commit()
        one.commit()
    assert_right(postgres)


def test_what_is_rolled_back_after_a_fold_was_never_counted(postgres: Engine) -> None:
    with impatient(postgres) as one, impatient(postgres) as folder:
        change(one, "1000", "copied")
        fold(folder, BY_STANDING, surplus=0)
        folder.commit()
        one.rollback()
    assert_right(postgres)


def test_only_one_folds_or_mends_at_a_time(postgres: Engine) -> None:
    with impatient(postgres) as one, impatient(postgres) as other:
        assert fold(one, BY_STANDING, surplus=0) == 1
        assert fold(other, BY_STANDING, surplus=0) == 0
        assert mend(other, BY_STANDING) == 0
        one.commit()
    assert_right(postgres)


def test_a_mend_beside_a_writer_mends_what_both_leave(postgres: Engine) -> None:
    with Session(postgres) as session:
        session.execute(text("DELETE FROM tally_invoice_standing"))
        session.commit()
    with impatient(postgres) as one, impatient(postgres) as mender:
        change(one, "1000", "copied")
        assert mend(mender, BY_STANDING) == 1
        mender.commit()
        one.commit()
    assert_right(postgres)


def test_a_need_and_the_state_of_its_invoice_may_change_at_once(postgres: Engine) -> None:
    with Session(postgres) as one, Session(postgres) as other:
        need = NeedRow(invoice_id="1000", position=0, code="vat", subject="", field="", fix="", values={})
        one.add(need)
        one.flush()
        waiting = Thread(target=refuse, args=(other, "1000"))
        waiting.start()
        one.commit()
        waiting.join(30)
        assert not waiting.is_alive()
    assert_right(postgres)
