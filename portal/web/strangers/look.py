"""A look at what Exact holds under an invoice's number, while a person waits."""

from portal.actions.copies.look_up import look_up
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.store.connections import find_live_connection
from portal.store.invoices import InvoiceRow
from portal.store.looks import find_look
from portal.web.common.access import wiring
from portal.web.common.clock import now
from portal.web.common.waits import Trouble, trouble_of


def look_now(row: InvoiceRow) -> Trouble | None:
    """Look what Exact holds under an invoice's number, unless that is known. Return why it failed."""
    session = db.session()
    number = (row.number or "").strip()
    connection = find_live_connection(session, row.subsidiary_id)
    look = find_look(session, connection.id, number) if connection else None

    if connection is None or not number or (look is not None and look.is_fresh(now())):
        return None

    session.commit()
    try:
        look_up(session, wiring().ledger(connection.id), connection.id, number, clock=now)
    except RemoteError as error:
        session.rollback()
        return trouble_of(error, now())

    return None
