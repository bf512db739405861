"""Turn a consent at Exact into a grant: the pair is kept first, then Exact is asked whose it is.

A consent ends the pair that its user had before, so the new one is the only one that works.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.actions.connections.connect import CannotConnectError
from portal.actions.connections.disconnect import drop_tokens_if_unused
from portal.actions.copies.wake import wake_copies
from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Ledger, Nudge, SignIn
from portal.domain.booking.catalogue import ExactUser
from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.events import EventKind
from portal.domain.ids import new_id
from portal.remote.errors import HeldBackError, RemoteError, SignInLostError
from portal.remote.tokens import TokenPair
from portal.store.connections import ConnectionRow, live_connections
from portal.store.events import note_event
from portal.store.grants import GrantRow, find_grant
from portal.store.vault import Vault

PATIENCE = 60.0
POLL = 0.2
STORING = 20.0
PAUSE = 0.5
# When Exact is asked again whose a consent is: soon at first, then ever more rarely, for a day.
FIRST_TRY = timedelta(seconds=10)
GIVEN_UP = timedelta(days=1)
BUSY = "Another sign-in at Exact is being completed. Sign in again in a minute."
RENEWED_NOW = "The new sign-in is being renewed. It is used as soon as that is done."
NEVER_SETTLED = "Exact did not say whose the new sign-in is. Sign in again"

log = structlog.get_logger("portal.consents")


class UnsettledError(Exception):
    """A consent was kept, and Exact did not say yet whose it is. ``error`` says why."""

    def __init__(self, grant_id: int, error: RemoteError) -> None:
        super().__init__(error.text)
        self.grant_id = grant_id
        self.error = error


def accept_consent(
    session: Session,
    sign_in: SignIn,
    ledger_with: Callable[[str], Ledger],
    vault: Vault,
    connection_id: int,
    *,
    code: str,
    actor: str,
    clock: Clock,
    sleep: Callable[[float], None] = time.sleep,
    site: Sequence[str] = (),
) -> None:
    """Turn a code into the grant of who consented, for all of that person's connections at the site.

    ``site`` are the countries that it stands for, by default the connection's alone. One at a time per site:
    the later of two exchanges ends the tokens of the former, so it is stored later. Raises UnsettledError
    when the pair is kept and everything else must wait.
    """
    locale = session.get_one(ConnectionRow, connection_id).locale
    session.commit()
    site = site or (locale,)

    with _in_turn(session, f"consent:{min(site)}", clock, sleep):
        pair = sign_in.exchange(code)
        grant_id = _keep_pair(session, connection_id, locale, pair, vault, actor, clock, sleep)

        try:
            settle_consent(session, ledger_with(pair.access), vault, grant_id, clock=clock, site=site)
        except RemoteError as error:
            session.rollback()
            raise UnsettledError(grant_id, error) from error


@contextmanager
def _in_turn(session: Session, lane: str, clock: Clock, sleep: Callable[[float], None]) -> Iterator[None]:
    """Wait for a lane and hold it for the block. Raise HeldBackError if that takes long."""
    waited = 0.0
    while True:
        with hold_lane(session, lane, clock) as held:
            if held:
                yield
                return

        if waited >= PATIENCE:
            raise HeldBackError(BUSY)

        sleep(POLL)
        waited += POLL


def _keep_pair(
    session: Session,
    connection_id: int,
    locale: str,
    pair: TokenPair,
    vault: Vault,
    actor: str,
    clock: Clock,
    sleep: Callable[[float], None],
) -> int:
    """Store a pair before anything else is asked. While the database is away it is tried again."""
    waited = 0.0
    while True:
        grant = _unsettled(connection_id, locale, pair, vault, actor, clock())
        try:
            session.add(grant)
            session.commit()
        except OperationalError:
            session.rollback()
            log.error("a new sign-in cannot be stored", connection=connection_id, waited=waited)
            if waited >= STORING:
                raise
        else:
            return grant.id

        sleep(PAUSE)
        waited += PAUSE


def _unsettled(
    connection_id: int, locale: str, pair: TokenPair, vault: Vault, actor: str, now: datetime
) -> GrantRow:
    """Return a grant of a user whom Exact has yet to name."""
    grant = GrantRow(
        locale=locale,
        exact_user_id=f"consent-{new_id()}",
        user_name="",
        user_email="",
        home_division=0,
        access_sealed=None,
        refresh_sealed=None,
        obtained_at=pair.obtained_at,
        expires_at=pair.obtained_at,
        consent_for=connection_id,
        consent_by=actor,
        consent_at=now,
        consent_next_at=now + FIRST_TRY,
    )

    grant.keep_pair(pair, vault)
    return grant


def settle_consent(
    session: Session, ledger: Ledger, vault: Vault, grant_id: int, *, clock: Clock, site: Sequence[str]
) -> None:
    """Ask Exact whose a kept pair is, and let the connection use it. A second call changes nothing."""
    user = ledger.read_user()
    visible = {division.code for division in ledger.find_divisions()}
    now = clock()
    kept = session.get(GrantRow, grant_id, with_for_update=True, populate_existing=True)
    if kept is None or kept.consent_for is None:
        return session.commit()
    if kept.lease_until and kept.lease_until > now:
        raise HeldBackError(RENEWED_NOW, retry_at=kept.lease_until)

    row = session.get(ConnectionRow, kept.consent_for, with_for_update=True)
    actor = kept.consent_by or ""
    grant = _hand_over(session, kept, site, user, vault)

    if row is None or row.state == ConnectionState.DISCONNECTED:
        drop_tokens_if_unused(session, grant.id)
        return session.commit()

    return _use_consent(session, row, grant, visible, actor, now)


def _hand_over(
    session: Session, kept: GrantRow, site: Sequence[str], user: ExactUser, vault: Vault
) -> GrantRow:
    """Give a kept pair to its user's grant, unless that has a newer one by now. Commits nothing."""
    access = kept.open_access(vault)
    refresh = kept.open_refresh(vault)
    grant = find_grant(session, site, user.id)

    if grant is None:
        grant = kept
        grant.exact_user_id = user.id
        grant.settle()
    elif grant.is_newer_than(kept):
        session.delete(kept)
        return grant
    else:
        grant.take_over_times(kept)
        session.delete(kept)

    grant.user_name = user.name
    grant.user_email = user.email
    grant.home_division = user.division
    grant.seal(access, refresh, vault)
    # The raised fence keeps a renewal under way from overwriting the pair.
    grant.fence += 1
    session.flush()

    return grant


