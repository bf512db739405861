"""Events: everything that happened, for people."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.events import EventKind
from portal.domain.said import Said, Value
from portal.store.base import Base, Instant
from portal.store.invoices import InvoiceRow
from portal.store.said_column import ValuesColumn

ONLY_FOR_ADMINISTRATORS = (EventKind.SIGNED_IN, EventKind.SIGNED_OUT, EventKind.SIGN_IN_FAILED)


class EventRow(Base):
    """One thing that happened: who, what, to which invoice or connection."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_invoice", "invoice_id", "id"),
        Index("ix_event_subsidiary", "subsidiary_id", "id"),
        Index("ix_event_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str]
    # Free text, for what earlier versions wrote down stays as it was written; ``note_event`` takes a member.
    kind: Mapped[str]
    # What is told of it, see ``sentences/events.py``.
    code: Mapped[str]
    told: Mapped[Mapping[str, Value]] = mapped_column(ValuesColumn)
    # Also of what happened to an invoice, so that a list of one subsidiary looks at no invoice.
    subsidiary_id: Mapped[str | None] = mapped_column(default=None)
    invoice_id: Mapped[str | None] = mapped_column(default=None)
    copy_id: Mapped[str | None] = mapped_column(default=None)

    @property
    def said(self) -> Said:
        """What is told of it."""
        return Said(self.code, self.told)


def note_event(
    session: Session,
    *,
    at: datetime,
    actor: str,
    kind: EventKind,
    said: Said,
    subsidiary_id: str | None = None,
    invoice_id: str | None = None,
    copy_id: str | None = None,
) -> None:
    """Add an event to the running transaction. What happened to an invoice is of its subsidiary."""
    row = EventRow(
        at=at,
        actor=actor,
        kind=str(kind),
        code=str(said.code),
        told=said.values,
        subsidiary_id=subsidiary_id,
        invoice_id=invoice_id,
        copy_id=copy_id,
    )
    if subsidiary_id is None and invoice_id is not None:
        owner = select(InvoiceRow.subsidiary_id).where(InvoiceRow.id == invoice_id)
        row.subsidiary_id = owner.scalar_subquery()
    session.add(row)
