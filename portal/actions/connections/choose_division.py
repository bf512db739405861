"""Settle on a division: which connection goes on, and what it brings along."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.connections.connect import CannotConnectError
from portal.actions.connections.disconnect import release_draft
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Division
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.store.catalogue import forget_catalogue
from portal.store.connections import (
    ConnectionRow,
    SubsidiaryRow,
    division_key,
    find_draft,
    find_former,
    find_live_connection,
    live_divisions,
)
from portal.store.grants import locale_of_sign_in
from portal.store.mappings import forget_mappings


def choose_division(
    session: Session, offered: Iterable[Division], connection_id: int, code: int, *, now: datetime
) -> int:
    """Settle on a division and return the connection to go on with."""
    # A live connection goes on until Finish, so another division begins a draft.
    division = next((one for one in offered if one.code == code and not one.archived), None)
    if division is None:
        raise CannotConnectError("division", said(Refused.DIVISION_NOT_OFFERED))

    with transaction(session):
        row = session.get_one(ConnectionRow, connection_id, with_for_update=True)
        _check_free(session, row, division)
        if row.division != code:
            row = _row_for(session, row, code, now)

        row.settle_on(division)

    return row.id


def _check_free(session: Session, row: ConnectionRow, division: Division) -> None:
    owner = live_divisions(session).get(division_key(locale_of_sign_in(session, row), division.code))
    if owner and owner != row.subsidiary_id:
        subsidiary = session.get(SubsidiaryRow, owner)
        name = subsidiary.name if subsidiary else owner
        raise CannotConnectError("division", said(Refused.DIVISION_TAKEN, division=division.name, name=name))


def _row_for(session: Session, row: ConnectionRow, code: int, now: datetime) -> ConnectionRow:
    """Return the row for a subsidiary's other division: live, revived, emptied or new."""
    live = find_live_connection(session, row.subsidiary_id)
    former = find_former(session, row.subsidiary_id, row.locale, code)
    draft = find_draft(session, row.subsidiary_id)

    if live and live.locale == row.locale and live.division == code:
        if draft:
            release_draft(session, draft)
        return live

    if draft and draft.division == code and draft.locale == row.locale:
        return draft
    if former is None and draft and draft.disconnected_at is None and draft.locale == row.locale:
        return _empty(session, draft)

    heir = former or ConnectionRow(subsidiary_id=row.subsidiary_id, locale=row.locale, created_at=now)
    return _inherit(session, row, heir, draft)


def _inherit(
    session: Session, row: ConnectionRow, heir: ConnectionRow, draft: ConnectionRow | None
) -> ConnectionRow:
    """Let a revived or new draft go on with the sign-in and the choices made so far."""
    heir.go_on_from(row)
    session.add(heir)
    session.flush()
    if draft and draft is not heir:
        release_draft(session, draft)

    return heir


def _empty(session: Session, draft: ConnectionRow) -> ConnectionRow:
    """Start mappings, defaults, catalogue and cursors of a draft anew."""
    forget_catalogue(session, draft.id)
    forget_mappings(session, draft.id)
    draft.start_anew()
    return draft
