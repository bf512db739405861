"""Grants: the OAuth token pair of one Exact user on one country site, shared by its connections."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.grant_health import GrantHealth, health_of
from portal.domain.connections.states import GrantState, SignInCause
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow
from portal.store.leases import Leased
from portal.store.vault import place_of_grant


class GrantRow(Leased, Base):
    """A token pair, sealed; one process at a time holds and renews it.

    ``cause`` says why it is lost, or why its last renewal failed, ``trouble`` has Exact's own words;
    ``ahead`` is by how many seconds Exact's clock is ahead of ours.
    """

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("locale", "exact_user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    locale: Mapped[str]
    exact_user_id: Mapped[str]
    user_name: Mapped[str]
    user_email: Mapped[str]
    home_division: Mapped[int]
    access_sealed: Mapped[str | None]
    refresh_sealed: Mapped[str | None]
    obtained_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[GrantState] = mapped_column(Word(GrantState), default=GrantState.LIVE)
    cause: Mapped[SignInCause | None] = mapped_column(Word(SignInCause), default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)
    failing_since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    next_renewal_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    ahead: Mapped[int] = mapped_column(default=0)
    unknown_outcomes: Mapped[int] = mapped_column(default=0)

    # The connection that a kept consent is for, until Exact has said whose it is.
    consent_for: Mapped[int | None] = mapped_column(default=None)
    consent_by: Mapped[str | None] = mapped_column(default=None)
    consent_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    consent_next_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def settle(self) -> None:
        """Become the grant of a user whom Exact has named."""
        self.consent_for = None
        self.consent_by = None
        self.consent_at = None
        self.consent_next_at = None

    def take_over_times(self, kept: "GrantRow") -> None:
        """Begin anew with the pair of a kept consent. Whatever was wrong with the former pair is over."""
        self.obtained_at = kept.obtained_at
        self.expires_at = kept.expires_at
        self.ahead = kept.ahead
        self.state = GrantState.LIVE
        self.cause = None
        self.trouble = None
        self.failing_since = None
        self.next_renewal_at = None
        self.unknown_outcomes = 0
        self.let_go()

    def is_newer_than(self, kept: "GrantRow") -> bool:
        """Say whether its pair works and came after that of a kept consent."""
        works = self.state == GrantState.LIVE and self.refresh_sealed is not None
        return works and self.obtained_here > kept.obtained_here

    def place_of(self, column: str) -> str:
        """Return the place for which a half of the pair is sealed."""
        return place_of_grant(self.locale, self.exact_user_id, column)

    @property
    def obtained_here(self) -> datetime:
        """When the pair was obtained, by our own clock."""
        return self.obtained_at - timedelta(seconds=self.ahead)

    def health(self, now: datetime) -> GrantHealth:
        """Judge how it is doing."""
        return health_of(
            lost=self.state == GrantState.LOST,
            cause=self.cause,
            obtained_at=self.obtained_here,
            failing_since=self.failing_since,
            now=now,
        )


def find_grant(session: Session, site: Sequence[str], exact_user_id: str) -> GrantRow | None:
    """Find the grant of an Exact user at a site, which may stand for several countries."""
    return session.scalars(
        select(GrantRow)
        .where(GrantRow.locale.in_(site), GrantRow.exact_user_id == exact_user_id)
        .order_by(GrantRow.id)
        .limit(1)
    ).first()


def locale_of_sign_in(session: Session, row: ConnectionRow) -> str:
    """Return the country under which a connection's sign-in is kept, its own where it has none."""
    grant = session.get(GrantRow, row.grant_id) if row.grant_id is not None else None
    return grant.locale if grant else row.locale


def live_grants(session: Session, site: Sequence[str]) -> Sequence[GrantRow]:
    """Return the grants of a site, which may stand for several countries, that still work."""
    return session.scalars(
        select(GrantRow)
        .where(
            GrantRow.locale.in_(site),
            GrantRow.state == GrantState.LIVE,
            GrantRow.refresh_sealed.is_not(None),
            GrantRow.consent_for.is_(None),
        )
        .order_by(GrantRow.user_name, GrantRow.id)
    ).all()
