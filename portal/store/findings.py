"""Findings: what a person must look at, shown once while it lasts."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import new_id
from portal.domain.payments.states import FindingKind
from portal.store.base import Base, Instant, Word
from portal.store.copies import CopyRow

DELETED = "The entry was deleted in Exact. Payments already made stay; use Create new, or Do not copy."
OLDER = "Money arrived on an older copy of this invoice. Move it to the latest entry in Exact."
INVOICE_GONE = (
    "The invoice was deleted in Productive, but Exact has its entry and its money. Restore the invoice in "
    "Productive, or credit the entry in Exact."
)


class FindingRow(Base):
    """Something about an invoice's payments that a person must look at."""

    __tablename__ = "finding"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), index=True)
    kind: Mapped[FindingKind] = mapped_column(Word(FindingKind))
    text: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


def note_finding(session: Session, copy: CopyRow, kind: FindingKind, text: str, now: datetime) -> None:
    """Show a finding once while it lasts. Commits nothing."""
    same = select(FindingRow.id).where(
        FindingRow.invoice_id == copy.invoice_id, FindingRow.kind == kind, FindingRow.resolved_at.is_(None)
    )
    if session.scalar(same.limit(1)) is None:
        session.add(
            FindingRow(
                id=new_id(),
                connection_id=copy.connection_id,
                invoice_id=copy.invoice_id,
                kind=kind,
                text=text,
                found_at=now,
            )
        )


def keep_findings(
    session: Session, copy: CopyRow, findings: Mapping[FindingKind, str], now: datetime
) -> None:
    """Let exactly these findings (text by kind) be open for an invoice. Commits nothing."""
    rows = session.scalars(
        select(FindingRow).where(FindingRow.invoice_id == copy.invoice_id, FindingRow.resolved_at.is_(None))
    )
    for row in rows:
        if findings.get(row.kind) != row.text:
            row.resolved_at = now

    session.flush()
    for kind, text in findings.items():
        note_finding(session, copy, kind, text, now)


def end_finding(session: Session, invoice_id: str, kind: FindingKind, now: datetime) -> None:
    """End an open finding of one kind. Commits nothing."""
    rows = session.scalars(
        select(FindingRow).where(
            FindingRow.invoice_id == invoice_id, FindingRow.kind == kind, FindingRow.resolved_at.is_(None)
        )
    )
    for row in rows:
        row.resolved_at = now
