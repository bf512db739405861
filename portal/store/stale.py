"""What must be compared anew: noted by itself whenever a row changes that a comparison is made of."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, event, insert, inspect, literal, select
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from portal.store.base import Base
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.entries import AcceptedRow, EntryRow
from portal.store.feeds import PaymentFeedRow
from portal.store.invoices import InvoiceRow
from portal.store.terms import TermRow

INVOICE = "invoice"
ENTRY = "entry"
SUBSIDIARY = "subsidiary"
WATCHED = (InvoiceRow, CopyRow, TermRow, EntryRow, AcceptedRow, ConnectionRow, PaymentFeedRow)
OF_CONNECTION = ("copy_from", "state")
OF_PAYMENTS = ("on", "baseline_done")


class StaleRow(Base):
    """An invoice, an entry or a whole subsidiary whose comparison is out of date; twice does no harm."""

    __tablename__ = "stale_comparison"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[str]
    subject: Mapped[str]
    connection_id: Mapped[int | None] = mapped_column(default=None)


@event.listens_for(Session, "before_flush")
def note_stale(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Note what the rows about to be written make stale, in the same transaction."""
    changed = [row for row in session.dirty if isinstance(row, WATCHED) and session.is_modified(row)]
    found = {key for row in (*session.new, *changed) for key in _each_key(row)}
    session.add_all(
        StaleRow(kind=kind, connection_id=connection_id, subject=subject)
        for kind, connection_id, subject in sorted(found, key=str)
    )


def spread_subsidiaries(session: Session, subsidiaries: Iterable[str]) -> None:
    """Turn the notes of whole subsidiaries into one for each invoice, by date. Commits nothing."""
    for subject in sorted(set(subsidiaries)):
        same = (StaleRow.kind == SUBSIDIARY, StaleRow.subject == subject)
        session.execute(delete(StaleRow).where(*same))
        # By date, so that a batch touches few months' sums.
        every = select(literal(INVOICE), InvoiceRow.id).where(InvoiceRow.subsidiary_id == subject)
        every = every.order_by(InvoiceRow.invoiced_on)
        session.execute(insert(StaleRow).from_select(["kind", "subject"], every))


def _each_key(row: object) -> Iterator[tuple[str, int | None, str]]:
    if isinstance(row, InvoiceRow):
        yield INVOICE, None, row.id
    elif isinstance(row, CopyRow):
        yield INVOICE, None, row.invoice_id
    elif isinstance(row, TermRow):
        yield from ((ENTRY, row.connection_id, entry_id) for entry_id in _old_and_new(row, "entry_id"))
    elif isinstance(row, EntryRow):
        yield ENTRY, row.connection_id, row.id
    elif isinstance(row, AcceptedRow):
        yield ENTRY, row.connection_id, row.entry_id
    elif isinstance(row, ConnectionRow) and any(_changed(row, name) for name in OF_CONNECTION):
        yield SUBSIDIARY, None, row.subsidiary_id
    elif isinstance(row, PaymentFeedRow) and any(_changed(row, name) for name in OF_PAYMENTS):
        yield SUBSIDIARY, None, row.connection.subsidiary_id


def _old_and_new(row: object, name: str) -> set[Any]:
    history = inspect(row, raiseerr=True).attrs[name].history
    return {value for value in (*history.deleted, getattr(row, name)) if value}


def _changed(row: object, name: str) -> bool:
    return bool(inspect(row, raiseerr=True).attrs[name].history.has_changes())
