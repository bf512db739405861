"""What every form of the portal is made from."""

from flask_wtf import FlaskForm


class PortalForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF tells no types
    """A form that carries the token against forged requests."""
