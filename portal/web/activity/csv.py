"""Everything that happened as CSV, in UTC."""

from collections.abc import Iterable, Iterator

from flask import Response
from sqlalchemy.orm import Session

from portal.store.activity import EventFilters, filtered_events
from portal.store.events import EventRow
from portal.store.invoices import InvoiceRow
from portal.web.csv import answer_csv, harmless, spell_line

HEAD = ("Time (UTC)", "Who", "Kind", "What", "Invoice", "Customer", "Invoice id", "Copy id")


def write_csv(session: Session, filters: EventFilters) -> Response:
    """Answer with a CSV file of every event that is filtered, newest first."""
    query = filtered_events(filters).order_by(EventRow.id.desc())
    rows = session.execute(query.execution_options(yield_per=1000))
    return answer_csv(_each_line((event, invoice) for event, invoice in rows), "activity.csv")


def _each_line(rows: Iterable[tuple[EventRow, InvoiceRow | None]]) -> Iterator[str]:
    yield spell_line(HEAD)
    for event, invoice in rows:
        number, customer = (invoice.number or "", invoice.company_name) if invoice else ("", "")
        cells = (
            event.actor,
            event.kind,
            event.text,
            number,
            customer,
            event.invoice_id or "",
            event.copy_id or "",
        )
        yield spell_line([event.at.isoformat(timespec="seconds"), *map(harmless, cells)])
