"""Flask's extensions, unbound, and the hooks that make SQLite tell the truth."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.catalogues import read_translations
from portal.settings import ROOT, Settings
from portal.store.rows import metadata
from portal.store.unready import NOTED
from portal.store.vault import Vault

READS = {"GET", "HEAD"}
# Milliseconds that a write waits for another one on SQLite.
PATIENCE = 30_000
IMPATIENCE = 100


class KnownDomain(Domain):  # type: ignore[misc]  # Flask-Babel tells no types
    """Finds the translations of a language by one look."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.known: dict[Locale | None, Any] = {}

    def get_translations(self) -> Any:
        """Return the translations of the request's language."""
        locale = get_locale()
        found = self.known.get(locale)
        if found is None:
            built = Path(current_app.instance_path) / "translations"
            found = read_translations(locale.language, built) if locale else NullTranslations()
            self.known[locale] = found

        return found


class KnownBabel(Babel):  # type: ignore[misc]  # the same
    """Flask-Babel with that domain."""

    @cached_property
    def domain_instance(self) -> KnownDomain:
        """The domain of all sentences."""
        return KnownDomain(domain=self.domain)


@dataclass
class Portal:
    """What belongs to one app beside Flask's own: settings, vault, clients and the worker's bell."""

    settings: Settings
    vault: Vault
    nudge: Nudge
    wiring: Any = None
    call_counts: Any = None


def the_portal(app: Flask | None = None) -> Portal:
    """Return what belongs to the (current) app."""
    return cast(Portal, (app or current_app).extensions["portal"])


def only_reads() -> bool:
    """Say whether the running request is a page read. A view marked ``writes`` is none."""
    if not has_request_context() or request.method not in READS:
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return not getattr(view, "writes", False)


class PageSession(FlaskSession):
    """A session that begins page reads DEFERRED on SQLite, so that they wait for nobody."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """Return the engine with the right way to begin, the same each time: one connection per session."""
        bind = super().get_bind(*args, **kwargs)
        if not only_reads():
            return bind
        if bind not in self.info:
            self.info[bind] = bind.execution_options(sqlite_begin="DEFERRED")

        return self.info[bind]


db = SQLAlchemy(metadata=metadata, session_options={"class_": PageSession, "expire_on_commit": False})
login = LoginManager()
csrf = CSRFProtect()
babel = KnownBabel()
limiter = Limiter(get_remote_address)


MIGRATIONS = ROOT / "portal" / "store" / "migrations"


class LateMigrate:
    """Stands where Flask-Migrate keeps what it knows of an app, and calls it when it is first asked for."""

    # With Alembic and Mako it takes 10 MB, which no page needs.
    def __init__(self, app: Flask, directory: Path) -> None:
        self._app = app
        self._directory = directory

    def __getattr__(self, name: str) -> Any:
        """Let Flask-Migrate take this place, and ask it."""
        from flask_migrate import Migrate

        Migrate(self._app, db, str(self._directory), compare_type=True, render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


@event.listens_for(Session, "after_commit")
def ring_for_noted(session: Session) -> None:
    """Wake the worker once it is committed that invoices must be looked at."""
    # The end of a savepoint commits nothing yet.
    if session.in_nested_transaction() or not session.info.pop(NOTED, False):
        return
    if has_app_context():
        the_portal().nudge(Job.KEEP_READY, "")


def keep_private(database: str | None) -> None:
    """Make a new SQLite file readable by its owner alone. What lies beside it is made like it."""
    if not database or database.startswith((":memory:", "file:")):
        return
    # A missing folder is told by SQLite itself, and what is there already stays as it is.
    with suppress(FileNotFoundError, FileExistsError):
        Path(database).touch(mode=0o600, exist_ok=False)


@contextmanager
def impatient_write(engine: Engine) -> Iterator[Session]:
    """Open a short transaction that gives up at once (OperationalError) where others write on SQLite."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection if engine.dialect.name == "sqlite" else None
        patience: Any = getattr(raw, "execute", lambda _pragma: None)
        patience(f"PRAGMA busy_timeout={IMPATIENCE}")

        try:
            with Session(connection) as session, session.begin():
                yield session
        finally:
            patience(f"PRAGMA busy_timeout={PATIENCE}")


def tame_sqlite(engine: Engine) -> None:
    """Begin every SQLite transaction IMMEDIATE with WAL and a busy time-out: no lost updates."""
    if engine.dialect.name != "sqlite":
        return

    keep_private(engine.url.database)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA busy_timeout={PATIENCE}")
        connection.execute("PRAGMA foreign_keys=ON")
        # A row that REPLACE takes away is told to the triggers that count rows.
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")
