"""The one list of features; each is a folder whose ``views`` module has a ``blueprint``."""

import logging
from importlib import import_module
from importlib.util import find_spec

from flask import Flask

FEATURES = (
    "auth",
    "account",
    "users",
    "health",
    "settings",
    "connections",
    "catalogue",
    "mappings",
    "invoices",
    "copies",
    "payments",
    "activity",
)


def register_blueprints(app: Flask) -> None:
    """Register every feature."""
    for feature in FEATURES:
        name = f"portal.web.{feature}"
        if not find_spec(name) or not find_spec(f"{name}.views"):
            continue
        try:
            app.register_blueprint(import_module(f"{name}.views").blueprint)
        except ImportError as error:  # only until every helper is done
            logging.getLogger("portal").error("no %s: %s", feature, error)
    app.url_build_error_handlers.append(lambda _error, endpoint, _values: f"/missing/{endpoint}")