def _use_consent(
    session: Session, row: ConnectionRow, grant: GrantRow, visible: Collection[int], actor: str, now: datetime
) -> None:
    """Let the connection use a grant, and everything go on that waited for it."""
    former_id = row.grant_id
    fits = row.use_grant(grant.id, visible)
    if fits and former_id is not None and former_id != grant.id:
        _bring_along(session, former_id, grant.id, visible)

    session.flush()
    for grant_id in {former_id, grant.id} - {row.grant_id}:
        drop_tokens_if_unused(session, grant_id)

    wake_copies(session, grant.id, now)
    for each in session.scalars(select(ConnectionRow).where(ConnectionRow.grant_id == grant.id)):
        each.try_again()

    text = f"{grant.user_name} signed in at Exact"
    note_event(
        session, at=now, actor=actor, kind=EventKind.SIGNED_IN, text=text, subsidiary_id=row.subsidiary_id
    )
    session.commit()
    if not fits:
        raise CannotConnectError("division", f"{grant.user_name} cannot open {row.division_name} in Exact.")


def _bring_along(session: Session, former_id: int, grant_id: int, visible: Collection[int]) -> None:
    """Move the other connections of a lost sign-in to the new one too, where it opens their divisions."""
    if session.get_one(GrantRow, former_id).state != GrantState.LOST:
        return
    for other in session.scalars(select(ConnectionRow).where(ConnectionRow.grant_id == former_id)):
        if other.division in visible:
            other.use_grant(grant_id, visible)


def find_unsettled(session: Session, connection_id: int) -> GrantRow | None:
    """Return the newest consent of a connection that Exact has not named yet."""
    query = select(GrantRow).where(GrantRow.consent_for == connection_id).order_by(GrantRow.id.desc())
    return session.scalars(query.limit(1)).first()


def due_consents(session: Session, now: datetime) -> list[int]:
    """Return the kept pairs about which Exact is to be asked again."""
    query = select(GrantRow.id).where(GrantRow.consent_for.is_not(None), GrantRow.consent_next_at <= now)
    return list(session.scalars(query.order_by(GrantRow.id)))


def settle_later(
    session: Session,
    ledger_of: Callable[[], Ledger],
    vault: Vault,
    nudge: Nudge,
    grant_id: int,
    *,
    clock: Clock,
    site: Sequence[str],
) -> bool:
    """Ask again whose a kept pair is, and say whether it is settled. What cannot be any more is given up."""
    kept = session.get(GrantRow, grant_id)
    if kept is None or kept.consent_for is None:
        session.commit()
        return True

    connection_id = kept.consent_for
    session.commit()

    try:
        settle_consent(session, ledger_of(), vault, grant_id, clock=clock, site=site)
    except RemoteError as error:
        session.rollback()
        _put_off(session, grant_id, error, clock())
        return False
    except CannotConnectError as error:
        log.warning("a consent opens another division", connection=connection_id, text=error.text)

    row = session.get(ConnectionRow, connection_id)
    wake_served(session, nudge, row.grant_id if row else None)
    return True


def _put_off(session: Session, grant_id: int, error: RemoteError, now: datetime) -> None:
    """Ask again after half the time that was waited so far, or give up what Exact itself ended."""
    kept = session.get(GrantRow, grant_id, with_for_update=True, populate_existing=True)
    if kept is None or kept.consent_for is None or kept.consent_at is None:
        return session.commit()

    ended = isinstance(error, SignInLostError) and kept.state == GrantState.LOST
    if ended or now - kept.consent_at >= GIVEN_UP:
        row = session.get(ConnectionRow, kept.consent_for)
        about = row.subsidiary_id if row else None
        text = f"{NEVER_SETTLED} ({error.text})"
        note_event(
            session, at=now, actor="portal", kind=EventKind.SIGN_IN_LOST, text=text, subsidiary_id=about
        )
        session.delete(kept)

        return session.commit()

    kept.consent_next_at = now + max(FIRST_TRY, (now - kept.consent_at) / 2)
    return session.commit()


def wake_served(session: Session, nudge: Nudge, grant_id: int | None) -> None:
    """Let everything that a sign-in serves go on now, not when the timetable says."""
    served = [row for row in live_connections(session) if row.grant_id == grant_id]
    ids = [(str(row.id), row.payments.on) for row in served]
    session.commit()
    nudge(Job.SWEEP, "")

    for connection_id, pays in ids:
        nudge(Job.REFRESH_CATALOGUE, connection_id)
        if pays:
            nudge(Job.PULL_PAYMENTS, connection_id)
