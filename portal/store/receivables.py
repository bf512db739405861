"""Exact's open receivables by the due date of each term, kept at the moment of the comparison."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Index, delete, func, insert, select, union
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from portal.domain.assumptions import Feature
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import IN_EXACT
from portal.domain.payments.terms import TERM_MATCHED
from portal.store.base import Base, Large
from portal.store.book_tallies import OUR_OPEN
from portal.store.connections import ConnectionRow, SubsidiaryRow, live_connections
from portal.store.copies import CopyRow, entry_from_row
from portal.store.invoices import InvoiceRow
from portal.store.reconciliation import Scope
from portal.store.tallies import Tally
from portal.store.terms import TermRow
from portal.store.trials import kept_off

Key = tuple[str, date | None]
SOME = 500


class OpenReceivableRow(Base):
    """What is open in Exact of a subsidiary, in one currency, due on one day."""

    __tablename__ = "open_receivable"
    __table_args__ = (
        Index("ix_open_receivable_due", "currency", "due_on", "subsidiary_id"),
        Index("ix_open_receivable_subsidiary", "subsidiary_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    subsidiary_id: Mapped[str]
    currency: Mapped[str]
    due_on: Mapped[date | None]
    count: Mapped[int]
    amount: Mapped[Large]


# What is open of each connection, kept as the terms are written.
OPEN_TERMS = Tally(
    "open_term",
    TermRow,
    keys={
        "connection_id": TermRow.connection_id,
        "currency": TermRow.currency,
        "due_on": TermRow.due_on,
    },
    sums={"amount": -TermRow.amount},
    where=(TermRow.status != TERM_MATCHED, TermRow.deleted_at.is_(None)),
    indexes=[("connection_id",)],
)


class Unknown(StrEnum):
    """Why it is not known what is open in Exact."""

    OFF = "off"
    NOT_YET = "not yet"
    NOT_CONNECTED = "not connected"


@dataclass(frozen=True, slots=True)
class UnknownOpen:
    """A subsidiary of which it is not known what is open in Exact, and why."""

    subsidiary: str
    why: Unknown


def why_unknown(connection: ConnectionRow) -> Unknown | None:
    """Say why a connection's open receivables are not known, None where they are."""
    if not connection.payments.on or kept_off(connection, Feature.PAYMENTS):
        return Unknown.OFF
    return None if connection.payments.baseline_done else Unknown.NOT_YET


def unknown_open(session: Session, scope: Scope) -> list[UnknownOpen]:
    """Return the subsidiaries in sight whose open receivables in Exact are not known."""
    owing = select(OUR_OPEN.c.subsidiary_id.label("id")).group_by(OUR_OPEN.c.subsidiary_id)
    owing = owing.having(func.sum(OUR_OPEN.c.rows) != 0)
    is_live = ConnectionRow.state == ConnectionState.LIVE
    # A connection may be older than what was read of its subsidiary.
    named = union(owing, select(ConnectionRow.subsidiary_id).where(is_live)).subquery()
    query = (
        select(SubsidiaryRow.name, ConnectionRow)
        .select_from(named)
        .outerjoin(SubsidiaryRow, SubsidiaryRow.id == named.c.id)
        .outerjoin(ConnectionRow, (ConnectionRow.subsidiary_id == named.c.id) & is_live)
        .options(
            joinedload(ConnectionRow.payments, innerjoin=False),
            joinedload(ConnectionRow.customers, innerjoin=False),
        )
        .order_by(ConnectionRow.id.is_not(None), ConnectionRow.id, SubsidiaryRow.name)
    )
    if scope is not None:
        query = query.where(named.c.id.in_(scope))

    found = []
    for name, connection in session.execute(query):
        why = Unknown.NOT_CONNECTED if connection is None else why_unknown(connection)
        known = name if connection is None else name or connection.division_name or ""
        if why is not None and known is not None:
            found.append(UnknownOpen(known, why))

    return found


