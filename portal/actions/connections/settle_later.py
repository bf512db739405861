"""Ask Exact again whose a kept pair is, ever more rarely, and give up after a day."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from portal.actions.connections.connect import CannotConnectError
from portal.actions.connections.settle import settle_consent
from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Ledger, Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.connections.states import GrantState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import as_written, said
from portal.remote.errors import RemoteError, SignInLostError
from portal.store.connections import ConnectionRow, live_connections
from portal.store.events import note_event
from portal.store.grants import GrantRow
from portal.store.vault import Vault

# When Exact is asked again whose a consent is: soon at first, then ever more rarely, for a day.
FIRST_TRY = timedelta(seconds=10)
GIVEN_UP = timedelta(days=1)

log = structlog.get_logger("portal.consents")


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
    """Ask again whose a kept pair is, and say whether that is settled."""
    kept = session.get(GrantRow, grant_id)
    connection_id = kept.consent_for if kept is not None else None
    let_go(session)
    if connection_id is None:
        return True

    try:
        settle_consent(session, ledger_of(), vault, grant_id, clock=clock, site=site)
    except RemoteError as error:
        session.rollback()
        _put_off(session, grant_id, error, clock())
        return False
    except CannotConnectError as error:
        log.warning("a consent opens another division", connection=connection_id, text=str(error))

    row = session.get(ConnectionRow, connection_id)
    wake_served(session, nudge, row.grant_id if row else None)
    return True


def _put_off(session: Session, grant_id: int, error: RemoteError, now: datetime) -> None:
    """Ask again after half the time that was waited so far, or give up what Exact itself ended."""
    with transaction(session):
        _ask_later(session, grant_id, error, now)


def _ask_later(session: Session, grant_id: int, error: RemoteError, now: datetime) -> None:
    kept = session.get(GrantRow, grant_id, with_for_update=True, populate_existing=True)
    if kept is None or kept.consent_for is None or kept.consent_at is None:
        return

    ended = isinstance(error, SignInLostError) and kept.state == GrantState.LOST
    if ended or now - kept.consent_at >= GIVEN_UP:
        row = session.get(ConnectionRow, kept.consent_for)
        about = row.subsidiary_id if row else None
        lost = said(Happened.SIGN_IN_NEVER_SETTLED, words=as_written(error.text))
        note_event(
            session, at=now, actor="portal", kind=EventKind.SIGN_IN_LOST, said=lost, subsidiary_id=about
        )
        session.delete(kept)
        return

    kept.consent_next_at = now + max(FIRST_TRY, (now - kept.consent_at) / 2)


def wake_served(session: Session, nudge: Nudge, grant_id: int | None) -> None:
    """Let everything that a sign-in serves go on now, not when the timetable says."""
    served = [row for row in live_connections(session) if row.grant_id == grant_id]
    ids = [(str(row.id), row.payments.on) for row in served]
    let_go(session)
    nudge(Job.SWEEP, "")

    for connection_id, pays in ids:
        nudge(Job.REFRESH_CATALOGUE, connection_id)
        if pays:
            nudge(Job.PULL_PAYMENTS, connection_id)
