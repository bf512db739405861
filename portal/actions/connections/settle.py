"""Say whose a kept pair is, and let its connections use it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.connections.connect import CannotConnectError
from portal.actions.connections.disconnect import drop_tokens_if_unused
from portal.actions.copies.wake import wake_copies
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import ExactUser
from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import Said, said
from portal.remote.errors import HeldBackError
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.grants import GrantRow, find_grant
from portal.store.vault import Vault


def settle_consent(
    session: Session, ledger: Ledger, vault: Vault, grant_id: int, *, clock: Clock, site: Sequence[str]
) -> None:
    """Ask Exact whose a kept pair is, and let the connection use it. A second call changes nothing."""
    user = ledger.read_user()
    visible = {division.code for division in ledger.find_divisions()}
    with transaction(session):
        lacks = _settle(session, vault, grant_id, user, visible, clock(), site)

    if lacks:
        raise CannotConnectError("division", lacks)


def _settle(
    session: Session,
    vault: Vault,
    grant_id: int,
    user: ExactUser,
    visible: Collection[int],
    now: datetime,
    site: Sequence[str],
) -> Said | None:
    """Let the connection use a kept pair. Return why it cannot, None where it can."""
    kept = session.get(GrantRow, grant_id, with_for_update=True, populate_existing=True)
    if kept is None or kept.consent_for is None:
        return None
    if kept.lease_until and kept.lease_until > now:
        raise HeldBackError(said(Failed.RENEWED_NOW), retry_at=kept.lease_until)

    row = session.get(ConnectionRow, kept.consent_for, with_for_update=True)
    actor = kept.consent_by or ""
    grant = _hand_over(session, kept, site, user, vault)

    if row is None or row.state == ConnectionState.DISCONNECTED:
        drop_tokens_if_unused(session, grant.id)
        return None

    return _use_consent(session, row, grant, visible, actor, now)


def _hand_over(
    session: Session, kept: GrantRow, site: Sequence[str], user: ExactUser, vault: Vault
) -> GrantRow:
    """Give a kept pair to its user's grant, unless that has a newer one by now."""
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
) -> Said | None:
    """Let the connection use a grant, and everything go on that waited for it. Return what it lacks."""
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

    note_event(
        session,
        at=now,
        actor=actor,
        kind=EventKind.SIGNED_IN,
        said=said(Happened.SIGNED_IN_AT_EXACT, user=grant.user_name),
        subsidiary_id=row.subsidiary_id,
    )
    if fits:
        return None
    return said(Refused.CANNOT_OPEN, user=grant.user_name, division=row.division_name)


def _bring_along(session: Session, former_id: int, grant_id: int, visible: Collection[int]) -> None:
    """Move the other connections of a lost sign-in to the new one too, where it opens their divisions."""
    if session.get_one(GrantRow, former_id).state != GrantState.LOST:
        return
    for other in session.scalars(select(ConnectionRow).where(ConnectionRow.grant_id == former_id)):
        if other.division in visible:
            other.use_grant(grant_id, visible)
