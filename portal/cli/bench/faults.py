"""Measures a served portal while both services fail it: what others wait for, and what it costs in memory."""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import click
import flask_migrate
import requests
from flask import Flask
from sqlalchemy import select, update

from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.cli.bench.seed import SEED
from portal.cli.demo.data import EMAIL, ORGANIZATION, PASSWORD
from portal.cli.demo.run import STARTING, is_up, wait_for
from portal.cli.demo.supervisor import end_with_parent
from portal.cli.demo.valkey import config_of, find_server, free_port
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyState
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.sandbox.broken import KINDS, Broken, start_broken
from portal.settings import LOCALES, ROOT, Settings, read_settings
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.grants import GrantRow
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.vault import ACCESS, REFRESH, place_of_productive

SEEDED = 400
# As many as gunicorn has threads in all.
LOOKS = 16
SECRET = "only-for-measurements-0123456789-abcdefghij"  # noqa: S105 - only for measurements
QUEUE_SECRET = "only-for-measurements"  # noqa: S105 - only for measurements
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MEASURED = (
    "silent",
    "silent in the body",
    "one byte a second",
    "one byte a second in the body",
    "endless headers",
    "200 MB of zeros in gzip",
    "cut in the body",
    "HTML",
    "redirect to itself",
    "a date to come",
    "resets far away",
    "two answers",
)


