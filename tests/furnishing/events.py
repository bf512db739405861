"""What was noted of an invoice."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.events import EventRow


def events_of(session: Session, invoice_id: str) -> Sequence[EventRow]:
    """Return what happened to an invoice, newest first."""
    return session.scalars(
        select(EventRow).where(EventRow.invoice_id == invoice_id).order_by(EventRow.id.desc())
    ).all()
