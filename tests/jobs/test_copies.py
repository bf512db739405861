"""The edge where a bug in a copy's work is written down: the row, the log, and the job that failed."""

from datetime import datetime
from typing import Any

import pytest
import structlog
from sqlalchemy.orm import Session

from jobs import copies
from portal.actions.engine.desk import Desk
from portal.domain.copies.states import CopyState
from portal.store.copies import CopyRow
from tests.actions.office import Office, an_office, some_invoice
from tests.fakes import FakeWiring
from tests.telling import told


@pytest.fixture
def office(wiring: FakeWiring, session: Session, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose desk the jobs get, and where booking 1001 ends in a bug."""
    office = an_office(session)

    def desk(*, interactive: bool = False, pull: bool = False) -> Desk:
        return office.desk

    create = office.ledger.create_entry

    def stumble(entry: Any, *, marker: str) -> Any:
        if entry.your_ref == "2026-1001":
            raise KeyError("what nobody may see")
        return create(entry, marker=marker)

    monkeypatch.setattr(wiring, "desk", desk, raising=False)
    monkeypatch.setattr(office.ledger, "create_entry", stumble)
    return office


def a_run(office: Office) -> list[CopyRow]:
    made = []
    for number in range(1000, 1003):
        office.pass_time(1)
        office.add(some_invoice(id=str(number), number=f"2026-{number}"))
        made.append(office.wish(invoice_id=str(number)))
    office.session.commit()
    return made


def test_a_bug_in_one_copy_of_a_run_stops_no_other_and_fails_the_job(office: Office) -> None:
    first, bad, last = a_run(office)
    with structlog.testing.capture_logs() as logs, pytest.raises(ExceptionGroup) as caught:
        copies.run_copies(f"{office.connection_id}/1")
    assert [type(bug) for bug in caught.value.exceptions] == [KeyError]
    office.session.rollback()
    assert (first.state, last.state, bad.begun) == (CopyState.COPIED, CopyState.COPIED, 1)
    assert bad.next_try_at is not None
    assert bad.next_try_at > office.now
    [line] = [line for line in logs if line["event"] == "bug"]
    assert (line["copy"], len(line["reference"])) == (bad.id, 8)


def test_a_bug_in_a_single_copy_is_raised_and_in_the_end_held_with_the_logs_reference(office: Office) -> None:
    bad = a_run(office)[1]
    bugs = []
    bad_id = bad.id
    office.session.rollback()
    for _turn in range(12):
        with structlog.testing.capture_logs() as logs:
            try:
                copies.perform_copy(bad_id)
            except KeyError:
                bugs += [line["reference"] for line in logs if line["event"] == "bug"]
        office.pass_time(400)
    office.session.rollback()
    assert len(bugs) == 3
    assert bugs[-1] in told(bad.trouble)
    assert bad.hold_id is not None


@pytest.mark.parametrize(("seconds", "times"), [(20, 1), (61, 3), (1, 0)])
def test_a_rule_is_applied_within_a_run_when_its_time_has_come(
    office: Office, wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch, seconds: int, times: int
) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(copies, "copy_by_itself", lambda *_given, clock, **_more: asked.append(clock()))
    monkeypatch.setattr(wiring, "clock", lambda: office.now)
    monkeypatch.setattr(copies, "perform_or_mark", lambda _session, _desk, _copy: office.pass_time(seconds))
    a_run(office)
    copies.run_copies(f"{office.connection_id}/1")
    assert len(asked) == times
