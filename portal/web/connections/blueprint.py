"""The blueprint of connections, and what all of its views need."""

from flask import Blueprint, abort
from flask_babel import gettext as _

from portal.actions.engine.ports import Ledger
from portal.domain.connections.states import ConnectionState
from portal.extensions import db
from portal.remote.errors import MisconfiguredError, MissingRightError, RemoteError, SignInLostError
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.web.common.access import see_or_404
from portal.web.common.errors import sentence_of
from portal.web.common.frame import places
from portal.wiring import current as wiring

NATIVE_LINK = 4
blueprint = Blueprint("connections", __name__)


def connection_or_404(connection_id: int) -> ConnectionRow:
    """Return a connection in use that the person may see."""
    row = places().connection(connection_id)
    if row is None or row.state == ConnectionState.DISCONNECTED:
        abort(404)
    see_or_404(row.subsidiary_id)
    return row


def subsidiary_of(row: ConnectionRow) -> SubsidiaryRow:
    """Return a connection's subsidiary."""
    return places().subsidiary(row.subsidiary_id) or db.session.get_one(SubsidiaryRow, row.subsidiary_id)


def ledger_of(row: ConnectionRow, division: int | None) -> Ledger:
    """Return a division as the connection's sign-in sees it."""
    # The running transaction ends first, for Exact may be asked next.
    grant_id = row.grant_id
    db.session.commit()
    if grant_id is None:
        raise SignInLostError("This connection has no sign-in at Exact.")

    return wiring().ledger_of_grant(grant_id, division)


def say_trouble(error: RemoteError) -> str:
    """Say in plain words why Exact could not be asked, for someone who is waiting for it."""
    happened, step = sentence_of(error, "Exact")
    if isinstance(error, SignInLostError):
        step = _("Sign in at Exact again.")
    elif isinstance(error, MissingRightError):
        step = _("Have the right granted in Exact, or sign in as somebody else.")
    elif not isinstance(error, MisconfiguredError):
        step = _("Nothing was lost; try again in a moment.")

    return " ".join((happened, str(step)))
