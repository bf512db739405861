"""Finds the browser that pictures are taken with and tests drive."""

import shutil

from portal.settings import shell_environment

# The first one opens no windows, so it starts, opens and closes pages with less work.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def find_browser() -> str | None:
    """Return the browser's program: the one named in ``PORTAL_CHROMIUM``, or else the first that is found."""
    found = (shutil.which(name) for name in BROWSERS)
    return shell_environment().get("PORTAL_CHROMIUM") or next((path for path in found if path), None)
