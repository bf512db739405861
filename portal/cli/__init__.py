"""The ``flask`` commands."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Give the app its commands."""
