"""The one list of features; each is a folder whose ``views`` module has a ``blueprint``."""

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
        if find_spec(name) and find_spec(f"{name}.views"):
            app.register_blueprint(import_module(f"{name}.views").blueprint)
