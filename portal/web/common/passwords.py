"""Why a new password is not taken, in words that say what to do."""

from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.actions.house.passwords import SHORTEST_PASSWORD, BadPasswordError
from portal.domain.house.states import PasswordFault
from portal.extensions import the_portal


def say_bad_password(error: BadPasswordError) -> str:
    """Say what is wrong with a password and what to take instead."""
    if error.why is PasswordFault.SHORT:
        return str(_("Take at least %(count)d characters.", count=SHORTEST_PASSWORD))

    if error.why is PasswordFault.GUESSABLE:
        return str(
            _(
                "This password is easy to guess. "
                "Take some words that belong neither together nor to the person or this portal."
            )
        )

    return str(_("This password was used before. Choose a new one."))


def about_the_portal() -> tuple[str, ...]:
    """Return what a password for this portal may be guessed from."""
    return (urlsplit(the_portal().settings.public_url).hostname or "",)
