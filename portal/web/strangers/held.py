"""What a person is shown of the entries in Exact that stand under an invoice's number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.look_up import look_up
from portal.actions.copies.strangers import judge_strangers
from portal.domain.copies.strangers import Stranger, name_stranger
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.store.connections import find_live_connection
from portal.store.copies import IN_EXACT, IN_FLIGHT
from portal.store.invoices import InvoiceRow
from portal.store.looks import SetAsideRow, asides_of, find_look
from portal.web.common.access import wiring
from portal.web.common.clock import now
from portal.web.common.waits import Trouble, trouble_of


@dataclass(frozen=True, slots=True)
class Held:
    """What the last look showed. ``looked_at`` is None where a new one is needed."""

    looked_at: datetime | None
    strangers: Sequence[Stranger]
    asides: Sequence[SetAsideRow]
    may_link: bool
    trouble: Trouble | None = None

    def text_of(self, stranger: Stranger) -> str:
        """Name a stranger in a sentence."""
        return name_stranger(stranger).text


def read_held(
    session: Session,
    connection_id: int,
    row: InvoiceRow,
    customer_id: str | None,
    *,
    trouble: Trouble | None = None,
    however_old: bool = False,
) -> Held:
    """Read what the last look showed. An old one counts only if that is said."""
    look = find_look(session, connection_id, row.number)
    moment = now()
    counts = look is not None and (however_old or look.is_fresh(moment))
    judged = judge_strangers(session, connection_id, row, customer_id) if counts else []

    return Held(
        looked_at=look.looked_at if look is not None and counts else None,
        strangers=judged,
        asides=asides_of(session, row.id),
        may_link=row.copy_state not in (*IN_EXACT, *IN_FLIGHT),
        trouble=trouble,
    )


def look_now(row: InvoiceRow) -> Trouble | None:
    """Look what Exact holds under an invoice's number, unless that is known. Returns why it failed."""
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
