"""What keeps an invoice from being copied or updated, whatever a person chooses."""

from portal.domain.assumptions import Feature
from portal.domain.booking.keep_off import find_kept_off
from portal.domain.booking.kind import check_turn
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import CopyAction
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, InvoiceRow
from portal.store.trials import failed_assumptions


def find_obstacles(
    connection: ConnectionRow, row: InvoiceRow, action: CopyAction, copied: CopyRow | None
) -> tuple[Problem, ...]:
    """Say what stands in the way of a copy, or of an update of the latest one."""
    if action != CopyAction.UPDATE:
        return _find_ban(row)

    off = find_kept_off(Feature.UPDATES, failed_assumptions(connection))
    return (*((off,) if off else ()), *_find_ban(row), *_find_turn(row, copied))


def _find_ban(row: InvoiceRow) -> tuple[Problem, ...]:
    """Say that a person or another link keeps an invoice from being copied."""
    if row.copy_state == EXCLUDED:
        return (problem("excluded", reason=row.exclude_reason or ""),)

    if row.copy_state == ELSEWHERE:
        return (problem("copied-elsewhere"),)

    return ()


def _find_turn(row: InvoiceRow, copied: CopyRow | None) -> tuple[Problem, ...]:
    """Say that an update would turn a charge into a credit, or the reverse."""
    if copied is None or copied.gross_booked is None:
        return ()

    number = copied.entry_number or ""
    return tuple(check_turn(number, copied.gross_booked, row.amount_with_tax, row.currency))
