"""Map service types and tax rates of a connection to their Exact counterparts, and take it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.hold import look_again
from portal.domain.booking.catalogue import Catalogue, for_sales, takes_revenue
from portal.domain.booking.mapping import MappingKind
from portal.domain.events import EventKind
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.mappings import MappingRow, find_mapping

DEFAULT_LEDGER = "ledger"


class CannotMapError(Exception):
    """The target is not offered; the text says why."""


def set_mappings(
    session: Session,
    connection_id: int,
    kind: MappingKind,
    source_ids: Sequence[str],
    target: str | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Map one or several sources to a target (None: unmap); raises CannotMapError with nothing changed."""
    connection = session.get_one(ConnectionRow, connection_id, with_for_update=True)
    name = _check_target(read_stored_catalogue(session, connection_id), kind, target)
    for source_id in source_ids:
        _set_one(session, connection, kind, source_id, target, actor=actor, now=now)

    text = f"{_subject(kind, len(source_ids))} {f'mapped to {name}' if target else 'no longer mapped'}"
    _note(session, connection, text, actor, now)
    look_again(session, connection_id, now)
    session.commit()


def undo_mapping(
    session: Session, connection_id: int, kind: MappingKind, source_id: str, *, actor: str, now: datetime
) -> None:
    """Put the value before the last change back."""
    connection = session.get_one(ConnectionRow, connection_id, with_for_update=True)
    row = find_mapping(session, connection_id, kind, source_id)

    if row is not None:
        _set_one(session, connection, kind, source_id, row.previous, actor=actor, now=now)
        _note(session, connection, f"{_subject(kind, 1)}: change undone", actor, now)
        look_again(session, connection_id, now)

    session.commit()


def _set_one(
    session: Session,
    connection: ConnectionRow,
    kind: MappingKind,
    source_id: str,
    target: str | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    row = find_mapping(session, connection.id, kind, source_id)
    if row is None:
        row = MappingRow(
            connection_id=connection.id,
            kind=kind,
            source_id=source_id,
            target=None,
            set_by=actor,
            set_at=now,
        )

        session.add(row)

    row.previous = connection.default_ledger if kind is MappingKind.DEFAULT else row.target
    row.target = target
    row.set_by = actor
    row.set_at = now
    if kind is MappingKind.DEFAULT:
        connection.default_ledger = target


def _check_target(catalogue: Catalogue, kind: MappingKind, target: str | None) -> str:
    """Return what people call the target."""
    if target is None:
        return ""

    if kind is MappingKind.TAX:
        codes = {code.code: code for code in catalogue.vat_codes if for_sales(code)}
        if target not in codes:
            raise CannotMapError("Exact does not offer this VAT code for sales. Choose another.")
        return f"VAT code {codes[target].code.strip()}"

    accounts = {account.id: account for account in catalogue.accounts if takes_revenue(account)}
    if target not in accounts:
        raise CannotMapError("Exact does not offer this ledger account for sales. Choose another.")

    return f"ledger {accounts[target].code.strip()}"


def _subject(kind: MappingKind, count: int) -> str:
    if kind is MappingKind.DEFAULT:
        return "Default ledger"
    noun = "service type" if kind is MappingKind.SERVICE else "tax rate"
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _note(session: Session, connection: ConnectionRow, text: str, actor: str, now: datetime) -> None:
    note_event(
        session,
        at=now,
        actor=actor,
        kind=EventKind.MAPPING,
        text=text,
        subsidiary_id=connection.subsidiary_id,
    )
