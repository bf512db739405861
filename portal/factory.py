"""Builds the app: extensions, blueprints, errors, filters, commands."""

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.actions.engine.ports import NO_MARKS, Marks
from portal.call_counts import CallCounts
from portal.cli import register_commands
from portal.domain.here import HERE
from portal.domain.house.sessions import LONGEST
from portal.extensions import MIGRATIONS, LateMigrate, Portal, babel, csrf, db, limiter, login, tame_sqlite
from portal.logs import configure_logs
from portal.marks import StoredMarks
from portal.queue import nudge, others_wait
from portal.redact import know_for_good
from portal.settings import ROOT, Settings, environment, read_settings, secrets_of
from portal.store.vault import Vault
from portal.web.blueprints import register_blueprints
from portal.web.common.access import chosen_subsidiary, guard
from portal.web.common.banner import sign_in_warnings
from portal.web.common.compression import register_compression
from portal.web.common.entry_links import entry_url, payments_kept_off
from portal.web.common.errors import register_errors
from portal.web.common.formats import choose_language, register_filters
from portal.web.common.frame import closed_gate, signals, visible_subsidiaries
from portal.web.common.headers import headers_of, register_headers
from portal.web.common.live import noted_version
from portal.web.common.parts import register_parts
from portal.web.common.requests import register_request_log
from portal.web.common.said import register_sentences
from portal.web.common.signals import needs_words
from portal.web.common.static_files import serve_static
from portal.web.common.templates import KnownEnvironment
from portal.web.common.texts import take_texts
from portal.web.common.waits import register_waits
from portal.wiring import Wiring


def create_app(settings: Settings | None = None) -> Flask:
    """Build the app from these settings, else from the environment."""
    settings = settings or read_settings(environment())
    configure_logs()
    know_for_good(*secrets_of(settings))
    app = Flask(
        "portal",
        instance_path=str(ROOT / "instance"),
        template_folder=str(ROOT / "templates"),
        # They are answered before Flask: see ``serve_static``.
        static_folder=None,
    )

    app.jinja_environment = KnownEnvironment
    # All templates are kept, so that none needs its place in a line of those last used.
    app.jinja_options = {"cache_size": -1}
    app.config.from_mapping(config_of(settings))
    app.extensions["portal"] = Portal(settings, Vault(settings.encryption_keys), nudge)
    bind_database(app)
    register_request_log(app)
    bind_web(app, settings)
    register_commands(app)

    return app


def config_of(settings: Settings) -> dict[str, object]:
    """Return Flask's own configuration."""
    is_secure = settings.public_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.testing,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        # A cookie of this prefix is taken from this host alone, not from a sibling of its domain.
        "SESSION_COOKIE_NAME": "__Host-portal_session" if is_secure else "portal_session",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_secure,
        "PERMANENT_SESSION_LIFETIME": LONGEST,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_TIMEZONE": HERE.key,
        "RATELIMIT_STORAGE_URI": "memory://" if settings.testing else settings.redis_url,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def engine_options(url: str) -> dict[str, object]:
    """Return how to pool connections. A server's may have died idle, and errors say no values."""
    pooled = {} if url.startswith("sqlite") else {"pool_pre_ping": True, "pool_size": 10}
    return {"hide_parameters": True, **pooled}


def bind_database(app: Flask) -> None:
    """Bind the database, its migrations, and the clients that remember their grants in it."""
    db.init_app(app)
    app.extensions["migrate"] = LateMigrate(app, MIGRATIONS)

    with app.app_context():
        tame_sqlite(db.engine)
        sessions = sessionmaker(db.engine, expire_on_commit=False)

    portal: Portal = app.extensions["portal"]
    portal.wiring = Wiring(portal.settings, portal.vault, sessions, nudge, marks_of(app, portal.settings))
    portal.wiring.others_wait = others_wait
    portal.call_counts = CallCounts(portal.settings.redis_url)
    portal.wiring.count_call = portal.call_counts.count


def marks_of(app: Flask, settings: Settings) -> Marks:
    """Return what remembers the writes outside the database. Tests of the app keep nothing."""
    return (
        NO_MARKS if settings.testing else StoredMarks(settings.redis_url, Path(app.instance_path) / "marks")
    )


def bind_web(app: Flask, settings: Settings) -> None:
    """Bind what answers requests. The guard comes before the token check, so htmx learns it first."""
    if trusted := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]  # as Flask documents it

    serve_static(app, ROOT / "static", Path(app.instance_path) / "static", headers_of(settings))
    take_texts(app)
    register_waits(app, settings.person_seconds)
    login.init_app(app)
    login.session_protection = None
    babel.init_app(app, locale_selector=choose_language)
    app.before_request(guard)
    csrf.init_app(app)
    limiter.init_app(app)
    register_blueprints(app)
    register_errors(app)
    register_filters(app)
    register_sentences(app)
    register_parts(app)
    register_headers(app, settings)
    register_compression(app)
    app.jinja_env.globals["visible_subsidiaries"] = visible_subsidiaries
    app.jinja_env.globals["chosen_subsidiary"] = chosen_subsidiary
    app.jinja_env.globals["closed_gate"] = closed_gate
    app.add_template_filter(entry_url)
    app.add_template_filter(payments_kept_off)
    app.jinja_env.globals["sign_in_warnings"] = sign_in_warnings
    app.jinja_env.globals["signals"] = signals
    app.jinja_env.globals["needs_words"] = needs_words
    app.jinja_env.globals["noted_version"] = noted_version
