"""Secrets appear in no log, job, page, row or file, whatever fails and whoever repeats them aloud."""

import base64
import binascii
import logging
import os
import secrets
import subprocess
import sys
import traceback
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest
import requests
import structlog
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, inspect, select

from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.cli.demo.supervisor import end_with_parent
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.factory import create_app
from portal.queue import enqueue, redis_at
from portal.remote.errors import RemoteError
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.grants import Chain, Grants
from portal.sandbox.productive.app import create_productive_app
from portal.settings import ROOT, read_settings
from portal.store.notices import NoticeRow
from portal.store.rows import metadata
from tests.furnishing.waits import until
from tests.journeys.desk import EMAIL, Desk
from tests.journeys.loud import (
    LEAK,
    UNKNOWN,
    Loud,
    LoudTokens,
    allow_leaks,
    leak_by_the_database,
    leak_in_a_view,
)
from tests.journeys.person import Person
from tests.journeys.world import Door, is_at_rest
from tests.smtp import smtp_sink
from tests.valkey import start_valkey

TOKEN = "/api/oauth2/token"


def canary(name: str) -> str:
    """Return a secret that stands nowhere by chance."""
    return f"canary-{name}-{secrets.token_hex(12)}"


@dataclass
class Canaries:
    """Every secret there is, by name; Exact's own are added as they are issued."""

    client_secret: str = field(default_factory=lambda: canary("client"))
    secret_key: str = field(default_factory=lambda: canary("session-key"))
    encryption_key: str = field(default_factory=lambda: base64.urlsafe_b64encode(os.urandom(32)).decode())
    productive: str = field(default_factory=lambda: canary("productive"))
    wrong_productive: str = field(default_factory=lambda: canary("wrong-productive"))
    password: str = field(default_factory=lambda: canary("password"))
    wrong_password: str = field(default_factory=lambda: canary("wrong-password"))
    exact_hooks: str = field(default_factory=lambda: canary("exact-hooks"))
    productive_hooks: str = field(default_factory=lambda: canary("productive-hooks"))
    smtp: str = field(default_factory=lambda: canary("smtp"))
    redis: str = field(default_factory=lambda: canary("redis"))
    statement: str = UNKNOWN
    issued: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        """Return every secret."""
        named = [value for name, value in vars(self).items() if name != "issued"]
        return named + self.issued

    def found_in(self, told: str | bytes) -> list[str]:
        """Return the secrets that stand in something that was written."""
        raw = told.encode() if isinstance(told, str) else told
        return [each for each in self.all() if each.encode() in raw]


class Pages(Person):
    """A person who keeps every page that was seen."""

    seen: list[str]

    def _see(self, answer: requests.Response) -> Person:
        self.seen = [*getattr(self, "seen", []), f"{answer.headers}\n{answer.text}"]
        return super()._see(answer)


@dataclass
class Portal:
    """A running portal whose every secret is a canary; the desk's world."""

    canaries: Canaries
    folder: Path
    app: Flask
    url: str
    exact: Door
    productive: Door
    loud_exact: Loud
    loud_productive: Loud

    @property
    def worker_log(self) -> str:
        """What the worker wrote."""
        return (self.folder / "worker.log").read_text()

    def enqueue(self, job: str) -> None:
        """Ask the worker for something."""
        settings = the_portal(self.app).settings
        enqueue(settings.redis_url, settings.secret_key, job)

    def is_at_rest(self) -> bool:
        """Say whether no job waits and none is at work."""
        return is_at_rest(Redis.from_url(the_portal(self.app).settings.redis_url), self.exact)


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    canaries = Canaries()
    note_what_is_issued(canaries, monkeypatch)
    return canaries


