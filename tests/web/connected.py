"""The app over fakes, and connections built through the actions."""

from bs4 import BeautifulSoup, Tag
from flask import Flask

from portal.extensions import the_portal
from tests.fakes import FakeWiring


def wire_fakes(app: Flask) -> FakeWiring:
    """Put the fakes where the app looks for its clients; the ``app`` fixture puts the real ones back."""
    portal = the_portal(app)
    fakes = FakeWiring(portal.settings, portal.vault, None)
    portal.wiring = fakes
    return fakes


def find_named(page: BeautifulSoup | Tag, tag: str, name: str) -> Tag | None:
    """Find a link or button by its words."""
    return next((one for one in page.find_all(tag) if one.get_text(strip=True) == name), None)
