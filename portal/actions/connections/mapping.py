"""Map service types and tax rates of a connection to their Exact counterparts, and take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Catalogue, for_sales, takes_revenue
from portal.domain.booking.mapping import MappingKind
from portal.domain.events import EventKind
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.mapping_table import Mappings, MappingTable, read_table
from portal.store.mappings import MappingRow, mappings_of
from portal.store.remapped import note_remapped

NOT_OFFERED = {
    MappingKind.SERVICE: "Exact does not offer this ledger account for sales. Choose another.",
    MappingKind.TAX: "Exact does not offer this VAT code for sales. Choose another.",
    MappingKind.DEFAULT: "Exact does not offer this ledger account for sales. Choose another.",
}


class CannotMapError(Exception):
    """The target is not offered. The text says why, and the table is what stays."""

    def __init__(self, text: str, table: MappingTable) -> None:
        super().__init__(text)
        self.table = table


class NoSourceError(CannotMapError):
    """None of the sources stands in the table."""


@dataclass(frozen=True, slots=True)
class Change:
    """Sources of one kind that somebody maps anew, or takes back."""

    connection_id: int
    kind: MappingKind
    source_ids: Sequence[str]
    by: str
    at: datetime


def set_mappings(session: Session, nudge: Nudge, change: Change, target: str | None) -> MappingTable:
    """Map sources to a target, None to unmap. Raises CannotMapError with nothing changed."""
    with transaction(session):
        connection, rows, table = _open(session, change.connection_id)
        source_ids = table.known(change.kind, change.source_ids)
        name = _check(table, change.kind, source_ids, target)

        targets = dict.fromkeys(source_ids, target)
        _write(session, connection, change, rows, targets)
        become = f"mapped to {name}" if target else "no longer mapped"
        _note(session, connection, change, f"{_subject(change.kind, len(targets))} {become}")

    nudge(Job.LOOK_AT_HELD, str(change.connection_id))
    return table.led_to(change.kind, targets)


def undo_mappings(session: Session, nudge: Nudge, change: Change) -> MappingTable:
    """Put back the values before the last change. Raises NoSourceError where there is nothing to map."""
    with transaction(session):
        connection, rows, table = _open(session, change.connection_id)
        mapped = {source_id: rows.get((change.kind, source_id)) for source_id in change.source_ids}
        targets = {source_id: row.previous for source_id, row in mapped.items() if row is not None}

        if not targets and not table.known(change.kind, change.source_ids):
            raise NoSourceError("", table)
        if not targets:
            return table

        _write(session, connection, change, rows, targets)
        _note(session, connection, change, f"{_subject(change.kind, len(targets))}: change undone")

    nudge(Job.LOOK_AT_HELD, str(change.connection_id))
    return table.led_to(change.kind, targets)


def _open(session: Session, connection_id: int) -> tuple[ConnectionRow, Mappings, MappingTable]:
    """Lock a connection, so that of two changes at once the second sees the first."""
    connection = session.get_one(ConnectionRow, connection_id, with_for_update=True)
    rows = mappings_of(session, connection_id)
    return connection, rows, read_table(session, connection, rows)


def _check(table: MappingTable, kind: MappingKind, source_ids: Sequence[str], target: str | None) -> str:
    """Return what people call the target. Raises CannotMapError where nothing can be mapped to it."""
    if not source_ids:
        raise NoSourceError("", table)

    name = _name_of(table.catalogue, kind, target)
    if name is None:
        raise CannotMapError(NOT_OFFERED[kind], table)

    return name


def _name_of(catalogue: Catalogue, kind: MappingKind, target: str | None) -> str | None:
    """Return what people call a target, None for one that is not offered."""
    if target is None:
        return ""

    if kind is MappingKind.TAX:
        codes = {code.code: code for code in catalogue.vat_codes if for_sales(code)}
        return f"VAT code {codes[target].code.strip()}" if target in codes else None

    accounts = {account.id: account for account in catalogue.accounts if takes_revenue(account)}
    return f"ledger {accounts[target].code.strip()}" if target in accounts else None


def _write(
    session: Session,
    connection: ConnectionRow,
    change: Change,
    rows: Mappings,
    targets: Mapping[str, str | None],
) -> None:
    for source_id, target in targets.items():
        row = rows.get((change.kind, source_id)) or _add_row(session, change, source_id)
        before = row.target

        if change.kind is MappingKind.DEFAULT:
            # The set-up writes it too, past the mapping.
            before = connection.default_ledger
            connection.default_ledger = target

        row.lead_to(target, instead_of=before, by=change.by, at=change.at)


def _add_row(session: Session, change: Change, source_id: str) -> MappingRow:
    row = MappingRow(
        connection_id=change.connection_id,
        kind=change.kind,
        source_id=source_id,
        target=None,
        set_by=change.by,
        set_at=change.at,
    )
    session.add(row)
    return row


def _subject(kind: MappingKind, count: int) -> str:
    if kind is MappingKind.DEFAULT:
        return "Default ledger"
    noun = "service type" if kind is MappingKind.SERVICE else "tax rate"
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _note(session: Session, connection: ConnectionRow, change: Change, text: str) -> None:
    """Write down what happened, and that the held copies should be looked at again."""
    note_remapped(session, connection.id)
    note_event(
        session,
        at=change.at,
        actor=change.by,
        kind=EventKind.MAPPING,
        text=text,
        subsidiary_id=connection.subsidiary_id,
    )
