"""The way to the consent page of Exact."""

import secrets

from flask import redirect, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.store.connections import ConnectionRow
from portal.web.common.grant_words import LOCALES
from portal.wiring import current as wiring

STATES = "exact_states"


LAST = "exact_connection"


KEPT_STATES = 5


def not_registered(locale: str) -> str:
    """Say that there is no app of ours at a country site."""
    return str(
        _(
            "This portal is not registered with Exact in %(country)s yet. "
            "The operator sets EXACT_%(code)s_CLIENT_ID and EXACT_%(code)s_CLIENT_SECRET.",
            country=_(LOCALES[locale]),
            code=locale,
        )
    )


def go_to_exact(row: ConnectionRow) -> ResponseReturnValue:
    """Bind a fresh state to the browser's session and redirect to Exact."""
    state = secrets.token_urlsafe(24)
    states = dict(list(session.get(STATES, {}).items())[-KEPT_STATES + 1 :])
    session[STATES] = {**states, state: row.id}
    session[LAST] = row.id
    return redirect(wiring().sign_in(row.locale).authorization_url(state), 303)
