"""What a run is about: one invoice, what both sides must hold in the end, and how far they are from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.connections.states import NumberSource
from portal.domain.copies.states import AttemptState, CopyState
from portal.domain.payments.states import PaymentState
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from tests.crash.world import Office, World

Money = tuple[str, str]


@dataclass
class Subject:
    """One invoice; net ``lines`` as Exact must hold them, ``payments`` (amount, day) as Productive must."""

    office: Office
    invoice_id: str
    number: str
    company: str
    lines: list[str]
    new_customer: bool = False
    entry_id: str = ""
    receipt: str = ""
    payments: list[Money] = field(default_factory=list)
    entries: int = 1
    undone: bool = False


@dataclass
class Verdict:
    """What is there too often, what is missing, and whether the portal says the same and rests."""

    duplicates: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether everything is there exactly once, and known."""
        return not (self.duplicates or self.lost or self.wrong)

    def compare(self, what: str, found: Sequence[object], wanted: Sequence[object]) -> None:
        """Count what is there too often and what is missing; something else in its place is both."""
        have = Counter(found)
        want = Counter(wanted)
        surplus = (have - want).total()
        missing = (want - have).total()
        self.duplicates += surplus
        self.lost += missing
        if surplus or missing:
            self.wrong.append(f"{what}: {list(found)} instead of {list(wanted)}")

    def demand(self, what: str, holds: bool) -> None:
        """Note what does not hold, though nothing was lost or doubled by it."""
        if not holds:
            self.wrong.append(what)


def judge(world: World, subject: Subject) -> Verdict:
    """Look at both back doors and at the portal."""
    verdict = Verdict()
    entries = entries_of(world, subject)
    seen = seen_in_productive(world, subject)
    verdict.compare("entries", [1 for _ in entries], [1] * subject.entries)
    found = [line["AmountFC"] for entry in entries for line in entry["lines"]]
    verdict.compare("lines", found, subject.lines)
    total = sum((Decimal(entry["AmountFC"]) for entry in entries), Decimal(0))
    verdict.demand(f"total {total}", total == (0 if subject.undone else Decimal(seen["total"])))
    if subject.new_customer:
        verdict.compare("customers", [1 for _ in customers_of(world, subject)], [1])
    marks = [seen["export_id"]] if seen["exported"] else []
    verdict.compare("marks", marks, [] if subject.undone else [entry["EntryID"] for entry in entries[:1]])
    paid = [(one["amount"], one["paid_on"]) for one in seen["payments"]]
    verdict.compare("payments", paid, subject.payments)
    with world.session() as session:
        _judge_portal(session, verdict, subject, entries, seen)
        session.commit()
    return verdict


def _judge_portal(
    session: Session,
    verdict: Verdict,
    subject: Subject,
    entries: Sequence[dict[str, Any]],
    seen: dict[str, Any],
) -> None:
    row = session.get_one(InvoiceRow, subject.invoice_id, populate_existing=True)
    copies = session.scalars(select(CopyRow).where(CopyRow.invoice_id == row.id)).all()
    latest = next((copy for copy in copies if copy.id == row.latest_copy_id), None)
    ids = [copy.id for copy in copies]
    payments = session.scalars(select(PaymentRow).where(PaymentRow.invoice_id == row.id)).all()
    wanted = CopyState.UNDONE if subject.undone else CopyState.COPIED
    verdict.demand(f"copy {row.copy_state}", row.copy_state == wanted)
    if latest and entries and not subject.undone:
        verdict.demand("another entry known", latest.entry_id == entries[0]["EntryID"])
        by_exact = (
            session.get_one(ConnectionRow, subject.office.connection_id).number_source == NumberSource.EXACT
        )
        number = str(entries[0]["InvoiceNumber"]) if by_exact else subject.number
        verdict.compare("numbers", [seen["number"]], [number])
    for copy in copies:
        verdict.demand(f"copy still {copy.state}", copy.in_flight is None and not copy.mark_due)
    verdict.demand(
        "a payment is not done",
        all(one.state in (PaymentState.MADE, PaymentState.REMOVED) for one in payments),
    )
    open_ones = select(AttemptRow.kind).where(
        AttemptRow.copy_id.in_(ids) | AttemptRow.payment_id.in_([one.id for one in payments]),
        AttemptRow.state.in_((AttemptState.INTENDED, AttemptState.LOST)),
    )
    left = list(session.scalars(open_ones))
    verdict.demand(f"attempts without an outcome: {left}", not left)


def entries_of(world: World, subject: Subject) -> list[dict[str, Any]]:
    """The entries in Exact with this invoice's number."""
    found: list[dict[str, Any]] = world.street.exact.get(
        f"entries?division={subject.office.division}&your_ref={subject.number}"
    )
    return found


def customers_of(world: World, subject: Subject) -> list[dict[str, Any]]:
    """The accounts in Exact with the name of this invoice's company."""
    found: list[dict[str, Any]] = world.street.exact.get(
        f"accounts?division={subject.office.division}&name={subject.company}"
    )
    return found


def seen_in_productive(world: World, subject: Subject) -> dict[str, Any]:
    """The invoice as Productive has it."""
    found: dict[str, Any] = world.street.productive.get(f"invoices?id={subject.invoice_id}")["invoices"][0]
    return found
