"""``python -m tests.actions.connections.renewers``: processes that use one sign-in at once, or die over it.

Reads orders from standard input, one JSON object per line, forks for each (so that the imports are paid for
once) and answers with a JSON list of what the processes met.
"""

import http.client
import json
import logging
import os
import select
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from portal.actions.connections.tokens import GrantAccess
from portal.exact.auth import ExactAuth
from portal.extensions import tame_sqlite
from portal.logs import configure_logs
from portal.remote.errors import RemoteError
from portal.remote.tokens import TokenPair
from portal.settings import AppRegistration, Settings
from portal.store.vault import Vault
from portal.wiring import Wiring

SECONDS = 60
real_renew = ExactAuth.renew
real_store = GrantAccess._store


def a_wiring(database_url: str, exact_url: str, key: str) -> Wiring:
    """Wire as the portal does, with a connection to the database that no other process shares."""
    site = AppRegistration(exact_url, "demo-client", "demo-secret")
    settings = Settings(
        database_url=database_url,
        redis_url="",
        secret_key="",
        encryption_keys=(key,),
        public_url="http://localhost:8000",
        productive_url="",
        exact={"NL": site},
    )
    engine = create_engine(database_url)
    tame_sqlite(engine)
    return Wiring(
        settings, Vault([key]), sessionmaker(engine, expire_on_commit=False), lambda _job, _subject: None
    )


def die() -> None:
    """End as by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_before_the_answer(connection: http.client.HTTPConnection) -> None:
    """Be killed once the answer has come, and before any of it is read."""
    select.select([connection.sock], [], [], 30)
    die()


def die_at(point: str) -> None:
    """Arrange for this process to be killed before, during or after the renewal, or once it is stored."""

    def renew(auth: ExactAuth, token: str) -> TokenPair:
        if point == "before":
            die()
        if point == "during":
            patch.object(http.client.HTTPConnection, "getresponse", die_before_the_answer).start()
        pair = real_renew(auth, token)
        if point == "after":
            die()
        return pair

    def store(access: GrantAccess, *given: Any) -> bool:
        stored = real_store(access, *given)
        if point == "stored":
            die()
        return stored

    patch.object(ExactAuth, "renew", renew).start()
    patch.object(GrantAccess, "_store", store).start()


def visit(order: dict[str, Any]) -> list[str]:
    """Ask Exact who we are, as often as ordered."""
    wiring = a_wiring(*order["wired"])
    later = timedelta(seconds=order.get("later", 0))
    wiring.clock = lambda: datetime.now(UTC) + later
    if order.get("die"):
        die_at(order["die"])
    met = []
    for _ in range(order.get("calls", 1)):
        try:
            met.append(wiring.ledger_of_grant(order["grant"], None).read_user().name)
        except RemoteError as error:
            met.append(f"{type(error).__name__}: {error.text}")
    return met


def child(order: dict[str, Any], gate: int, answer: int) -> None:
    """Wait for the gate, visit, and write down what was met."""
    os.read(gate, 1)
    os.write(answer, (json.dumps(visit(order)) + "\n").encode())


def obey(order: dict[str, Any]) -> list[list[str]]:
    """Fork, open the gate for all at once, and gather; one that was killed has met nothing."""
    gate, opens = os.pipe()
    answers, answer = os.pipe()
    pids = []
    for _ in range(order["processes"]):
        if (pid := os.fork()) == 0:
            os.close(opens)
            try:
                child(order, gate, answer)
            finally:
                os._exit(0)
        pids.append(pid)
    os.close(answer)
    time.sleep(0.1)
    os.close(opens)
    with os.fdopen(answers) as reading:
        met = [json.loads(line) for line in reading]
    for pid in pids:
        os.waitpid(pid, 0)
    os.close(gate)
    return met


def main() -> None:
    """Obey until the orders end."""
    configure_logs()
    logging.disable()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
