"""Turn a consent at Exact into a grant. The pair is kept before anything else is asked."""

# A consent ends the pair that its user had before, so the new one is the only one that works:
# https://github.com/picqer/exact-php-client/issues/385

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.actions.connections.settle import settle_consent
from portal.actions.connections.settle_later import FIRST_TRY
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Ledger, SignIn
from portal.actions.engine.turn import let_go, transaction
from portal.domain.failed import Failed
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.remote.errors import HeldBackError, RemoteError
from portal.remote.tokens import TokenPair
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from portal.store.vault import Vault

PATIENCE = 60.0
POLL = 0.2
STORING = 20.0
PAUSE = 0.5

log = structlog.get_logger("portal.consents")


class UnsettledError(Exception):
    """A consent was kept, and Exact did not say yet whose it is. ``error`` says why."""

    def __init__(self, grant_id: int, error: RemoteError) -> None:
        super().__init__(error.text)
        self.said = error.said
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
    """Turn a code into the grant of who consented, for all connections of that person."""
    # The site stands for several countries, by default for that of the connection alone. One consent at a
    # time is taken per site, for the later of two exchanges ends the tokens of the former.
    locale = session.get_one(ConnectionRow, connection_id).locale
    let_go(session)
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
            raise HeldBackError(said(Failed.SIGNING_IN))

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
            with transaction(session):
                session.add(grant)
        except OperationalError:
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
