"""Findings: what a person must look at, shown once while it lasts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import new_id
from portal.domain.payments.states import FindingKind
from portal.domain.payments.words import Figures, say_finding
from portal.domain.said import Said
from portal.store.base import Base, Instant, Word
from portal.store.copies import CopyRow


class FindingRow(Base):
    """Something about an invoice's payments that a person must look at."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_open", "resolved_at", "found_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), index=True)
    kind: Mapped[FindingKind] = mapped_column(Word(FindingKind))
    found_at: Mapped[datetime] = mapped_column(Instant)
    # What its sentence tells besides: amounts, a doubt, what was said.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict, insert_default=dict)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    @property
    def said(self) -> Said:
        """What a person is told."""
        return say_finding(self.kind, self.figures)


def note_finding(
    session: Session, copy: CopyRow, kind: FindingKind, now: datetime, figures: Figures | None = None
) -> None:
    """Show a finding once while it lasts."""
    same = select(FindingRow.id).where(
        FindingRow.invoice_id == copy.invoice_id, FindingRow.kind == kind, FindingRow.resolved_at.is_(None)
    )
    if session.scalar(same.limit(1)) is None:
        session.add(_new_finding(copy, kind, now, figures or {}))


def keep_findings(
    session: Session, copy: CopyRow, findings: Mapping[FindingKind, Figures], now: datetime
) -> None:
    """Let exactly these findings be open for an invoice, each told by its kind and figures."""
    rows = session.scalars(
        select(FindingRow).where(FindingRow.invoice_id == copy.invoice_id, FindingRow.resolved_at.is_(None))
    )
    open_kinds = set[FindingKind]()

    for row in rows:
        if findings.get(row.kind) == row.figures:
            open_kinds.add(row.kind)
        else:
            row.resolved_at = now

    session.add_all(
        _new_finding(copy, kind, now, figures) for kind, figures in findings.items() if kind not in open_kinds
    )


def _new_finding(copy: CopyRow, kind: FindingKind, now: datetime, figures: Figures) -> FindingRow:
    return FindingRow(
        id=new_id(),
        connection_id=copy.connection_id,
        invoice_id=copy.invoice_id,
        kind=kind,
        figures=dict(figures),
        found_at=now,
    )


def end_finding(session: Session, invoice_id: str, kind: FindingKind, now: datetime) -> None:
    """End an open finding of one kind."""
    rows = session.scalars(
        select(FindingRow).where(
            FindingRow.invoice_id == invoice_id, FindingRow.kind == kind, FindingRow.resolved_at.is_(None)
        )
    )
    for row in rows:
        row.resolved_at = now
