"""A fresh sandbox per test."""

import pytest
from flask import Flask

from portal.sandbox.exact.app import create_exact_app
from tests.sandbox.exact.client import Exact


@pytest.fixture
def app() -> Flask:
    return create_exact_app()


@pytest.fixture
def exact(app: Flask) -> Exact:
    return Exact(app).sign_in()
