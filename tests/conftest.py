"""Fixtures for all tests: settings, the app, signed-in clients, and a database of either kind."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from portal import redact
from portal.actions.house.passwords import hasher
from portal.actions.house.sessions import begin_session
from portal.cli.bench.browser import find_browser
from portal.domain.house.states import Role
from portal.extensions import Portal, db, limiter, the_portal
from portal.settings import Settings
from portal.store.people import UserRow
from tests.furnishing.apps import an_app, settings_in
from tests.furnishing.databases import empty, start_postgres, with_tables
from tests.furnishing.measured import measured_if_asked
from tests.furnishing.order import how_many_processes, one_file_one_process, put_in_order
from tests.furnishing.passwords import PASSWORD, hash_cheaply
from tests.furnishing.seeds import VARIABLE, sandbox_ids, the_seed
from tests.pages import CheckingClient

NOT_FOUND = "was not found"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
missing_key = pytest.StashKey[str]()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a portal of one's own."""
    return settings_in(tmp_path)


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One app per test process."""
    yield from an_app(settings_in(tmp_path_factory.mktemp("portal")))


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The app with an empty database; its nudges are collected in ``nudges``."""
    portal = the_portal(shared_app)
    before = Portal(**vars(portal))
    with shared_app.app_context():
        empty(db.engine)
        limiter.reset()
    yield shared_app
    vars(portal).update(vars(before))


@pytest.fixture
def nudges(app: Flask) -> list[tuple[str, str]]:
    """What the app asked the worker to do: (job, subject)."""
    heard: list[tuple[str, str]] = []
    the_portal(app).nudge = lambda job, subject: heard.append((job, subject))
    return heard


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The app's database as a test sees it; the clients commit it before each request."""
    with app.app_context():
        engine = db.engine.execution_options(sqlite_begin="DEFERRED")
    with Session(engine) as session:
        yield session


@pytest.fixture
def client(app: Flask, session: Session) -> CheckingClient:
    """A browser nobody has signed in with."""
    return new_client(app, session)


def new_client(app: Flask, session: Session) -> CheckingClient:
    """Return a browser that shares the test's database session."""
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    client.session = session
    return client


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> None:
    hash_cheaply()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, made once."""
    return hasher.hash(PASSWORD)


SignedIn = Callable[..., CheckingClient]


@pytest.fixture
def signed_in(app: Flask, session: Session, password_hash: str) -> SignedIn:
    """Signs a person in: ``signed_in("viewer", subsidiaries=["1"])`` returns their browser."""

    def sign_in(role: str = Role.ADMINISTRATOR, subsidiaries: list[str] | None = None) -> CheckingClient:
        count = session.query(UserRow).count()
        email = f"{role}@example.com" if not count else f"{role}{count}@example.com"
        user = UserRow(
            email=email,
            name=role.title(),
            password_hash=password_hash,
            role=Role(role),
            created_at=NOW,
            subsidiaries=subsidiaries,
        )
        session.add(user)
        session.commit()
        client = new_client(app, session)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = a_token(session, user)
        return client

    return sign_in


def a_token(session: Session, user: UserRow) -> str:
    """Begin a session for somebody and return what their browser keeps of it."""
    now = datetime.now(UTC)
    idle = timedelta(hours=1)
    return begin_session(session, user, address="127.0.0.1", browser="Firefox", idle=idle, now=now)[1]


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An SQLite file with all tables, one per test process."""
    yield from with_tables(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of one's own, one server per test process."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        with start_postgres(folder) as url:
            yield url
    except RuntimeError as error:
        pytest.skip(f"PostgreSQL {NOT_FOUND} ({error})")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """A PostgreSQL database with all tables."""
    yield from with_tables(postgres_url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An empty database with all tables, of both kinds in turn."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    empty(engine)
    return engine


@pytest.fixture
def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions on an empty database, of both kinds in turn."""
    return sessionmaker(engine, expire_on_commit=False)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """How pytest-playwright starts Debian's Chromium, as root too."""
    quiet = ("background-networking", "component-update", "sync", "gpu")
    options = ["--no-sandbox", "--no-first-run", *(f"--disable-{part}" for part in quiet)]
    return {"executable_path": find_browser(), "args": options}


@pytest.fixture(autouse=True)
def _nothing_in_hand() -> Iterator[None]:
    """What one test had in hand as a secret may be a plain word of the next."""
    yield
    redact._known.clear()


@pytest.fixture(autouse=True)
def _sandbox_ids(request: pytest.FixtureRequest) -> Iterator[None]:
    with sandbox_ids(request.node.nodeid):
        yield


def pytest_configure() -> None:
    """Choose the seed before there are other processes, which take it over."""
    the_seed()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how what failed is repeated."""
    if terminalreporter.stats.get("failed"):
        terminalreporter.write_line(f"The sandbox takes the same ids with {VARIABLE}={the_seed()}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Begin one process more than there are processors. None leaves it to what the environment says."""
    return how_many_processes()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests out by files."""
    return one_file_one_process(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let long ones begin early where several processes run, and skip the browser tests where none is."""
    if hasattr(config, "workerinput"):
        put_in_order(items)
    if find_browser():
        return
    skip = pytest.mark.skip(reason=f"Chromium {NOT_FOUND}")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """Keep what was collected from being looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure coverage where the test counts for it, from its set-up to its end."""
    with measured_if_asked(item.nodeid):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Gather what was not run; in CI that is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    reasons = [str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)]
    missing = [reason.removeprefix("Skipped: ") for reason in reasons if NOT_FOUND in reason]
    if missing:
        names = ", ".join(f"{one} ({missing.count(one)} tests)" for one in sorted(set(missing)))
        session.config.stash[missing_key] = f"NOT RUN: {names}"
        if os.environ.get("CI") == "true":
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run with one line that names what was not run."""
    if line := config.stash.get(missing_key, None):
        print(line)  # noqa: T201
