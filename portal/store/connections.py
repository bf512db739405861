"""Connections: one Productive subsidiary to one Exact division, and Productive's own access."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.states import ConnectionState, NumberSource, PaymentsMode
from portal.store.base import Base, Instant, Large, Word


class ProductiveRow(Base):
    """Access to the one Productive organisation; its id is always 1."""

    __tablename__ = "productive"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[str]
    organization_name: Mapped[str]
    currency: Mapped[str]
    token_sealed: Mapped[str]
    checked_at: Mapped[datetime] = mapped_column(Instant)
    invoices_pulled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    invoices_pulled_to: Mapped[date | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)


class SubsidiaryRow(Base):
    """A legal entity in Productive."""

    __tablename__ = "subsidiary"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    export_integration: Mapped[int | None] = mapped_column(default=None)
    archived: Mapped[bool] = mapped_column(default=False)


class ConnectionRow(Base):
    """One subsidiary on one division; ``live_*`` are unique while it is live, else empty."""

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    subsidiary_id: Mapped[str] = mapped_column(index=True)
    locale: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grant.id"), default=None)
    state: Mapped[ConnectionState] = mapped_column(Word(ConnectionState), default=ConnectionState.DRAFT)
    live_subsidiary: Mapped[str | None] = mapped_column(unique=True, default=None)
    live_division: Mapped[str | None] = mapped_column(unique=True, default=None)
    division: Mapped[int | None] = mapped_column(default=None)
    division_name: Mapped[str] = mapped_column(default="")
    division_country: Mapped[str] = mapped_column(default="")
    division_currency: Mapped[str] = mapped_column(default="EUR")
    division_moved_on: Mapped[date | None] = mapped_column(default=None)
    number_source: Mapped[NumberSource] = mapped_column(Word(NumberSource), default=NumberSource.PRODUCTIVE)
    default_journal: Mapped[str | None] = mapped_column(default=None)
    credit_journal: Mapped[str | None] = mapped_column(default=None)
    copy_from: Mapped[date | None] = mapped_column(default=None)
    default_ledger: Mapped[str | None] = mapped_column(default=None)
    books_closed_until: Mapped[date | None] = mapped_column(default=None)
    send_credit_type: Mapped[bool] = mapped_column(default=False)
    payments_on: Mapped[bool] = mapped_column(default=False)
    payments_mode: Mapped[PaymentsMode] = mapped_column(Word(PaymentsMode), default=PaymentsMode.FROM_NOW)
    payments_since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    baseline_done: Mapped[bool] = mapped_column(default=False)
    write_off_differences: Mapped[bool] = mapped_column(default=True)
    mark_sent_by_itself: Mapped[bool] = mapped_column(default=False)
    term_cursor: Mapped[Large] = mapped_column(default=1)
    deleted_cursor: Mapped[Large] = mapped_column(default=1)
    customer_cursor: Mapped[Large] = mapped_column(default=1)
    # Deleted customers are read apart from deleted terms, for payments may be off. The moment is Exact's.
    customer_deleted_cursor: Mapped[Large] = mapped_column(default=1)
    customers_sure_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    catalogue_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    catalogue_trouble: Mapped[str | None] = mapped_column(default=None)
    payments_pulled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    payments_trouble: Mapped[str | None] = mapped_column(default=None)
    # By Exact's clock the end of the last whole read of both feeds; by ours when the last whole pull began.
    terms_read_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    pull_began_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    controlled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    control_trouble: Mapped[str | None] = mapped_column(default=None)
    missing_rights: Mapped[str | None] = mapped_column(default=None)
    hooks_trouble: Mapped[str | None] = mapped_column(default=None)
    # The codes of what failed in the last trial that saw it, see store/trials.py.
    failed_assumptions: Mapped[str] = mapped_column(default="")
    disconnected_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


def find_live_connection(session: Session, subsidiary_id: str) -> ConnectionRow | None:
    """Find the live connection of a subsidiary."""
    return session.scalar(select(ConnectionRow).where(ConnectionRow.live_subsidiary == subsidiary_id))


def live_connections(session: Session) -> Sequence[ConnectionRow]:
    """Return all live connections, oldest first."""
    return session.scalars(
        select(ConnectionRow).where(ConnectionRow.state == ConnectionState.LIVE).order_by(ConnectionRow.id)
    ).all()


def division_key(locale: str, division: int) -> str:
    """Spell what is unique per live connection: a division of a country site."""
    return f"{locale}-{division}"


def find_draft(session: Session, subsidiary_id: str) -> ConnectionRow | None:
    """Find the connection of a subsidiary that is being set up."""
    return session.scalar(
        select(ConnectionRow)
        .where(ConnectionRow.subsidiary_id == subsidiary_id, ConnectionRow.state == ConnectionState.DRAFT)
        .order_by(ConnectionRow.id.desc())
    )


def find_former(session: Session, subsidiary_id: str, locale: str, division: int) -> ConnectionRow | None:
    """Find the disconnected connection of a subsidiary and a division, the newest of several."""
    return session.scalar(
        select(ConnectionRow)
        .where(
            ConnectionRow.subsidiary_id == subsidiary_id,
            ConnectionRow.locale == locale,
            ConnectionRow.division == division,
            ConnectionRow.state == ConnectionState.DISCONNECTED,
        )
        .order_by(ConnectionRow.id.desc())
    )


def connections_in_use(
    session: Session, subsidiaries: Sequence[str] | None = None
) -> Sequence[ConnectionRow]:
    """Return live connections and drafts, live ones first, of all or the named subsidiaries."""
    query = select(ConnectionRow).where(
        ConnectionRow.state.in_((ConnectionState.LIVE, ConnectionState.DRAFT))
    )
    if subsidiaries is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(subsidiaries))
    return session.scalars(query.order_by(ConnectionRow.state.desc(), ConnectionRow.id)).all()


def uses_of_grant(session: Session, grant_id: int) -> int:
    """Say how many live connections and drafts share a grant."""
    rows = select(ConnectionRow.id).where(
        ConnectionRow.grant_id == grant_id,
        ConnectionRow.state.in_((ConnectionState.LIVE, ConnectionState.DRAFT)),
    )
    return len(session.scalars(rows).all())


def live_subsidiaries(session: Session, grant_id: int) -> Sequence[str]:
    """Return the subsidiaries whose live connections use a grant."""
    return session.scalars(
        select(ConnectionRow.subsidiary_id)
        .where(ConnectionRow.grant_id == grant_id, ConnectionRow.state == ConnectionState.LIVE)
        .order_by(ConnectionRow.id)
    ).all()


def live_divisions(session: Session) -> dict[str, str]:
    """Return which subsidiary each live division belongs to, by ``division_key``."""
    return {row.live_division: row.subsidiary_id for row in live_connections(session) if row.live_division}
