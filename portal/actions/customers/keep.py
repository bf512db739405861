"""Keep customers as Exact shows them, and mark those that it deleted."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Customer
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.store.catalogue import bury_customers, keep_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.events import note_event
from portal.store.unreadable import end_unreadable, note_unreadable


def keep_page(
    session: Session, connection_id: int, page: Sequence[Customer | Unreadable], now: datetime
) -> None:
    """Keep customers. One that cannot be read stays as it was."""
    customers = readable(page)
    keep_customers(session, connection_id, customers)
    note_unreadable(session, connection_id, unreadable(page), now)
    end_unreadable(session, connection_id, Kind.CUSTOMER, [one.id for one in customers], now)


def bury(session: Session, connection: ConnectionRow, ids: Iterable[str], now: datetime) -> None:
    """Mark customers as gone, and note those that a company is linked to."""
    gone = bury_customers(session, connection.id, ids)
    if not gone:
        return

    links = select(CustomerLinkRow.customer_id).where(
        CustomerLinkRow.connection_id == connection.id,
        CustomerLinkRow.customer_id.in_([row.id for row in gone]),
    )

    linked = set(session.scalars(links))
    for row in gone:
        if row.id in linked:
            note_event(
                session,
                at=now,
                actor="portal",
                kind=EventKind.CUSTOMER_GONE,
                said=said(Happened.CUSTOMER_GONE, customer=f"{row.code.strip()} {row.name}"),
                subsidiary_id=connection.subsidiary_id,
            )
