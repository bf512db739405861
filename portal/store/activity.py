"""Everything that happened, filtered and by pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, Text, or_, select, type_coerce
from sqlalchemy.orm import Session

from portal.store.events import EventRow
from portal.store.invoices import InvoiceRow

PAGE = 25
Scope = tuple[str, ...] | None
# An event with number and customer of its invoice, both None where it is about none.
Event = tuple[EventRow, str | None, str | None]


# As they are stored.
VALUES = type_coerce(EventRow.told, Text())


def _no_codes(_word: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class EventFilters:
    """What the URL asks for. All subsidiaries, where ``subsidiaries`` is None."""

    subsidiaries: Scope = None
    kind: str = ""
    query: str = ""
    hidden: tuple[str, ...] = ()
    # Returns the codes whose sentence has a word, in the language of who asks.
    codes: Callable[[str], Sequence[str]] = _no_codes


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events with their invoices. Its cursors are None at the ends."""

    rows: Sequence[Event]
    newer: int | None
    older: int | None


def filtered_events(filters: EventFilters) -> Select[EventRow, str | None, str]:
    """Return the query of these filters with number and customer of each event's invoice, without order."""
    query = select(EventRow, InvoiceRow.number, InvoiceRow.company_name).outerjoin(
        InvoiceRow, InvoiceRow.id == EventRow.invoice_id
    )
    if filters.subsidiaries is not None:
        query = query.where(EventRow.subsidiary_id.in_(filters.subsidiaries))

    if filters.hidden and not filters.kind:
        query = query.where(EventRow.kind.not_in(filters.hidden))

    if filters.kind:
        asked = "" if filters.kind in filters.hidden else filters.kind
        query = query.where(EventRow.kind == asked)

    for word in filters.query.split():
        columns = (VALUES, EventRow.actor, EventRow.kind, InvoiceRow.number, InvoiceRow.company_name)
        named = [column.icontains(word, autoescape=True) for column in columns]
        query = query.where(or_(EventRow.code.in_(filters.codes(word)), *named))

    return query


def list_events(
    session: Session, filters: EventFilters, *, cursor: int | None = None, back: bool = False
) -> EventPage:
    """Return one page, newest first, after (or, going back, before) a cursor."""
    query = filtered_events(filters)
    if cursor is not None:
        query = query.where(EventRow.id > cursor if back else EventRow.id < cursor)

    order = EventRow.id.asc() if back else EventRow.id.desc()
    read = session.execute(query.order_by(order).limit(PAGE + 1))
    found = [(event, number, customer) for event, number, customer in read]
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0][0].id if rows and (more if back else cursor is not None) else None
    older = rows[-1][0].id if rows and (cursor is not None if back else more) else None
    return EventPage(rows, newer, older)
