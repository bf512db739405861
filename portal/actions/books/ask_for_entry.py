"""Ask Exact for one entry."""

from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import transaction
from portal.domain.unreadable import Kind
from portal.remote.odd import UnreadableError
from portal.store.entries import (
    keep_read,
)
from portal.store.leases import check_held
from portal.store.unreadable import end_unreadable, note_unreadable


def ask_for_entry(session: Session, ledger: Ledger, connection_id: int, entry_id: str, clock: Clock) -> None:
    """Ask for one entry that seems to be gone: kept as it is now, or noted as deleted."""
    asked_at = clock()
    try:
        entry = ledger.read_entry(entry_id)
    except UnreadableError as error:
        # It is there, so it is not gone.
        with transaction(session):
            note_unreadable(session, connection_id, [error.record], asked_at)

        return

    with transaction(session):
        check_held(session)
        keep_read(session, connection_id, entry_id, entry, asked_at)
        end_unreadable(session, connection_id, Kind.ENTRY, [entry_id], asked_at)
