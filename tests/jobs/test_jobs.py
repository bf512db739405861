"""Each job calls its action with what the wiring hands out, and nothing more."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from jobs import catalogue, copies, grants, hooks, invoices, mappings, payments, runs, statistics
from jobs.schedule import timetable
from portal.actions.connections import catalogue as catalogue_action
from portal.actions.copies import perform as perform_action
from portal.actions.engine.ports import NO_MARKS
from portal.actions.house import statistics as statistics_action
from portal.actions.invoices import pull as pull_action
from portal.domain.connections.states import ConnectionState
from portal.queue import KINDS
from portal.remote.errors import (
    MisconfiguredError,
    NotRenewedError,
    RemoteError,
    SignInLostError,
    UnreachableError,
)
from portal.settings import Settings
from portal.store.connections import ConnectionRow, ProductiveRow
from tests.actions.some_connections import a_live_connection, some_offer
from tests.fakes import NOW, FakeWiring
from tests.furnishing.connections import add_productive
from tests.furnishing.said import quote

Calls = list[tuple[Any, ...]]


@pytest.fixture
def connection(wiring: FakeWiring, session: Session) -> ConnectionRow:
    some_offer(session)
    return a_live_connection(session, wiring.fake_ledger)


def heard(calls: Calls, answer: Any = None) -> Callable[..., Any]:
    """Return a stand-in for an action that writes down what it was given after the session."""

    def hear(_session: Session, *given: Any, **named: Any) -> Any:
        calls.append((*given, *named.values()))
        return answer

    return hear


@pytest.mark.parametrize(
    ("module", "action", "job", "arguments", "expected"),
    [
        (perform_action, "perform_copy", copies.perform_copy, ("c1",), ("desk", "c1")),
        (copies, "sweep_rows", copies.sweep, (), ("nudge", NOW, NO_MARKS)),
        (runs, "make", runs.make_wishes, ("r1",), ("nudge", "r1", "clock")),
        (mappings, "look_at_held_copies", mappings.look_at_held, ("7",), (7, NOW)),
        (payments, "request_pulls", payments.pull_payments, (), ("nudge",)),
        (statistics_action, "keep_statistics", statistics.keep_statistics, (), ()),
        (payments, "synchronize_payments", payments.pull_connection, ("7",), ("desk", 7)),
        (payments, "pay_due", payments.pay_connection, ("7",), ("desk", 7)),
        (payments, "request_controls", payments.control_payments, (), ("nudge", NOW)),
        (payments, "control_one", payments.control_connection, ("7",), ("desk", 7)),
    ],
)
def test_a_job_is_one_call_to_its_action(
    wiring: FakeWiring,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    action: str,
    job: Callable[..., None],
    arguments: tuple[str, ...],
    expected: tuple[Any, ...],
) -> None:
    calls: Calls = []
    monkeypatch.setattr(wiring, "desk", lambda **_how: "desk", raising=False)
    monkeypatch.setattr(wiring, "nudge", "nudge")
    if module is runs:
        monkeypatch.setattr(wiring, "clock", "clock")
    monkeypatch.setattr(module, action, heard(calls))
    job(*arguments)
    assert calls == [expected]


@pytest.mark.parametrize("has_billing", [True, False])
def test_invoices_are_pulled_once_productive_is_set_up(
    wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch, has_billing: bool
) -> None:
    calls: Calls = []
    monkeypatch.setattr(wiring, "has_billing", lambda _session: has_billing, raising=False)
    monkeypatch.setattr(pull_action, "pull_invoices", heard(calls))
    invoices.pull_invoices()
    assert calls == ([(wiring.fake_billing, NOW)] if has_billing else [])


def test_invoices_are_really_pulled(
    wiring: FakeWiring, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_productive(session)
    session.commit()
    monkeypatch.setattr(wiring, "has_billing", lambda _session: True, raising=False)
    invoices.pull_invoices()
    session.expire_all()
    assert session.get_one(ProductiveRow, 1).invoices_pulled_at == NOW


def test_a_due_catalogue_is_asked_for_by_its_connection(
    wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_action, "due_catalogues", lambda _session, _now: [3, 4])
    catalogue.refresh_catalogue()
    assert wiring.nudge.woken == [("jobs.catalogue.refresh_catalogue", each) for each in ("3", "4")]


def test_a_catalogue_is_pulled_only_while_its_connection_lives(
    wiring: FakeWiring, connection: ConnectionRow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Calls = []
    monkeypatch.setattr(catalogue_action, "pull_catalogue", heard(calls))
    catalogue.refresh_catalogue(str(connection.id))
    connection.state = ConnectionState.DISCONNECTED
    session.commit()
    catalogue.refresh_catalogue(str(connection.id))
    catalogue.refresh_catalogue("999")
    assert calls == [(wiring.fake_ledger, connection.id, NOW)]


def test_an_idle_grant_is_asked_for_and_renewed(
    wiring: FakeWiring, connection: ConnectionRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Calls = []

    class Access:
        def __init__(self, *given: Any) -> None:
            asked.append(given)

        def current(self) -> str:
            asked.append(("current",))
            return "token"

    monkeypatch.setattr(wiring, "access", Access, raising=False)
    monkeypatch.setattr(grants, "due_grants", lambda _session, _now: [connection.grant_id])
    grants.keep_alive()
    assert wiring.nudge.woken[-1] == ("jobs.grants.keep_alive", str(connection.grant_id))
    grants.keep_alive(str(connection.grant_id))
    assert asked == [(connection.grant_id, "NL"), ("current",)]


def test_the_timetable_names_jobs_that_the_queue_knows(settings: Settings) -> None:
    assert {line.job for line in timetable(settings)} <= set(KINDS)
    names = [line.name for line in timetable(settings)]
    assert len(set(names)) == len(names)


NEEDING_A_SIGN_IN: list[tuple[Callable[[str], None], str]] = [
    (catalogue.refresh_catalogue, "find_divisions"),
    (catalogue.pull_customers, "each_customer_page"),
    (hooks.keep_hooks, "find_hooks"),
]


@pytest.mark.parametrize(("job", "call"), NEEDING_A_SIGN_IN, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("error", [SignInLostError, NotRenewedError, MisconfiguredError])
def test_while_a_sign_in_does_not_work_a_job_ends_in_a_plain_line(
    wiring: FakeWiring,
    connection: ConnectionRow,
    job: Callable[[str], None],
    call: str,
    error: type[RemoteError],
) -> None:
    wiring.fake_ledger.fail(call, error("Sign in at Exact again."))
    with capture_logs() as lines:
        job(str(connection.id))
    assert [("exc_info" in line, line["text"], line["subject"]) for line in lines] == [
        (False, "Sign in at Exact again.", str(connection.id))
    ]


def test_what_is_wrong_is_still_on_the_card(
    wiring: FakeWiring, connection: ConnectionRow, session: Session
) -> None:
    wiring.fake_ledger.fail("find_divisions", SignInLostError("Sign in at Exact again."))
    catalogue.refresh_catalogue(str(connection.id))
    session.commit()
    session.refresh(connection)
    assert connection.catalogue_trouble == quote("Sign in at Exact again.")


def test_what_else_fails_is_a_failed_job_as_ever(wiring: FakeWiring, connection: ConnectionRow) -> None:
    wiring.fake_ledger.fail("find_divisions", UnreachableError("No answer."))
    with pytest.raises(UnreachableError):
        catalogue.refresh_catalogue(str(connection.id))


def test_what_is_left_of_a_long_look_beforehand_is_asked_for_again(
    wiring: FakeWiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Calls = []
    monkeypatch.setattr(invoices, "look_at_noted", heard(calls, answer=True))
    invoices.keep_ready()
    assert calls == [(wiring.clock,)]
    assert wiring.nudge.woken == [("jobs.invoices.keep_ready", "")]