@pytest.fixture
def portal(canaries: Canaries, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("canaries")
    with ExitStack() as stack:
        front = Loud()
        exact = LoudTokens()
        productive = Loud()
        urls = [stack.enter_context(serving(each)) for each in (front, exact, productive)]
        callback = f"{urls[0]}/connections/exact/callback"
        exact.app = create_exact_app(client_secret=canaries.client_secret, redirect_uris=(callback,))
        productive.app = create_productive_app(token=canaries.productive)
        (folder / "queue").mkdir()
        queue = stack.enter_context(start_valkey(folder / "queue", canaries.redis))
        sink = stack.enter_context(smtp_sink("another password"))
        env = environment(canaries, folder, urls, queue, sink.port)
        if engine.dialect.name == "postgresql":
            env["DATABASE_URL"] = engine.url.render_as_string(hide_password=False)
        front.app = app = create_app(read_settings(env))
        fill(app, canaries.password)
        stack.callback(stop, start_worker(env, folder / "worker.log"))
        log_into(stack.enter_context((folder / "web.log").open("w")))
        doors = (door_of(urls[1]), door_of(urls[2]))
        yield Portal(canaries, folder, app, urls[0], *doors, exact, productive)
    with app.app_context():
        db.engine.dispose()


def door_of(url: str) -> Door:
    return Door(urlsplit(url).port or 0)


def note_what_is_issued(canaries: Canaries, patch: pytest.MonkeyPatch) -> None:
    """Note every code and token that the sandbox gives out."""
    issue = Grants._issue
    issue_code = Grants.issue_code

    def noting(grants: Grants, chain: Chain, now: float) -> tuple[str, str]:
        pair = issue(grants, chain, now)
        canaries.issued += pair
        return pair

    def noting_code(grants: Grants, *given: Any) -> str:
        code = issue_code(grants, *given)
        canaries.issued.append(code)
        return code

    patch.setattr(Grants, "_issue", noting)
    patch.setattr(Grants, "issue_code", noting_code)


def environment(canaries: Canaries, folder: Path, urls: list[str], queue: str, mail: int) -> dict[str, str]:
    env = {
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite",
        "REDIS_URL": queue,
        "SECRET_KEY": canaries.secret_key,
        "ENCRYPTION_KEYS": canaries.encryption_key,
        "PUBLIC_URL": urls[0],
        "PRODUCTIVE_URL": f"{urls[2]}/api/v2",
        "UNCERTAIN_QUIET": "5",
        "EXACT_TIMEOUT": "5",
        "SMTP_URL": f"smtp://portal:{canaries.smtp}@127.0.0.1:{mail}",
        "MAIL_FROM": "portal@example.com",
        "PRODUCTIVE_WEBHOOK_SECRET": canaries.productive_hooks,
    }
    for locale in ("BE", "NL", "DE"):
        site = {"URL": urls[1], "CLIENT_ID": "demo-client", "CLIENT_SECRET": canaries.client_secret}
        site["WEBHOOK_SECRET"] = canaries.exact_hooks
        env |= {f"EXACT_{locale}_{name}": value for name, value in site.items()}
    return env


def fill(app: Flask, password: str) -> None:
    """Make the tables and the administrator, two views with bugs and a job with one."""
    allow_leaks()
    app.add_url_rule("/leak", "leak", leak_in_a_view)
    app.add_url_rule("/leak-sql", "leak_sql", leak_by_the_database)
    with app.app_context():
        metadata.create_all(db.engine)
        profile = Profile("Anna", Role.ADMINISTRATOR)
        add_user(db.session(), EMAIL, profile, NewPassword(password), PeopleChange("x", datetime.now(UTC)))


def start_worker(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("wb") as out:
        command = [sys.executable, "-m", "tests.journeys.loud", "worker"]
        return subprocess.Popen(
            command, cwd=ROOT, env=kept | env, stdout=out, stderr=out, preexec_fn=end_with_parent
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)


def log_into(file: TextIO) -> None:
    """Let the web's log lines, formatted as they are, go into a file."""
    (handler,) = (
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler)
        and isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)
    )
    handler.setStream(file)


