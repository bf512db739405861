"""Productive as a real HTTP server: its public API, back doors for tests, and a page to play the person.

``create_productive_app()`` builds it. ``python -m portal.sandbox.productive`` serves it on loopback.
"""

from portal.sandbox.productive.app import create_productive_app

__all__ = ["create_productive_app"]
