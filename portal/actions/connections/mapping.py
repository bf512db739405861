"""Map service types and tax rates of a connection to their Exact counterparts, and take it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Catalogue, for_sales, takes_revenue
from portal.domain.booking.mapping import MappingKey, MappingKind, Setting
from portal.domain.booking.suggest import Because
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import Said, said
from portal.sentences.refusal import Refusal
from portal.store.catalogue import lock_connection
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.mapping_table import Mappings, MappingTable, read_part, read_whole
from portal.store.mappings import MappingRow
from portal.store.remapped import note_remapped

NOT_OFFERED = {
    MappingKind.SERVICE: Refused.ACCOUNT_NOT_FOR_SALES,
    MappingKind.TAX: Refused.CODE_NOT_FOR_SALES,
    MappingKind.DEFAULT: Refused.ACCOUNT_NOT_FOR_SALES,
}


class CannotMapError(Refusal):
    """The target is not offered. The table is what stays."""

    def __init__(self, why: Refused, table: MappingTable) -> None:
        super().__init__(said(why))
        self.table = table


class NoSourceError(CannotMapError):
    """None of the sources stands in the table."""


@dataclass(frozen=True, slots=True)
class Change:
    """Sources of one kind that somebody maps anew, or takes back."""

    # ``check`` raises where the person may not map the connection, once it is locked.

    connection_id: int
    kind: MappingKind
    keys: Sequence[MappingKey]
    by: str
    at: datetime
    check: Callable[[ConnectionRow | None], None] = lambda _connection: None


@dataclass(frozen=True, slots=True)
class Setter:
    """Who maps in a connection, and when."""

    connection_id: int
    by: str
    at: datetime


UNMAPPED = {
    MappingKind.DEFAULT: Happened.LEDGER_UNMAPPED,
    MappingKind.SERVICE: Happened.SERVICES_UNMAPPED,
    MappingKind.TAX: Happened.TAXES_UNMAPPED,
}
UNDONE = {
    MappingKind.DEFAULT: Happened.LEDGER_UNDONE,
    MappingKind.SERVICE: Happened.SERVICES_UNDONE,
    MappingKind.TAX: Happened.TAXES_UNDONE,
}
Targets = Mapping[MappingKey, tuple[str | None, Because | None]]
"""What sources become, with the reason of a suggestion that was accepted."""


def set_mappings(session: Session, nudge: Nudge, change: Change, target: str | None) -> MappingTable:
    """Map sources to a target, None to unmap. Raises CannotMapError with nothing changed."""
    with transaction(session):
        opened = open_part(session, change)
        keys = opened.table.known(change.keys)
        name = _check(opened.table, change.kind, keys, target)

        became = (
            _say_mapped(change.kind, len(keys), name) if target else _say(UNMAPPED, change.kind, len(keys))
        )
        table = write_mappings(session, opened, _setter(change), dict.fromkeys(keys, (target, None)), became)

    nudge(Job.LOOK_AT_HELD, str(change.connection_id))
    return table


def undo_mappings(session: Session, nudge: Nudge, change: Change) -> MappingTable:
    """Put back the values before the last change. Raises NoSourceError where there is nothing to map."""
    with transaction(session):
        opened = open_part(session, change)
        mapped = {key: opened.rows.get(key) for key in change.keys}
        targets: Targets = {key: (row.previous, None) for key, row in mapped.items() if row is not None}

        if not targets and not opened.table.known(change.keys):
            raise NoSourceError(Refused.NO_SOURCE, opened.table)
        if not targets:
            return opened.table

        joined = [row for row in mapped.values() if row is not None and row.joined]
        if joined:
            table = _split_again(session, opened, _setter(change), joined)
        else:
            undone = _say(UNDONE, change.kind, len(targets))
            table = write_mappings(session, opened, _setter(change), targets, undone)

    nudge(Job.LOOK_AT_HELD, str(change.connection_id))
    return table


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked connection with its mappings and all that can be mapped."""

    connection: ConnectionRow
    rows: Mappings
    table: MappingTable


def open_mappings(session: Session, connection_id: int) -> Opened:
    """Lock a connection, so that of two changes at once the second sees the first."""
    connection = session.get_one(ConnectionRow, connection_id, with_for_update=True)
    rows, table = read_whole(session, connection)
    return Opened(connection, rows, table)


