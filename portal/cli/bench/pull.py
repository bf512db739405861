"""Measures a payment pull with 10,000 changed terms: the real client, answers made beforehand."""

import json
import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.payments.compare import compare_touched
from portal.actions.payments.pull import pull_terms
from portal.cli.bench.seed import SEED
from portal.domain.money import to_decimal
from portal.domain.payments.terms import TERM_MATCHED, TERM_OPEN
from portal.exact.client import ExactClient
from portal.extensions import db
from portal.remote.pace import Pace
from portal.remote.transport import Transport
from portal.store.connections import ConnectionRow
from portal.store.lanes import StoredLane
from portal.store.terms import TermRow, TouchedEntryRow

CHANGED = 10_000
COMPARED = 1_000
PAGE = 1_000
ADDRESS = "http://localhost:9"
PAID = "/Date(1793491200000)/"
PAID_LATER = "/Date(1793577600000)/"
LATER = 10**9


class Prepared(BaseAdapter):
    """Answers each call with the next of some bodies, then with empty lists."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        super().__init__()
        self._bodies = iter(bodies)

    def close(self) -> None:
        """Nothing is open."""

    def send(self, request: requests.PreparedRequest, *_given: Any, **_how: Any) -> requests.Response:
        """Answer at once."""
        response = requests.Response()
        response.status_code = 200
        response.url = str(request.url)
        response._content = next(self._bodies, b'{"d":{"results":[]}}')
        return response


def measure_pull(app: Flask) -> tuple[float, float, float]:
    """Return the seconds of a pull and of comparing 1,000 of its invoices, and a pull's peak memory in MB."""
    with app.app_context():
        session = db.session()
        connection = session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
        connection.payments.baseline_done = True
        connection.payments.on = True
        connection.payments.term_cursor = LATER
        connection.payments.began_at = datetime.now(UTC)
        session.commit()
        terms = some_terms(session, connection.id)
        pulled = pull(session, connection.id, [spell(*each, LATER, PAID) for each in enumerate(terms)])
        compared = compare(session, connection.id)
        again = [spell(*each, LATER + CHANGED, PAID_LATER) for each in enumerate(terms)]
        tracemalloc.start()
        pull(session, connection.id, again)
        peak = tracemalloc.get_traced_memory()[1] / 10**6
        tracemalloc.stop()

    return pulled, compared, peak


def some_terms(session: Session, connection_id: int) -> Sequence[TermRow]:
    """Return open terms of the mirror, the newest row among them, without keeping them in the session."""
    query = select(TermRow).where(TermRow.connection_id == connection_id, TermRow.status == TERM_OPEN)
    terms = session.scalars(query.limit(CHANGED)).all()
    session.commit()
    for term in terms:
        session.refresh(term)

    session.expunge_all()
    newest = update(TermRow).where(TermRow.connection_id == connection_id, TermRow.id == terms[0].id)
    session.execute(newest.values(timestamp=LATER - 1))
    session.commit()

    return terms


def pull(session: Session, connection_id: int, rows: Sequence[object]) -> float:
    """Return the seconds that it takes to mirror some rows."""
    pages = [rows[at : at + PAGE] for at in range(0, len(rows), PAGE)]
    ledger = a_ledger([body_of(page, at, at + 1 < len(pages)) for at, page in enumerate(pages)])
    started = perf_counter()
    pull_terms(session, ledger, connection_id, now=datetime.now(UTC))
    return perf_counter() - started


def compare(session: Session, connection_id: int) -> float:
    """Return the seconds that it takes to compare 1,000 of the invoices that were touched."""
    some = select(TouchedEntryRow.entry_id).where(TouchedEntryRow.connection_id == connection_id)
    kept = session.scalars(some.order_by(TouchedEntryRow.entry_id).limit(COMPARED)).all()
    session.execute(delete(TouchedEntryRow).where(TouchedEntryRow.entry_id > kept[-1]))
    session.commit()
    started = perf_counter()
    compare_touched(session, a_ledger(()), connection_id, now=datetime.now(UTC))

    return perf_counter() - started


def a_ledger(bodies: Iterable[bytes]) -> ExactClient:
    """Return the real client, answered from memory."""
    wire = requests.Session()
    wire.mount(ADDRESS, Prepared(bodies))
    lane = StoredLane(
        sessionmaker(db.engine),
        "bench",
        start=Pace(),
        reader=lambda _headers, _status, _now: (),
        clock=lambda: datetime.now(UTC),
        hold=60,
    )

    return ExactClient(ADDRESS, 1, access=lambda: "", lane=lane, transport=Transport(session=wire))


def body_of(rows: Sequence[object], at: int, more: bool) -> bytes:
    """Spell one page."""
    link = {"__next": f"{ADDRESS}/api/v1/1/sync/Cashflow/PaymentTerms?$skiptoken={at}"} if more else {}
    return json.dumps({"d": {"results": rows} | link}).encode()


def spell(at: int, row: TermRow, after: int, paid: str) -> dict[str, object]:
    """Spell a term as Exact would, now settled."""
    return {
        "Timestamp": str(after + at),
        "LineType": 20,
        "ID": row.id,
        "TransactionEntryID": row.entry_id,
        "TransactionID": None,
        "TransactionType": row.transaction_type,
        "Status": TERM_MATCHED,
        "Account": None,
        "AmountFC": float(to_decimal(row.amount)),
        "AmountDC": float(to_decimal(row.amount_dc)),
        "TransactionAmountFC": float(to_decimal(row.transaction_amount)),
        "Currency": row.currency,
        "AmountDiscountFC": 0,
        "LastPaymentDate": paid,
        "EndDate": paid,
        "DueDate": None,
        "YourRef": row.your_ref,
        "InvoiceNumber": row.invoice_number,
        "EntryNumber": row.entry_number,
        "Journal": row.journal,
        "IsFullyPaid": True,
    }
