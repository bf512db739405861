"""Grants: the OAuth token pair of one Exact user on one country site, shared by its connections."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.grant_health import GrantHealth, health_of
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.said import Said
from portal.remote.tokens import TokenPair
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow
from portal.store.leases import Leased
from portal.store.said_column import SaidColumn
from portal.store.vault import ACCESS, REFRESH, Vault, place_of_grant


class GrantRow(Leased, Base):
    """A sealed token pair, which one process at a time holds and renews."""

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
    # Why it is lost, or why its last renewal failed, and Exact's own words.
    cause: Mapped[SignInCause | None] = mapped_column(Word(SignInCause), default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    failing_since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    next_renewal_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    # By how many seconds Exact's clock is ahead of ours.
    ahead: Mapped[int] = mapped_column(default=0)
    unknown_outcomes: Mapped[int] = mapped_column(default=0)

    # The connection that a kept consent is for, until Exact has said whose it is.
    consent_for: Mapped[int | None] = mapped_column(default=None)
    consent_by: Mapped[str | None] = mapped_column(default=None)
    consent_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    consent_next_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def keep_pair(self, pair: TokenPair, vault: Vault) -> None:
        """Keep the pair of a new sign-in, sealed for this row."""
        self.seal(pair.access, pair.refresh, vault)
        self.obtained_at = pair.obtained_at
        self.expires_at = pair.obtained_at + timedelta(seconds=pair.expires_in)
        self.ahead = pair.ahead // timedelta(seconds=1)

    def seal(self, access: str, refresh: str, vault: Vault) -> None:
        """Seal both halves for the place that this row is."""
        self.access_sealed = vault.seal(access, self.place_of(ACCESS))
        self.refresh_sealed = vault.seal(refresh, self.place_of(REFRESH))

    def open_access(self, vault: Vault) -> str:
        """Open the access token. It is empty where the pair was dropped."""
        return vault.open(self.access_sealed, self.place_of(ACCESS)) if self.access_sealed else ""

    def open_refresh(self, vault: Vault) -> str:
        """Open the refresh token. Raises MisconfiguredError where the pair was dropped."""
        return vault.open(self.refresh_sealed or "", self.place_of(REFRESH))

    def renew(self, pair: TokenPair, vault: Vault) -> None:
        """Take the pair of a renewal. A live sign-in works on, and one that failed works again."""
        self.keep_pair(pair, vault)
        self._work_again()
        self.fence += 1

    def lose(self, cause: SignInCause, words: Said) -> None:
        """End a live sign-in, in Exact's words. A person must sign in again."""
        self.state = GrantState.LOST
        self.cause = cause
        self.trouble = words

    def wait_until(self, moment: datetime) -> None:
        """Let a live sign-in be, for Exact calls its token too young to be renewed."""
        self.next_renewal_at = moment

    def fail(self, cause: SignInCause, words: Said, *, now: datetime, again_at: datetime) -> None:
        """Note that a live sign-in was not renewed, and when that is tried again."""
        self.cause = cause
        self.trouble = words
        self.failing_since = self.failing_since or now
        self.next_renewal_at = again_at

    def drop_tokens(self) -> None:
        """Forget the pair in any state. A renewal that is under way can no longer store another."""
        self.access_sealed = None
        self.refresh_sealed = None
        self.fence += 1
        self.let_go()

    def settle(self) -> None:
        """Let a kept consent become the grant of the user whom Exact has named."""
        self.consent_for = None
        self.consent_by = None
        self.consent_at = None
        self.consent_next_at = None

    def take_over_times(self, kept: "GrantRow") -> None:
        """Begin anew with the pair of a kept consent, in any state."""
        self.obtained_at = kept.obtained_at
        self.expires_at = kept.expires_at
        self.ahead = kept.ahead
        self._work_again()
        self.let_go()

    def _work_again(self) -> None:
        """Forget what was wrong with the former pair."""
        self.state = GrantState.LIVE
        self.cause = None
        self.trouble = None
        self.failing_since = None
        self.next_renewal_at = None
        self.unknown_outcomes = 0

    def is_newer_than(self, kept: "GrantRow") -> bool:
        """Say whether its pair works and came after that of a kept consent."""
        return self.is_working and self.obtained_here > kept.obtained_here

    @property
    def is_working(self) -> bool:
        """Say whether it can still be used."""
        return self.state == GrantState.LIVE and self.refresh_sealed is not None

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


def find_unsettled(session: Session, connection_id: int) -> GrantRow | None:
    """Return the newest consent of a connection that Exact has not named yet."""
    query = select(GrantRow).where(GrantRow.consent_for == connection_id).order_by(GrantRow.id.desc())
    return session.scalars(query.limit(1)).first()


def due_consents(session: Session, now: datetime) -> list[int]:
    """Return the kept pairs about which Exact is to be asked again."""
    query = select(GrantRow.id).where(GrantRow.consent_for.is_not(None), GrantRow.consent_next_at <= now)
    return list(session.scalars(query.order_by(GrantRow.id)))
