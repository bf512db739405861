"""Ask for a copy, and keep what was chosen for it as mappings, so that the next invoice is ready."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.connections.mapping import Setter, Targets, name_target, open_mappings, write_mappings
from portal.actions.connections.suggest import suggest_in
from portal.actions.copies.draft import draft_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.sales_entry import Problem
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow


def copy_and_remember(
    session: Session,
    nudge: Nudge,
    invoice_id: str,
    *,
    wish: Wish,
    remember: Collection[MappingKey],
    requested_by: str,
    now: datetime,
) -> CopyRow | tuple[Problem, ...]:
    """Record a copy and, in the same transaction, the mappings that a person wants to keep of it."""
    kept: list[int] = []

    def keep(copy: CopyRow) -> None:
        if remember and _keep(session, copy, wish, remember, now):
            kept.append(copy.connection_id)

    made = request_copy(session, nudge, invoice_id, wish=wish, requested_by=requested_by, now=now, also=keep)
    for connection_id in kept:
        nudge(Job.LOOK_AT_HELD, str(connection_id))

    return made


def targets_of(draft: Draft) -> Mapping[MappingKey, str]:
    """Return what each service type and tax rate of a draft got, where all its lines got the same."""
    found: dict[MappingKey, set[str | None]] = {}
    for each in draft.lines:
        service = each.line.service_type_id
        if service:
            ledger = each.ledger.code if each.ledger else None
            found.setdefault(MappingKey(MappingKind.SERVICE, service), set()).add(ledger)

        rate = MappingKey(MappingKind.TAX, each.line.tax_rate_id or "")
        found.setdefault(rate, set()).add(each.vat.code if each.vat else None)

    alike = {key: codes.pop() for key, codes in found.items() if len(codes) == 1}
    return {key: code for key, code in alike.items() if code}


def _keep(
    session: Session, copy: CopyRow, wish: Wish, remember: Collection[MappingKey], now: datetime
) -> bool:
    """Map what a person wants to keep and what can be mapped. Say whether anything was."""
    row = session.get_one(InvoiceRow, copy.invoice_id)
    connection = session.get_one(ConnectionRow, copy.connection_id)
    chosen = targets_of(draft_copy(session, connection, row.invoice(), wish.choices))
    opened = open_mappings(session, copy.connection_id)
    known = opened.table.known([key for key in remember if key in chosen])
    offered = [key for key in known if name_target(opened.table.catalogue, key.kind, chosen[key])]
    if not offered:
        return False

    certain = suggest_in(session, connection, opened.table, today=day_here(now)).certain
    accepted = {key: certain[key].because for key in offered if _is_suggested(certain.get(key), chosen[key])}
    targets: Targets = {key: (chosen[key], accepted.get(key)) for key in offered}
    setter = Setter(copy.connection_id, copy.requested_by, now)
    remembered = said(Happened.MAPPINGS_REMEMBERED, count=len(offered), number=row.number or "")
    write_mappings(session, opened, setter, targets, remembered)
    return True


def _is_suggested(suggested: object, target: str) -> bool:
    return getattr(suggested, "target", None) == target