def test_no_secret_is_written_anywhere(portal: Portal, canaries: Canaries) -> None:
    desk, person = a_desk(portal)
    set_up_productive(portal, person)
    connect(portal, desk)
    copy_and_fail(portal, desk)
    renew_and_fail(portal, person)
    fail_loudly(portal, person)
    raised = raise_in_a_client(portal)
    assert (portal.loud_exact.said, portal.loud_productive.said) == (5, 2)
    crawl(portal.app, person)
    web_log = (portal.folder / "web.log").read_text()
    # What is searched was really there: both logs have the bugs, and pages say what was struck out.
    assert "leak_in_a_view" in web_log
    assert "leak_by_the_database" in web_log
    assert "raise ValueError" in portal.worker_log
    assert any("I was told" in page and "…" in page for page in person.seen)
    assert len(canaries.issued) >= 5
    places: dict[str, str | bytes] = {
        "an exception": raised,
        **{f"page {number}": page for number, page in enumerate(person.seen)},
        **dict(rows(portal.app)),
        **dict(dumped(portal.app)),
        **dict(jobs(the_portal(portal.app).settings.redis_url)),
        **{str(path): path.read_bytes() for path in portal.folder.rglob("*") if path.is_file()},
    }
    assert any(
        EMAIL.encode() in told
        for name, told in places.items()
        if isinstance(told, bytes) and name.startswith(("dump of user", str(portal.folder / "portal.sqlite")))
    )
    assert {name: found for name, told in places.items() if (found := canaries.found_in(told))} == {}


def a_desk(portal: Portal) -> tuple[Desk, Pages]:
    """Sign in, after a wrong password."""
    desk: Desk = Desk.__new__(Desk)
    person = desk.person = Pages(portal.url)
    desk.world = portal  # type: ignore[assignment]
    desk.exact = portal.exact
    desk.productive = portal.productive
    for password in (portal.canaries.wrong_password, portal.canaries.password):
        person.open("/").fill("E-mail", EMAIL).fill("Password", password).press("Sign in")
    assert "Invoices" in person.text
    return desk, person


def set_up_productive(portal: Portal, person: Person) -> None:
    """Give a wrong token, which is repeated aloud, and then the right one."""
    portal.loud_productive.answer("GET", "/api/v2/", 401)
    for token in (portal.canaries.wrong_productive, portal.canaries.productive):
        person.open("/settings/productive").fill("Organisation id", "703").fill("Token", token)
        person.press("Test and save")
    assert "The token works" in person.text


def connect(portal: Portal, desk: Desk) -> None:
    """Consent while the token endpoint is loud, and then for good."""
    portal.loud_exact.answer("POST", TOKEN, 400)
    desk.begin_to_connect().press("Allow")
    assert "Sign in again" in desk.person.text or "Exact" in desk.person.text
    desk.connect()


def copy_and_fail(portal: Portal, desk: Desk) -> None:
    """Copy invoices that Exact and Productive refuse loudly."""
    first, second, third = desk.invoices(3)
    portal.loud_exact.answer("POST", "salesentry/SalesEntries", 400)
    assert "I was told" in desk.copy(first)
    portal.loud_exact.answer("POST", "salesentry/SalesEntries", 500)
    desk.copy(second)
    portal.loud_productive.answer("PATCH", "/invoices/", 422)
    assert "Invoice copied" in desk.copy(third)


def renew_and_fail(portal: Portal, person: Person) -> None:
    """Let a renewal be refused loudly, and a mail about it be refused as loudly."""
    portal.exact.post("clock", advance=700)
    portal.loud_exact.answer("POST", TOKEN, 400)
    person.open("/settings/apps").press("Refresh from Exact")
    assert "I was told" in person.open("/settings/apps").text
    portal.enqueue("jobs.notices.warn")
    until(lambda: mails_tried(portal.app), "the mail that is refused")
    person.open("/settings/apps").press("Try again now")
    assert "works again" in person.text


