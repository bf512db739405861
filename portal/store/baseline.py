"""The baseline of "from now": what was settled already, while Exact leaves it so."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ForeignKey, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.states import PaymentsMode
from portal.domain.copies.states import CopyAction
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.payments.from_now import Settlement, judge_settlement
from portal.domain.payments.states import PaymentState
from portal.domain.payments.terms import TERM_MATCHED, Settled, Term
from portal.domain.payments.wanted import still_old
from portal.domain.said import said
from portal.store.base import Base, Large
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.events import note_event
from portal.store.payments import PaymentRow
from portal.store.terms import TermRow

Part = tuple[str, int, date]
paid_on = func.coalesce(TermRow.last_payment_on, TermRow.ended_on)


class BaselineRow(Base):
    """What was settled already when payments were switched on "from now". It makes no payment.

    ``unsure``: Exact does not tell whether it was settled before, so a person is told of it.
    """

    __tablename__ = "baseline"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    term_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(index=True)
    amount: Mapped[Large]
    settled_on: Mapped[date]
    unsure: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A settled part in the mirror, of which entry it is, and when its term last changed."""

    entry_id: str
    part: Settled
    modified: datetime | None


def begin_baseline(session: Session, connection: ConnectionRow) -> None:
    """At the wish, remember what the mirror holds as settled: that was before it, whatever comes."""
    session.execute(delete(BaselineRow).where(BaselineRow.connection_id == connection.id))
    if connection.payments.mode == PaymentsMode.FROM_NOW:
        _keep(session, connection, _each_settled(session, connection))


def take_baseline(session: Session, connection: ConnectionRow) -> None:
    """After the first whole load, remember what was settled before the wish, however late the load ended."""
    known = {(row.term_id, row.amount, row.settled_on) for row in _rows_of(session, connection)}
    session.execute(delete(BaselineRow).where(BaselineRow.connection_id == connection.id))
    if connection.payments.mode == PaymentsMode.FROM_NOW:
        _keep(session, connection, _each_before(session, connection, known))
    connection.payments.baseline_done = True


def _rows_of(session: Session, connection: ConnectionRow) -> Sequence[BaselineRow]:
    return session.scalars(select(BaselineRow).where(BaselineRow.connection_id == connection.id)).all()


def _each_settled(session: Session, connection: ConnectionRow) -> Iterator[Found]:
    """Yield every settled part that the mirror holds, with when its term last changed."""
    rows = session.execute(
        select(TermRow.id, TermRow.entry_id, -TermRow.amount, paid_on, TermRow.modified).where(
            TermRow.connection_id == connection.id,
            TermRow.status == TERM_MATCHED,
            TermRow.deleted_at.is_(None),
            paid_on.is_not(None),
        )
    )
    for term_id, entry_id, amount, on, modified in rows:
        yield Found(entry_id, Settled(term_id, amount, on), modified)


def _each_before(session: Session, connection: ConnectionRow, known: Container[Part]) -> Iterator[Found]:
    """Yield what was settled before the wish, and what may have been."""
    wish = connection.payments.since
    booked_since = _booked_since(session, connection, wish) if wish else set()
    paid = _paid_terms(session, connection)

    for found in _each_settled(session, connection):
        part = found.part
        if found.entry_id in booked_since:
            continue

        if wish is None or (part.term_id, part.amount, part.on) in known:
            yield found
            continue

        verdict = judge_settlement(part.on, found.modified, wish)
        if verdict is not Settlement.SINCE:
            unsure = verdict is Settlement.UNSURE and part.term_id not in paid
            yield replace(found, part=replace(part, unsure=unsure))


def _booked_since(session: Session, connection: ConnectionRow, wish: datetime) -> set[str]:
    """Return the entries that copies booked after the wish. Nothing of them was settled before."""
    booked = select(CopyRow.entry_id).where(
        CopyRow.connection_id == connection.id,
        CopyRow.action == CopyAction.CREATE,
        CopyRow.entry_id.is_not(None),
        CopyRow.finished_at > wish,
    )
    return {entry_id for entry_id in session.scalars(booked) if entry_id}


def _paid_terms(session: Session, connection: ConnectionRow) -> set[str]:
    """Return the terms of which this portal made a payment already."""
    made = select(PaymentRow.term_id).where(
        PaymentRow.connection_id == connection.id, PaymentRow.state == PaymentState.MADE
    )
    return set(session.scalars(made))


def _keep(session: Session, connection: ConnectionRow, parts: Iterable[Found]) -> None:
    rows = [
        {
            "connection_id": connection.id,
            "term_id": found.part.term_id,
            "entry_id": found.entry_id,
            "amount": found.part.amount,
            "settled_on": found.part.on,
            "unsure": found.part.unsure,
        }
        for found in parts
    ]
    if rows:
        session.execute(insert(BaselineRow), rows)


def baseline_of(session: Session, connection_id: int, entry_id: str | None) -> tuple[Settled, ...]:
    """Return what was settled of an entry before payments were switched on."""
    rows = session.scalars(
        select(BaselineRow).where(
            BaselineRow.connection_id == connection_id, BaselineRow.entry_id == entry_id
        )
    )
    return tuple(Settled(row.term_id, row.amount, row.settled_on, row.unsure) for row in rows)


def follow_baseline(session: Session, copy: CopyRow, terms: Sequence[Term], now: datetime) -> None:
    """Let the baseline follow what Exact still shows. What was taken back is new when it comes again."""
    before = baseline_of(session, copy.connection_id, copy.entry_id)
    pairs = still_old(terms, before)
    if {old for _, old in pairs} == set(before) and all(part == old for part, old in pairs):
        return

    here = (BaselineRow.connection_id == copy.connection_id, BaselineRow.entry_id == copy.entry_id)
    session.execute(delete(BaselineRow).where(*here))
    session.add_all(
        BaselineRow(
            connection_id=copy.connection_id,
            term_id=part.term_id,
            entry_id=copy.entry_id or "",
            amount=part.amount,
            settled_on=part.on,
            unsure=old.unsure,
        )
        for part, old in pairs
    )

    if any(part.on != old.on for part, old in pairs):
        note_event(
            session,
            at=now,
            actor="portal",
            kind=EventKind.SETTLED_BEFORE,
            said=said(Happened.SETTLED_BEFORE_MOVED),
            subsidiary_id=session.get_one(ConnectionRow, copy.connection_id).subsidiary_id,
            invoice_id=copy.invoice_id,
            copy_id=copy.id,
        )