def keep_open(session: Session, subsidiaries: Iterable[str]) -> None:
    """Sum up anew what is open in Exact of some subsidiaries. Commits nothing."""
    session.flush()
    live = {row.subsidiary_id: row for row in live_connections(session)}
    for subsidiary_id in sorted(set(subsidiaries)):
        connection = live.get(subsidiary_id)
        sums: dict[Key, tuple[int, int]] = {}
        if connection is not None and why_unknown(connection) is None:
            sums = _open_terms(session, connection.id)
            for currency, due_on, amount in _just_booked(session, connection):
                count, before = sums[currency, due_on]
                sums[currency, due_on] = (count + 1, before + amount)

        _replace(session, subsidiary_id, sums)


def _replace(session: Session, subsidiary_id: str, sums: Mapping[Key, tuple[int, int]]) -> None:
    """Bring the kept sums of a subsidiary to these, and write only what differs."""
    table = OpenReceivableRow
    columns = (table.id, table.currency, table.due_on, table.count, table.amount)
    kept = session.execute(select(*columns).where(table.subsidiary_id == subsidiary_id)).all()
    right = {(row[1], row[2]) for row in kept if sums.get((row[1], row[2])) == (row[3], row[4])}
    wrong = [row.id for row in kept if (row[1], row[2]) not in right]
    for at in range(0, len(wrong), SOME):
        session.execute(delete(table).where(table.id.in_(wrong[at : at + SOME])))

    rows = [
        {
            "subsidiary_id": subsidiary_id,
            "currency": currency,
            "due_on": due_on,
            "count": count,
            "amount": amount,
        }
        for (currency, due_on), (count, amount) in sums.items()
        if (currency, due_on) not in right
    ]
    if rows:
        session.execute(insert(table), rows)


def _open_terms(session: Session, connection_id: int) -> dict[Key, tuple[int, int]]:
    """Return what the terms that are not matched add up to, whoever booked their entries."""
    sums: dict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    here = (OPEN_TERMS.c.connection_id == connection_id,)
    query = OPEN_TERMS.read("currency", "due_on", where=here)
    for currency, due_on, count, amount in session.execute(query):
        key = (currency.strip(), due_on)
        known, before = sums[key]
        sums[key] = (known + int(count), before + int(amount))

    return sums


def _just_booked(session: Session, connection: ConnectionRow) -> list[tuple[str, date | None, int]]:
    """Return what copies booked since the last pull of the terms: currency, due date and amount."""
    seen = select(TermRow.id).where(
        TermRow.connection_id == CopyRow.connection_id, TermRow.entry_id == CopyRow.entry_id
    )
    columns = (CopyRow.id, CopyRow.invoice_id, CopyRow.state, CopyRow.currency, CopyRow.entry)
    query = select(*columns, CopyRow.gross_booked).where(
        CopyRow.connection_id == connection.id,
        CopyRow.entry_id.is_not(None),
        CopyRow.gross_booked.is_not(None),
        ~seen.exists(),
    )
    if connection.payments.began_at is not None:
        query = query.where(CopyRow.finished_at >= connection.payments.began_at)

    # By when they ended, so their state is looked at here: most copies have the same one.
    booked = {row.id: row for row in session.execute(query) if row.state in IN_EXACT}
    found = []
    for copy_id, pay_on in _latest_of(session, {row.invoice_id for row in booked.values()}):
        if row := booked.get(copy_id):
            sent = entry_from_row(row.entry) if row.entry else None
            due_on = (sent.due_date if sent else None) or pay_on
            found.append((row.currency, due_on, int(row.gross_booked)))

    return found


def _latest_of(session: Session, invoice_ids: Collection[str]) -> Iterator[tuple[str, date | None]]:
    """Yield the latest copies of some invoices, with when those are to be paid."""
    ids = sorted(invoice_ids)
    for at in range(0, len(ids), SOME):
        some = InvoiceRow.id.in_(ids[at : at + SOME])
        for row in session.execute(select(InvoiceRow.latest_copy_id, InvoiceRow.pay_on).where(some)):
            yield row.latest_copy_id or "", row.pay_on
