"""Keep what a look beforehand found about invoices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from portal.domain.copies.needs import Need
from portal.domain.copies.standing import Readiness
from portal.domain.said import spell_values
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found about an invoice, and of which content and state that is true."""

    invoice_id: str
    fingerprint: str
    copy_state: str
    readiness: Readiness
    needs: tuple[Need, ...]

    @property
    def need(self) -> str | None:
        """The code of its first need."""
        return self.needs[0].code if self.needs else None


def keep_seen(session: Session, found: Iterable[Seen]) -> list[str]:
    """Keep what was found. Returns the invoices that others are writing just now. Commits nothing."""
    seen = {each.invoice_id: each for each in found}
    known = _known(session, list(seen))
    changed = [each for each in seen.values() if known.get(each.invoice_id) != _kept(each)]
    if not changed:
        return []

    free = _lock(session, [each.invoice_id for each in changed])
    _write(session, [each for each in changed if free.get(each.invoice_id) == _content(each)])
    return [each.invoice_id for each in changed if each.invoice_id not in free]


def _lock(session: Session, invoice_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Lock the invoices that nobody else is writing, and return of which content and state they are now."""
    # Who waits for rows that another holds, while holding some that the other waits for, waits for ever.
    columns = (InvoiceRow.id, InvoiceRow.fingerprint, InvoiceRow.copy_state)
    query = select(*columns).where(InvoiceRow.id.in_(invoice_ids)).with_for_update(skip_locked=True)
    return {invoice_id: (fingerprint, state) for invoice_id, fingerprint, state in session.execute(query)}


def _content(seen: Seen) -> tuple[str, str]:
    # What changed meanwhile stays unsure until it was looked at again.
    return seen.fingerprint, seen.copy_state


def _known(session: Session, invoice_ids: Sequence[str]) -> dict[str, Any]:
    """Return what is kept already, in the form of ``_kept``."""
    needs: dict[str, list[Any]] = {}
    rows = session.execute(
        select(*NEED_COLUMNS).where(NeedRow.invoice_id.in_(invoice_ids)).order_by(NeedRow.position)
    )
    for invoice_id, *fields in rows:
        needs.setdefault(invoice_id, []).append(tuple(fields))

    columns = (InvoiceRow.id, InvoiceRow.readiness, InvoiceRow.need)
    found = session.execute(select(*columns).where(InvoiceRow.id.in_(invoice_ids)))
    return {row.id: (row.readiness, row.need, needs.get(row.id, [])) for row in found}


NEED_COLUMNS = (
    NeedRow.invoice_id,
    NeedRow.code,
    NeedRow.subject,
    NeedRow.field,
    NeedRow.fix,
    NeedRow.values,
)


def _kept(seen: Seen) -> tuple[Any, ...]:
    needs = [
        (each.code, each.subject, each.field, each.fix, spell_values(each.values)) for each in seen.needs
    ]
    return seen.readiness, seen.need, needs


def _write(session: Session, changed: Sequence[Seen]) -> None:
    session.execute(delete(NeedRow).where(NeedRow.invoice_id.in_([each.invoice_id for each in changed])))
    needs = [
        {
            "invoice_id": each.invoice_id,
            "position": position,
            "code": need.code,
            "subject": need.subject,
            "field": need.field,
            "fix": need.fix,
            "values": spell_values(need.values),
        }
        for each in changed
        for position, need in enumerate(each.needs)
    ]
    if needs:
        session.execute(insert(NeedRow), needs)

    alike: dict[tuple[Readiness, str | None], list[str]] = {}
    for each in changed:
        alike.setdefault((each.readiness, each.need), []).append(each.invoice_id)

    for (readiness, need), ids in alike.items():
        session.execute(
            update(InvoiceRow)
            .where(InvoiceRow.id.in_(ids))
            .values(readiness=readiness, need=need)
            .execution_options(synchronize_session=False)
        )