def open_part(session: Session, change: Change) -> Opened:
    """Lock a connection that a person may map, and read only what she changes."""
    connection, catalogue = lock_connection(session, change.connection_id)
    change.check(connection)
    if connection is None:
        raise LookupError(f"no connection {change.connection_id}")

    rows, table = read_part(session, connection, catalogue, change.keys)
    return Opened(connection, rows, table)


def write_mappings(
    session: Session, opened: Opened, setter: Setter, targets: Targets, happened: Said
) -> MappingTable:
    """Write targets that were checked, and what happened. Returns the table with them."""
    settled: dict[MappingKey, tuple[str | None, Setting | None]] = {}

    for key, (target, because) in targets.items():
        row = opened.rows.get(key) or add_row(session, setter, key)
        before = row.target

        if key.kind is MappingKind.DEFAULT:
            # The set-up writes it too, past the mapping.
            before = opened.connection.default_ledger
            opened.connection.default_ledger = target

        row.lead_to(target, instead_of=before, by=setter.by, at=setter.at, because=because)
        settled[key] = (target, row.setting)

    note_change(session, opened.connection, setter, happened)
    return opened.table.led_to(settled)


def _split_again(
    session: Session, opened: Opened, setter: Setter, joined: Sequence[MappingRow]
) -> MappingTable:
    """Give rates the codes of each place back. Returns the table as it is then."""
    for row in joined:
        session.add_all(row.split_again())

    note_change(session, opened.connection, setter, said(Happened.TAXES_SPLIT_AGAIN, count=len(joined)))
    session.flush()
    return read_part(session, opened.connection, opened.table.catalogue, [row.key for row in joined])[1]


def _setter(change: Change) -> Setter:
    return Setter(change.connection_id, change.by, change.at)


def _check(table: MappingTable, kind: MappingKind, keys: Sequence[MappingKey], target: str | None) -> str:
    """Return what people call the target. Raises CannotMapError where nothing can be mapped to it."""
    if not keys:
        raise NoSourceError(Refused.NO_SOURCE, table)

    name = name_target(table.catalogue, kind, target)
    if name is None:
        raise CannotMapError(NOT_OFFERED[kind], table)

    return name


def name_target(catalogue: Catalogue, kind: MappingKind, target: str | None) -> str | None:
    """Return what people call a target, None for one that is not offered."""
    if target is None:
        return ""

    if kind is MappingKind.TAX:
        codes = {code.code: code for code in catalogue.vat_codes if for_sales(code)}
        return codes[target].code.strip() if target in codes else None

    accounts = {account.id: account for account in catalogue.accounts if takes_revenue(account)}
    return accounts[target].code.strip() if target in accounts else None


def add_row(session: Session, setter: Setter, key: MappingKey) -> MappingRow:
    """Add the row of what was never mapped."""
    row = MappingRow(
        connection_id=setter.connection_id,
        kind=key.kind,
        source_id=key.source_id,
        place=key.place,
        target=None,
        set_by=setter.by,
        set_at=setter.at,
    )
    session.add(row)
    return row


def _say_mapped(kind: MappingKind, count: int, name: str) -> Said:
    if kind is MappingKind.DEFAULT:
        return said(Happened.LEDGER_MAPPED, ledger=name)
    if kind is MappingKind.SERVICE:
        return said(Happened.SERVICES_MAPPED, count=count, ledger=name)
    return said(Happened.TAXES_MAPPED, count=count, vat_code=name)


def _say(codes: Mapping[MappingKind, Happened], kind: MappingKind, count: int) -> Said:
    return said(codes[kind]) if kind is MappingKind.DEFAULT else said(codes[kind], count=count)


def note_change(session: Session, connection: ConnectionRow, setter: Setter, happened: Said) -> None:
    """Write down what happened, and that the held copies should be looked at again."""
    note_remapped(session, connection.id)
    note_event(
        session,
        at=setter.at,
        actor=setter.by,
        kind=EventKind.MAPPING,
        said=happened,
        subsidiary_id=connection.subsidiary_id,
    )
