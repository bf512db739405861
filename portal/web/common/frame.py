"""The frame of every page: what it shows besides its own content, read once a request.

Whoever needs one of these rows asks here, so that no row is read twice.
"""

from collections.abc import Sequence

from flask import g, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.store.connections import ProductiveRow, SubsidiaryRow
from portal.store.frame import ClosedGate, Places, Singles, read_places, read_singles
from portal.store.pulse import BEAT
from portal.store.signals import Signals
from portal.web.common.access import current_person, subsidiary_scope


def singles() -> Singles:
    """Return what there is one of, in one statement."""
    if "singles" not in g:
        g.singles = read_singles(db.session(), subsidiary_scope())
    found: Singles = g.singles
    return found


def places() -> Places:
    """Return the subsidiaries that the person may see, their connections and sign-ins, in one statement."""
    if "places" not in g:
        g.places = read_places(db.session(), current_person().subsidiaries)
    found: Places = g.places
    return found


def productive() -> ProductiveRow | None:
    """Return the access to Productive."""
    return singles().productive


def closed_gate() -> ClosedGate | None:
    """Return the gate while copying is closed after a restore."""
    return singles().gate


def signals() -> Signals:
    """Return what needs somebody in the chosen subsidiaries."""
    return singles().signals


def visible_subsidiaries() -> Sequence[SubsidiaryRow]:
    """Return the subsidiaries that the person may see, by name. Archived ones come last."""
    return places().subsidiaries


def name_of_subsidiary(subsidiary_id: str) -> str:
    """Name a subsidiary that the person may see, empty where nothing was read of it."""
    row = places().subsidiary(subsidiary_id)
    return row.name if row else ""


@event.listens_for(Session, "after_commit")
def _read_anew(session: Session) -> None:
    """Forget the frame once something that pages show was written during the request."""
    if session.info.pop(BEAT, False) and has_request_context():
        g.pop("singles", None)
        g.pop("places", None)
