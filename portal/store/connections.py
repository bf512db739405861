"""Connections: one Productive subsidiary to one Exact division, and Productive's own access."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.domain.booking.catalogue import Division
from portal.domain.connections.states import ConnectionState, NumberSource
from portal.domain.said import Said
from portal.store.base import Base, Instant, Word
from portal.store.feeds import CustomerFeedRow, PaymentFeedRow
from portal.store.said_column import SaidColumn
from portal.store.stale import SUBSIDIARY, Compared, StaleKey, has_changed
from portal.store.unready import SUBSIDIARY as ONE_SUBSIDIARY
from portal.store.unready import Foreseen, UnreadyKey

# What decides whether and how invoices are booked.
BOOKED_BY = (
    "state",
    "live_subsidiary",
    "division",
    "division_country",
    "division_currency",
    "division_moved_on",
    "number_source",
    "default_journal",
    "credit_journal",
    "copy_from",
    "default_ledger",
    "books_closed_until",
    "send_credit_type",
    "failed_assumptions",
)


class ProductiveRow(Base):
    """Access to the one organisation in Productive. Its id is always 1."""

    __tablename__ = "productive"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[str]
    organization_name: Mapped[str]
    currency: Mapped[str]
    token_sealed: Mapped[str]
    checked_at: Mapped[datetime] = mapped_column(Instant)
    invoices_pulled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    invoices_pulled_to: Mapped[date | None] = mapped_column(default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)


class SubsidiaryRow(Base):
    """A legal entity in Productive."""

    __tablename__ = "subsidiary"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    export_integration: Mapped[int | None] = mapped_column(default=None)
    archived: Mapped[bool] = mapped_column(default=False)


class ConnectionRow(Compared, Foreseen, Base):
    """One subsidiary on one division. ``live_*`` are unique while it is live, else empty."""

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    subsidiary_id: Mapped[str] = mapped_column(index=True)
    locale: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grant.id"), default=None)
    state: Mapped[ConnectionState] = mapped_column(Word(ConnectionState), default=ConnectionState.DRAFT)
    live_subsidiary: Mapped[str | None] = mapped_column(unique=True, default=None)
    live_division: Mapped[str | None] = mapped_column(unique=True, default=None)
    disconnected_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    # The division, once it is chosen.
    division: Mapped[int | None] = mapped_column(default=None)
    division_name: Mapped[str] = mapped_column(default="")
    division_country: Mapped[str] = mapped_column(default="")
    division_currency: Mapped[str] = mapped_column(default="EUR")
    division_moved_on: Mapped[date | None] = mapped_column(default=None)

    # The rules of booking.
    number_source: Mapped[NumberSource] = mapped_column(Word(NumberSource), default=NumberSource.PRODUCTIVE)
    default_journal: Mapped[str | None] = mapped_column(default=None)
    credit_journal: Mapped[str | None] = mapped_column(default=None)
    copy_from: Mapped[date | None] = mapped_column(default=None)
    default_ledger: Mapped[str | None] = mapped_column(default=None)
    books_closed_until: Mapped[date | None] = mapped_column(default=None)
    send_credit_type: Mapped[bool] = mapped_column(default=False)

    # What was read of the division besides its feeds.
    catalogue_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    catalogue_trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    missing_rights: Mapped[str | None] = mapped_column(default=None)
    hooks_trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    # The codes of what failed in the last trial that saw it, see store/trials.py.
    failed_assumptions: Mapped[str] = mapped_column(default="")

    # Read together with the connection, in one statement.
    payments: Mapped[PaymentFeedRow] = relationship(
        back_populates="connection",
        lazy="joined",
        innerjoin=True,
        cascade="all, delete-orphan",
        default=None,
    )
    customers: Mapped[CustomerFeedRow] = relationship(
        lazy="joined", innerjoin=True, cascade="all, delete-orphan", default=None
    )

    def __post_init__(self) -> None:
        """Begin with feeds that nobody has read yet."""
        self.payments = self.payments or PaymentFeedRow()
        self.customers = self.customers or CustomerFeedRow()

    @property
    def is_live(self) -> bool:
        """Say whether its set-up is finished and nobody disconnected it."""
        return self.state == ConnectionState.LIVE

    @property
    def has_history(self) -> bool:
        """Say whether it is live, or once was."""
        return self.is_live or self.disconnected_at is not None

    @property
    def the_division(self) -> Division:
        """The division in which it books."""
        return Division(
            code=self.division or 0,
            hid="",
            name=self.division_name,
            country=self.division_country,
            currency=self.division_currency,
            moved_on=self.division_moved_on,
        )

    def go_live(self, key: str, now: datetime) -> None:
        """Finish the set-up of a draft. ``key`` is the ``division_key`` of its division."""
        self.state = ConnectionState.LIVE
        self.disconnected_at = None
        self.live_subsidiary = self.subsidiary_id
        self.live_division = key
        if self.payments.on:
            self.payments.since = now

    def disconnect(self, at: datetime) -> None:
        """End a live connection, or give up a draft that once was live."""
        self.state = ConnectionState.DISCONNECTED
        self.grant_id = None
        self.live_subsidiary = None
        self.live_division = None
        self.disconnected_at = at
        self.payments.on = False

    def go_on_from(self, other: "ConnectionRow") -> None:
        """Become a draft with the sign-in and the choices of another. It is new, or was disconnected."""
        self.state = ConnectionState.DRAFT
        self.grant_id = other.grant_id
        self.number_source = other.number_source
        self.copy_from = other.copy_from
        self.books_closed_until = other.books_closed_until
        self.send_credit_type = other.send_credit_type
        self.payments.write_off_differences = other.payments.write_off_differences
        self.payments.mark_sent_by_itself = other.payments.mark_sent_by_itself

    def settle_on(self, division: Division) -> None:
        """Book in a division, or note how Exact describes it now. Any state may."""
        self.division = division.code
        self.division_name = division.name
        self.division_country = division.country
        self.division_currency = division.currency
        self.division_moved_on = division.moved_on

    def use_grant(self, grant_id: int, visible: Collection[int]) -> bool:
        """Use a sign-in that opens these divisions. A draft without history gives up another division."""
        fits = self.division is None or self.division in visible
        if not fits and self.has_history:
            return False

        if not fits:
            self.division = None
            self.division_name = ""

        self.grant_id = grant_id
        return True

    def start_anew(self) -> None:
        """Forget what a draft chose and read of its former division."""
        self.default_journal = None
        self.credit_journal = None
        self.default_ledger = None
        self.catalogue_at = None
        self.catalogue_trouble = None
        self.missing_rights = None
        self.payments.start_anew()
        self.customers.start_anew()

    def try_again(self) -> None:
        """Forget what did not get through without a sign-in. It is said again if it still does not."""
        self.payments.trouble = None
        self.catalogue_trouble = None

    def each_stale(self) -> Iterator[StaleKey]:
        """Name every comparison of the subsidiary, where something changed that they go by."""
        if has_changed(self, "copy_from", "state"):
            yield StaleKey(SUBSIDIARY, None, self.subsidiary_id)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name every invoice of the subsidiary, where something changed that they are booked by."""
        if has_changed(self, *BOOKED_BY):
            yield UnreadyKey(ONE_SUBSIDIARY, self.subsidiary_id)


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
