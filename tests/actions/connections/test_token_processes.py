"""Real processes, a real server, both kinds of database: one renewal, never early, and no death unnoticed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.connect import start_connection
from portal.actions.connections.consent import accept_consent
from portal.domain.connections.states import GrantState, SignInCause
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from portal.wiring import Wiring, now_utc
from tests.actions.connections.renewers import a_wiring
from tests.furnishing.clients import consent
from tests.furnishing.connections import add_subsidiaries

TOKEN = "/api/oauth2/token"
OLD = "SignInLostError: The sign-in at Exact was used up"


@dataclass
class Stand:
    """The sandbox, a sign-in at it, and a process that forks others which use it."""

    url: str
    wiring: Wiring
    sessions: sessionmaker[Session]
    connection_id: int
    forker: subprocess.Popen[str]
    wired: tuple[str, str, str]

    def door(self, verb: str, name: str, **body: Any) -> Any:
        answer = requests.request(verb, f"{self.url}/_sandbox/{name}", json=body or None, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def pass_time(self, seconds: float) -> None:
        self.door("POST", "clock", advance=seconds)

    def consent(self) -> None:
        with self.sessions() as session:
            accept_consent(
                session,
                self.wiring.sign_in("NL"),
                lambda access: self.wiring.ledger_with("NL", access, None),
                self.wiring.vault,
                self.connection_id,
                code=consent(self.wiring),
                actor="anna",
                clock=now_utc,
            )

    def grant(self) -> GrantRow:
        with self.sessions() as session:
            return session.query(GrantRow).one()

    def order(self, processes: int, **more: Any) -> list[list[str]]:
        assert self.forker.stdin
        assert self.forker.stdout
        order = {"processes": processes, "wired": self.wired, "grant": self.grant().id, **more}
        self.forker.stdin.write(json.dumps(order) + "\n")
        self.forker.stdin.flush()
        met: list[list[str]] = json.loads(self.forker.stdout.readline())
        return met

    def calls(self, path: str = TOKEN) -> list[dict[str, Any]]:
        every: list[dict[str, Any]] = self.door("GET", "calls")
        return [one for one in every if one["path"].startswith(path)]

    def renewals(self) -> list[int]:
        """The answers to the token calls after the consent's own."""
        return [one["status"] for one in self.calls()[1:]]


@pytest.fixture(scope="module")
def forker() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.actions.connections.renewers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forker:
        yield forker


@pytest.fixture
def stand(session_factory: sessionmaker[Session], forker: subprocess.Popen[str]) -> Iterator[Stand]:
    """A portal that has just been given a sign-in."""
    engine = session_factory.kw["bind"]
    database = engine.url.render_as_string(hide_password=False)
    key = Fernet.generate_key().decode()
    with serving(create_exact_app()) as url:
        with session_factory() as session:
            add_subsidiaries(session, {"1": "Kade"})
            session.commit()
            connection_id = start_connection(session, "1", "NL", now=now_utc()).id
        wired = (database, url, key)
        stand = Stand(url, a_wiring(*wired), session_factory, connection_id, forker, wired)
        stand.consent()
        yield stand


def test_twenty_processes_that_see_an_expired_token_renew_it_once_and_never_early(stand: Stand) -> None:
    name = stand.grant().user_name
    stand.pass_time(700)
    assert stand.order(20) == [[name]] * 20
    assert stand.renewals() == [200]
    # Fewer refusals than those for which Exact blocks an endpoint, though all twenty waited in one line.
    assert sum(one["status"] == 401 for one in stand.calls("/api/v1/current/Me")) < 5
    # They learn Exact's time from their first call: the token is let be, and renewed once it is 570 s old.
    stand.pass_time(400)
    assert stand.order(4, calls=2) == [[name, name]] * 4
    assert stand.renewals() == [200]
    stand.pass_time(172)
    assert stand.order(4, calls=2) == [[name, name]] * 4
    assert stand.renewals() == [200, 200]
    times = [datetime.fromisoformat(one["time"]) for one in stand.calls()]
    assert all((later - earlier).total_seconds() >= 570 for earlier, later in pairwise(times))


@pytest.mark.parametrize("point", ["before", "during", "after", "stored"])
def test_a_process_killed_over_a_renewal_is_recognised_and_one_consent_mends_it(
    stand: Stand, point: str
) -> None:
    name = stand.grant().user_name
    stand.pass_time(700)
    assert stand.order(1, die=point) == []
    assert (stand.grant().lease_until is None) == (point == "stored")
    met = stand.order(3, later=121)
    if point in ("before", "stored"):
        assert met == [[name]] * 3
        assert (stand.renewals(), stand.grant().state) == ([200], GrantState.LIVE)
        return
    assert all(words[0].startswith(OLD) for words in met)
    assert stand.renewals() == [200, 401]
    assert (stand.grant().state, stand.grant().cause) == (GrantState.LOST, SignInCause.RENEWAL_LOST)
    stand.consent()
    assert stand.order(1, later=121) == [[name]]
    with stand.sessions() as session:
        assert session.query(ConnectionRow).one().id == stand.connection_id