def mails_tried(app: Flask) -> bool:
    with app.app_context():
        return any(db.session.scalars(select(NoticeRow.tries)))


def fail_loudly(portal: Portal, person: Pages) -> None:
    """Run into bugs whose exceptions hold secrets, in the web and in the worker."""
    for path in ("/hooks/exact", "/hooks/productive"):
        answer = requests.post(portal.url + path, json={"Content": {}, "HashCode": "forged"}, timeout=30)
        person.seen.append(f"{answer.headers}\n{answer.text}")
    for path in ("/leak", "/leak-sql"):
        answer = person.session.get(portal.url + path, timeout=30)
        assert answer.status_code >= 500
        person.seen.append(answer.text)
    portal.enqueue(LEAK)
    until(lambda: "raise ValueError" in portal.worker_log, "the bug in the worker")


def raise_in_a_client(portal: Portal) -> str:
    """Return the whole of an exception as a debugger would show it."""
    portal.loud_exact.answer("GET", "current/Me", 403)
    with portal.app.app_context():
        wiring = the_portal().wiring
        with pytest.raises(RemoteError) as failed:
            wiring.ledger_of_grant(1, None).read_user()
    return "".join(traceback.format_exception(failed.value)) + repr(vars(failed.value))


def crawl(app: Flask, person: Person) -> None:
    """Open every page that needs no number, and those of the first few things that have one."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule[1:5] != "leak"
    ]
    for rule in rules:
        paths = [rule.rule]
        if rule.arguments == {"connection_id"}:
            paths = [rule.rule.replace("<int:connection_id>", "1")]
        elif rule.arguments:
            continue
        for path in paths:
            if path not in ("/sign-out",):
                person.open(path)
    for invoice_id in invoice_ids(app):
        person.open(f"/invoices/{invoice_id}")


def invoice_ids(app: Flask) -> list[str]:
    with app.app_context():
        copies = metadata.tables["copy"]
        return [str(one) for one in db.session.scalars(select(copies.c.invoice_id).distinct())]


def rows(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every row of every table."""
    with app.app_context():
        for table in metadata.sorted_tables:
            for number, row in enumerate(db.session.execute(select(table))):
                yield f"{table.name} {number}", repr(tuple(row))


def dumped(app: Flask) -> Iterator[tuple[str, bytes]]:
    """Yield every table of PostgreSQL as ``pg_dump`` writes it; an SQLite file is searched as it is."""
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            return
        connection: Any = db.session.connection().connection
        for name in inspect(db.engine).get_table_names():
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as rows_of_table:
                yield f"dump of {name}", b"".join(bytes(each) for each in rows_of_table)


def jobs(url: str) -> Iterator[tuple[str, bytes]]:
    """Yield everything that the queue's server holds, compressed tracebacks opened."""
    redis: Any = redis_at(url)
    kinds = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": redis.xrange,
    }
    opened = []
    for key in redis.keys("*"):
        held = kinds[redis.type(key)](key)
        yield f"queue {key!r}", repr(held).encode()
        for part in strings(held):
            opened.append(opened_up(part))
            yield f"queue {key!r}", opened[-1]
    assert any(b"raise ValueError" in part for part in opened), "the failed job is kept with its traceback"


def strings(held: Any) -> Iterator[bytes]:
    """Yield every string inside something that Redis gave."""
    if isinstance(held, bytes):
        yield held
    elif isinstance(held, dict):
        yield from strings([*held.keys(), *held.values()])
    elif isinstance(held, list | set | tuple):
        for each in held:
            yield from strings(each)


def opened_up(part: bytes) -> bytes:
    """Return a string as it was before it was compressed, and perhaps spelt in base64."""
    for read in (zlib.decompress, lambda raw: zlib.decompress(base64.b64decode(raw, validate=True))):
        with suppress(zlib.error, binascii.Error):
            return read(part)
    return part