@dataclass
class Served:
    """A portal behind gunicorn, as docs/operating.md starts it, and the service that fails it."""

    url: str
    master: int
    broken: Broken
    cookies: dict[str, str]
    dialogs: list[str]
    undos: list[str]
    statuses: list[int] = field(default_factory=list)

    def fail(self, name: str) -> None:
        """Let both services fail in one way from now on. What takes long to make is made before."""
        next(iter(KINDS[name].pieces()), None)
        self.broken.kind = KINDS[name]

    def look(self, path: str) -> float:
        """Open a dialog as a browser does. Return the seconds that it took."""
        began = time.perf_counter()
        answer = requests.get(
            self.url + path, cookies=self.cookies, headers={"HX-Request": "true"}, timeout=120
        )
        self.statuses.append(answer.status_code)
        return time.perf_counter() - began

    def look_everywhere(self) -> tuple[float, float]:
        """Open as many dialogs as there are threads. Return the slowest health check and dialog meanwhile."""
        half = LOOKS // 2
        paths = [f"/invoices/{self.dialogs.pop()}/copy" for _ in range(half)]
        paths += [f"/invoices/{self.undos.pop()}/undo" for _ in range(half)]
        done = threading.Event()
        health: list[float] = []

        def ask_health() -> None:
            while not done.is_set() or not health:
                began = time.perf_counter()
                requests.get(f"{self.url}/healthz", timeout=120)
                health.append(time.perf_counter() - began)
                done.wait(0.02)

        asker = threading.Thread(target=ask_health)
        asker.start()
        with ThreadPoolExecutor(LOOKS) as pool:
            taken = list(pool.map(self.look, paths))

        done.set()
        asker.join()
        return max(health), max(taken)

    def megabytes(self) -> float:
        """Return what the workers hold in memory."""
        return sum(resident(pid) for pid in children_of(self.master)) / 2**20


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text().split()] if told.is_file() else []


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds, 0 where the system does not tell."""
    told = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", told.read_text()) if told.is_file() else None
    return int(found[1]) * 1024 if found else 0


def environment_of(folder: Path, port: int, queue_port: int, remote: str) -> dict[str, str]:
    """Return the settings of such a portal."""
    sites = {f"EXACT_{locale}_URL": remote for locale in LOCALES}
    apps = {
        f"EXACT_{locale}_{name}": "bench" for locale in LOCALES for name in ("CLIENT_ID", "CLIENT_SECRET")
    }
    return {
        "DATABASE_URL": f"sqlite:///{folder}/served.sqlite",
        "REDIS_URL": f"redis://:{QUEUE_SECRET}@127.0.0.1:{queue_port}/0",
        "SECRET_KEY": SECRET,
        "ENCRYPTION_KEYS": KEY,
        "PUBLIC_URL": f"http://localhost:{port}",
        "PRODUCTIVE_URL": f"{remote}/api/v2",
        **sites,
        **apps,
    }


def furnish_served(app: Flask) -> tuple[list[str], list[str]]:
    """Add a person, both connections and invoices. Return invoices to copy and to undo."""
    now = datetime.now(UTC)
    with app.app_context():
        flask_migrate.upgrade()

    app.test_cli_runner().invoke(args=["seed-invoices", str(SEEDED)], catch_exceptions=False)
    with app.app_context():
        session = db.session()
        vault = the_portal().vault
        profile = Profile("Bench", Role.ADMINISTRATOR)
        add_user(session, EMAIL, profile, NewPassword(PASSWORD), PeopleChange("bench", now))

        session.add(
            ProductiveRow(
                id=1,
                organization_id=ORGANIZATION,
                organization_name="Bench",
                currency="EUR",
                token_sealed=vault.seal("token", place_of_productive(ORGANIZATION)),
                checked_at=now,
            )
        )

        grant = GrantRow(
            locale="NL",
            exact_user_id="bench",
            user_name="Bench",
            user_email=EMAIL,
            home_division=1,
            access_sealed=None,
            refresh_sealed=None,
            obtained_at=now,
            expires_at=now + timedelta(days=1),
        )

        grant.access_sealed = vault.seal("access", grant.place_of(ACCESS))
        grant.refresh_sealed = vault.seal("refresh", grant.place_of(REFRESH))
        session.add(grant)
        session.flush()
        row = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
        row.state = ConnectionState.LIVE
        row.live_subsidiary = SEED
        row.live_division = "NL-1"
        row.division = 1
        row.division_name = "Bench"
        row.division_country = "NL"
        row.grant_id = grant.id
        row.copy_from = date(2000, 1, 1)
        row.default_journal = "70"
        session.execute(update(InvoiceRow).values(read_at=now - timedelta(hours=1)))
        session.commit()
        found = [
            list(session.scalars(select(InvoiceRow.id).where(InvoiceRow.copy_state == state)))
            for state in (NOT_COPIED, CopyState.COPIED)
        ]

        db.engine.dispose()

    return found[0], found[1]


@contextmanager
def a_served_portal(make_app: Callable[[Settings], Flask], folder: Path) -> Iterator[Served]:
    """Yield a portal of two processes with eight threads each, whose services fail."""
    port = free_port()
    queue_port = free_port()

    with start_broken(KINDS["HTML"]) as broken, started_queue(folder, queue_port):
        env = environment_of(folder, port, queue_port, broken.address)
        dialogs, undos = furnish_served(make_app(read_settings(env)))
        shape = ("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket")
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *shape, "app:app"]
        with (folder / "served.log").open("wb") as log:
            server = Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, preexec_fn=end_with_parent)  # noqa: S603 - ours

        try:
            url = f"http://localhost:{port}"
            if not wait_for(lambda: is_up(f"{url}/healthz"), STARTING):
                raise click.ClickException("The portal did not start.")
            yield Served(url, server.pid, broken, sign_in(url), dialogs, undos)
        finally:
            server.terminate()
            server.wait(60)


@contextmanager
def started_queue(folder: Path, port: int) -> Iterator[None]:
    """Start a queue server of its own."""
    command = [find_server(), "-"]
    server = Popen(command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, preexec_fn=end_with_parent)  # noqa: S603 - ours

    try:
        if server.stdin:
            server.stdin.write(config_of(port, QUEUE_SECRET, folder).encode())
            server.stdin.close()
        yield
    finally:
        server.terminate()
        server.wait(30)


def sign_in(url: str) -> dict[str, str]:
    """Sign in as a browser does, and return its cookies."""
    browser = requests.Session()
    form = browser.get(f"{url}/sign-in", timeout=60).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    given = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    answer = browser.post(f"{url}/sign-in", data=given, timeout=60, allow_redirects=False)
    if answer.status_code != 302:
        raise click.ClickException(f"The sign-in answered {answer.status_code}.")

    return browser.cookies.get_dict()


def measure_faults(
    make_app: Callable[[Settings], Flask],
    folder: Path,
    say: Callable[[str, float, str, float], bool],
    kinds: Sequence[str] = MEASURED,
) -> list[bool]:
    """Measure health checks and dialogs under each kind of failure, and what memory grows by in all."""
    kept: list[bool] = []
    with a_served_portal(make_app, folder) as served:
        served.look_everywhere()
        before = served.megabytes()

        for name in kinds:
            served.fail(name)
            health, slowest = served.look_everywhere()
            spelt = name.replace(" ", "_")
            kept.append(say(f"healthz_while_{spelt}", health * 1000, "ms", 1000))
            kept.append(say(f"dialogs_while_{spelt}", slowest, "s", 4))

        kept.append(say("memory_of_the_workers_grew_by", served.megabytes() - before, "MB", 100))

    return kept
