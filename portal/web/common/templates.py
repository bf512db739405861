"""Jinja as the portal uses it."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class KnownEnvironment(Environment):
    """An environment whose templates share its globals."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give a template no mapping of its own where it has nothing of its own."""
        # Each import compares the names of both, and with a chain of mappings that is hundreds of calls.
        return super().make_globals(d) if d else self.globals
