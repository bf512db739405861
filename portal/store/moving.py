"""When invoices that another link exported were to be looked up in Exact, and which these are."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.copies.standing import Standing
from portal.domain.said import Said
from portal.store.base import Base, Instant
from portal.store.connections import ConnectionRow
from portal.store.invoice_tallies import BY_STANDING
from portal.store.invoices import ELSEWHERE, InvoiceRow
from portal.store.looks import LookRow
from portal.store.said_column import SaidColumn
from portal.store.tallies import add_up

# So many are looked at on one page. What is left comes once some of these are linked.
MOST = 1000


class MovingRow(Base):
    """The last look in Exact for what another link exported, one per connection."""

    __tablename__ = "moving"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    wanted_at: Mapped[datetime] = mapped_column(Instant)
    # When the last of them was looked up, None while it goes on.
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    looked_up: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)


def find_moving(session: Session, connection_id: int) -> MovingRow | None:
    """Find the last look, None where there was none yet."""
    return session.get(MovingRow, connection_id, populate_existing=True)


def moving_of(session: Session, connection_ids: Collection[int]) -> dict[int, MovingRow]:
    """Return the last looks of some connections, as they are now."""
    query = select(MovingRow).where(MovingRow.connection_id.in_(connection_ids))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.connection_id: row for row in rows}


def counts_elsewhere(session: Session, subsidiaries: Collection[str]) -> dict[str, int]:
    """Count what another link exported, for each of some subsidiaries that has any."""
    kept = BY_STANDING.c
    mine = (kept.standing == Standing.ELSEWHERE, kept.subsidiary_id.in_(subsidiaries))
    return {
        row.subsidiary_id: int(row.rows)
        for row in session.execute(BY_STANDING.read("subsidiary_id", where=mine))
    }


def any_running(session: Session, connection_ids: Collection[int]) -> bool:
    """Say whether Exact is being asked for what one of these connections moves over."""
    mine = (MovingRow.connection_id.in_(connection_ids), MovingRow.ended_at.is_(None))
    return session.scalar(select(MovingRow.connection_id).where(*mine).limit(1)) is not None


def connections_to_look_up(session: Session) -> list[int]:
    """Return the connections of which something is still to be looked up."""
    query = (
        select(MovingRow.connection_id)
        .join(ConnectionRow, ConnectionRow.id == MovingRow.connection_id)
        .where(MovingRow.ended_at.is_(None), ConnectionRow.live_subsidiary.is_not(None))
    )
    return list(session.scalars(query))


def exported_elsewhere(session: Session, subsidiary_id: str, most: int = MOST) -> Sequence[InvoiceRow]:
    """Return the invoices that another link exported and that are linked to no entry, newest first."""
    query = select(InvoiceRow).where(*_elsewhere(subsidiary_id))
    return session.scalars(
        query.order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc()).limit(most)
    ).all()


def count_elsewhere(session: Session, subsidiaries: Collection[str] | None = None) -> int:
    """Count what another link exported in connected subsidiaries, of these or of all."""
    kept = BY_STANDING.c
    live = select(ConnectionRow.live_subsidiary).where(ConnectionRow.live_subsidiary.is_not(None))
    chosen = [kept.standing == Standing.ELSEWHERE, kept.subsidiary_id.in_(live)]
    if subsidiaries is not None:
        chosen.append(kept.subsidiary_id.in_(subsidiaries))

    return session.scalar(select(add_up(kept.rows)).where(*chosen)) or 0


def numbers_to_look_up(session: Session, connection: ConnectionRow, since: datetime, most: int) -> list[str]:
    """Return the next numbers that nobody looked up since a moment."""
    seen = select(LookRow.number).where(LookRow.connection_id == connection.id, LookRow.looked_at >= since)
    number = func.trim(InvoiceRow.number)
    query = (
        select(number)
        .where(*_elsewhere(connection.subsidiary_id), number != "", number.not_in(seen))
        .order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
        .limit(most)
    )

    return list(dict.fromkeys(session.scalars(query)))


def exported_under(session: Session, subsidiary_id: str, numbers: Sequence[str]) -> Sequence[InvoiceRow]:
    """Return what another link exported under some numbers."""
    under = func.trim(InvoiceRow.number).in_(numbers)
    return session.scalars(select(InvoiceRow).where(*_elsewhere(subsidiary_id), under)).all()


def still_elsewhere() -> tuple[ColumnElement[bool], ...]:
    """Say in SQL that an invoice is another link's, and neither deleted nor a sample."""
    return (InvoiceRow.copy_state == ELSEWHERE, InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False))


def _elsewhere(subsidiary_id: str | None = None) -> tuple[ColumnElement[bool], ...]:
    chosen = still_elsewhere()
    return chosen if subsidiary_id is None else (*chosen, InvoiceRow.subsidiary_id == subsidiary_id)
