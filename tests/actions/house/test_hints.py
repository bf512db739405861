"""Hints: many webhooks in a short time are one pull, the last of them is never left out, none is needed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.subscribe import drop_hooks, keep_hooks
from portal.actions.engine.jobs import Job
from portal.actions.house.hints import ring_hints, take_exact_hint, take_productive_hint
from portal.domain.connections.hints import TOPICS, ExactHint
from portal.domain.connections.states import ConnectionState
from portal.remote.errors import MissingRightError
from tests.actions.office import Office, an_office
from tests.furnishing.said import quote

URL = "https://portal.example.com/hooks/exact"


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Office]:
    with session_factory() as session:
        office = an_office(session)
        office.connection().payments.on = True
        session.commit()
        yield office


def hear(office: Office, topic: str, division: int = 101, locale: str = "NL") -> None:
    take_exact_hint(office.session, ExactHint((locale,), division, topic), now=office.now)


def rung(office: Office, seconds: float) -> list[tuple[str, str]]:
    office.pass_time(seconds)
    office.nudge.woken.clear()
    count = ring_hints(office.session, office.nudge, now=office.now)
    assert count == len(office.nudge.woken)
    return sorted(office.nudge.woken)


@pytest.mark.parametrize(
    ("topic", "jobs"),
    [
        ("BankEntries", [Job.PULL_PAYMENTS]),
        ("CashEntries", [Job.PULL_PAYMENTS]),
        ("GeneralJournalEntries", [Job.PULL_PAYMENTS]),
        ("SalesEntries", [Job.PULL_PAYMENTS, Job.READ_ENTRIES]),
        ("Accounts", [Job.PULL_CUSTOMERS]),
        ("Items", []),
    ],
)
def test_a_topic_asks_for_what_it_may_have_changed(office: Office, topic: str, jobs: list[str]) -> None:
    hear(office, topic)
    assert rung(office, 5) == [(job, str(office.connection_id)) for job in jobs]


def test_a_burst_is_one_pull_now_and_one_after_a_pause(office: Office) -> None:
    for _ in range(5):
        hear(office, "BankEntries")
    assert rung(office, 4) == []
    assert len(rung(office, 1)) == 1
    for _ in range(5):
        office.pass_time(1)
        hear(office, "BankEntries")
    assert rung(office, 20) == []
    assert len(rung(office, 5)) == 1
    assert rung(office, 600) == []


def test_other_divisions_and_countries_ask_for_nothing(office: Office) -> None:
    hear(office, "BankEntries", division=102)
    hear(office, "BankEntries", locale="BE")
    office.connection().payments.on = False
    hear(office, "BankEntries")
    office.connection().state = ConnectionState.DISCONNECTED
    hear(office, "Accounts")
    assert rung(office, 60) == []


def test_productive_asks_for_the_invoices(office: Office) -> None:
    take_productive_hint(office.session, now=office.now)
    assert rung(office, 5) == [(Job.PULL_INVOICES, "")]
    office.pass_time(timedelta(hours=1).total_seconds())
    take_productive_hint(office.session, now=office.now)
    assert rung(office, 5) == [(Job.PULL_INVOICES, "")]


def test_missing_webhooks_are_made_and_ours_are_removed(office: Office) -> None:
    office.ledger.create_hook("Accounts", URL)
    office.ledger.create_hook("Accounts", "https://elsewhere.example.com/")
    keep_hooks(office.session, office.ledger, office.connection_id, url=URL)
    assert sorted(one.topic for one in office.ledger.hooks if one.url == URL) == sorted(TOPICS)
    keep_hooks(office.session, office.ledger, office.connection_id, url=URL)
    assert len(office.ledger.hooks) == len(TOPICS) + 1
    drop_hooks(office.session, office.ledger, url=URL)
    assert [one.url for one in office.ledger.hooks] == ["https://elsewhere.example.com/"]


def test_a_refusal_is_shown_and_goes_when_it_works(office: Office) -> None:
    office.ledger.fail("find_hooks", MissingRightError("Cannot manage.", status=403))
    with pytest.raises(MissingRightError):
        keep_hooks(office.session, office.ledger, office.connection_id, url=URL)
    assert office.connection().hooks_trouble == quote("Cannot manage.")
    keep_hooks(office.session, office.ledger, office.connection_id, url=URL)
    assert office.connection().hooks_trouble is None
