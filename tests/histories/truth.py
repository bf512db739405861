"""What Productive should hold, told from the sandboxes' own truth and never from the portal's code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.domain.payments.states import GOING, FindingKind, PaymentCause, PaymentState
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Row
from portal.sandbox.productive.rows import Invoice, Payment
from portal.store.findings import FindingRow
from portal.store.payments import PaymentRow
from tests.histories.world import World

BY_HAND = "by hand"
DIFFERENCES = ("discount", "writeoff", "exchange")
Key = tuple[int, date, bool]


class Part(NamedTuple):
    """A part of an entry that something settled; ``kind`` is what did."""

    amount: int
    on: date
    ended: date
    kind: str
    matching: str

    @property
    def key(self) -> Key:
        """The part as Productive would have it."""
        return self.amount, self.on, self.kind in DIFFERENCES


@dataclass
class Memory:
    """What a history did that the sandboxes no longer tell."""

    baseline: dict[str, list[Part]] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)
    paid_before: dict[str, Counter[Key]] = field(default_factory=dict)
    by_hand: dict[int, tuple[int, str | None]] = field(default_factory=dict)
    meddled: set[int] = field(default_factory=set)
    removals: int = 0
    false_removals: list[str] = field(default_factory=list)


def each_part(world: World, entry_id: str) -> Iterator[Part]:
    """Yield the settled parts of an entry."""
    for row in world.books["PaymentTerms"].where("TransactionEntryID", entry_id):
        if row["Status"] == 50:
            matching = world.books.matchings[str(row["_Matching"])]
            amount = int(-amount_of(row, "AmountFC") * 100)
            yield Part(amount, _day(row, "LastPaymentDate"), _day(row, "EndDate"), matching.kind, matching.id)


def _day(row: Row, name: str) -> date:
    value = row[name]
    if not isinstance(value, datetime):
        raise TypeError(name)
    return value.date()


def ours(world: World, invoice: Invoice) -> Counter[Key]:
    """What the portal made in Productive for an invoice."""
    return Counter(
        _key(one) for one in _payments(world, invoice) if (one.note or "").startswith("Exact entry")
    )


def _payments(world: World, invoice: Invoice) -> list[Payment]:
    return [world.productive.tables.payments[id_] for id_ in invoice.payments]


def _key(payment: Payment) -> Key:
    day = payment.written_off_on or payment.paid_on or ""
    return payment.amount, date.fromisoformat(day), payment.written_off_on is not None


@dataclass
class Expected:
    """The payments that must be there, those that may, and which findings must and may be open."""

    must: Counter[Key] = field(default_factory=Counter)
    may: Counter[Key] = field(default_factory=Counter)
    unclear: set[date] = field(default_factory=set)
    findings: set[str] = field(default_factory=set)
    allowed: set[str] = field(default_factory=set)
    gone: bool = False


def expect(world: World, memory: Memory, invoice: Invoice) -> Expected:
    """Say what the truth asks for."""
    told = Expected()
    entries = world.copies.get(str(invoice.id), [])
    if not entries:
        return told
    *older, latest = entries
    for entry_id in older:
        parts = [part for part in each_part(world, entry_id) if part.kind != "credit"]
        told.may.update(part.key for part in parts if part.amount > 0)
        told.allowed |= {"older copy"} if list(each_part(world, entry_id)) else set()
        new = [part for part in parts if part not in memory.baseline.get(entry_id, [])]
        if any(part.amount > 0 for part in new) and not _mixed(world, entry_id):
            told.findings.add("older copy")
    if latest not in world.books["SalesEntries"].rows:
        told.gone = True
        told.findings.add("entry deleted")
        return told
    told.unclear = _mixed(world, latest) | _met(world, latest, older)
    told.allowed |= {"unclear"} if told.unclear else set()
    _add_parts(world, memory, invoice, latest, told)
    return told


def _add_parts(world: World, memory: Memory, invoice: Invoice, entry_id: str, told: Expected) -> None:
    baseline = memory.baseline.get(entry_id, [])
    old = {part.matching for part in baseline}
    gone = Counter(part.amount for part in baseline if part.matching not in world.books.matchings)
    for part in each_part(world, entry_id):
        if part.amount < 0:
            continue
        if part in baseline or part.matching in old or gone[part.amount]:
            told.may[part.key] += 1
            told.allowed |= {"settled before", "credit_match", "difference"}
        elif part.kind == "credit":
            told.allowed.add("credit_match")
            # A payment that was made of the same amount and day stays until a person decides.
            told.may[part.key] += not invoice.credited
            if not invoice.credited and part.ended not in told.unclear:
                told.findings.add("credit_match")
        else:
            told.must[part.key] += 1
    if not invoice.credited:
        told.may.update(_undecided(world, invoice, entry_id))
    for key, count in memory.paid_before.get(entry_id, Counter[Key]()).items():
        told.may[key] = max(told.may[key], count)


def _met(world: World, latest: str, older: list[str]) -> set[date]:
    """The days on which several entries of one invoice were settled, which carry the same reference."""
    days = {part.ended for entry_id in older for part in each_part(world, entry_id)}
    return days & {part.ended for part in each_part(world, latest)}


def _undecided(world: World, invoice: Invoice, entry_id: str) -> Iterator[Key]:
    """What was paid by a term that a credit note settles now: it stays until a person decides."""
    for row in world.books["PaymentTerms"].where("TransactionEntryID", entry_id):
        if row["Status"] == 50 and world.books.matchings[str(row["_Matching"])].kind == "credit":
            named = [one for one in _payments(world, invoice) if f"term {row['ID']} " in (one.note or "")]
            yield from (_key(one) for one in named)


def _mixed(world: World, entry_id: str) -> set[date]:
    """The days on which different kinds of settlement met at this entry's customer, so that none can tell."""
    entry: Row = world.books["SalesEntries"].rows.get(entry_id, {})
    kinds: dict[date, set[str]] = {}
    counts: Counter[date] = Counter()
    for row in world.books["PaymentTerms"].where("Account", entry.get("Customer")):
        if row["Status"] == 50 and row["Currency"] == entry.get("Currency"):
            kind = world.books.matchings[str(row["_Matching"])].kind
            kinds.setdefault(_day(row, "EndDate"), set()).add(kind)
            counts[_day(row, "EndDate")] += 1
    return {day for day, found in kinds.items() if len(found) > 1}


def differences(world: World, memory: Memory) -> list[str]:
    """Return where the two sides differ and nobody is told why."""
    return [
        f"invoice {invoice.id}: {text}"
        for invoice in world.productive.tables.invoices.values()
        for text in _each_difference(world, memory, invoice)
    ]


def _each_difference(world: World, memory: Memory, invoice: Invoice) -> Iterator[str]:
    told = expect(world, memory, invoice)
    rows = _rows(world, invoice)
    kinds = _open_findings(world, invoice)
    if strange := kinds - told.findings - told.allowed - _may_be_told(world, invoice, told):
        yield f"finding without a cause: {strange}"
    going = [row for row in rows if row.state in GOING]
    shown = any(row.state == PaymentState.REFUSED for row in rows)
    if stuck := {row.state for row in going if not (shown and row.cause == PaymentCause.OURS_FIRST)}:
        yield f"payments are stuck: {stuck}"
    refused = [row.trouble for row in rows if row.state == PaymentState.REFUSED and not row.is_by_hand]
    if refused:
        yield f"refused: {refused}"
    if invoice.is_live and (missing := told.findings - kinds):
        yield f"nobody is told: {missing}"
    if not told.gone and not _is_out_of_sight(world, memory, invoice):
        yield from _each_wrong_payment(world, told, invoice, rows)


def _is_out_of_sight(world: World, memory: Memory, invoice: Invoice) -> bool:
    """Whether people changed payments of an invoice that they deleted, which Productive no longer shows."""
    return not invoice.is_live and any(one.id in memory.meddled for one in _payments(world, invoice))


def _each_wrong_payment(
    world: World, told: Expected, invoice: Invoice, rows: list[PaymentRow]
) -> Iterator[str]:
    waiting = {int(row.productive_id) for row in rows if row.productive_id and row.state in ("held", "asked")}
    there = ours(world, invoice) - Counter(
        _key(one) for one in _payments(world, invoice) if one.id in waiting
    )
    actual = Counter({key: count for key, count in there.items() if key[1] not in told.unclear})
    must = Counter({key: count for key, count in told.must.items() if key[1] not in told.unclear})
    extra = actual - must - told.may
    missing = must - actual
    shown = any(row.state == PaymentState.REFUSED for row in rows)
    if shown or not extra + missing:
        return
    held = any(row.state in ("held", "asked", "by hand") for row in rows)
    if not extra and (held or not invoice.is_live):
        return
    if not told.may and _sums(actual) == _sums(must):
        return
    yield f"Productive has {dict(actual)} and should have {dict(must)}, may have {dict(told.may)}"


def _sums(payments: Counter[Key]) -> dict[tuple[date, bool], int]:
    """Add up by day and kind: on one day Exact does not tell which part was written off."""
    found: Counter[tuple[date, bool]] = Counter()
    for (amount, on, written_off), count in payments.items():
        found[on, written_off] += amount * count
    return dict(found)


def _may_be_told(world: World, invoice: Invoice, told: Expected) -> set[str]:
    """The findings that people's doings in Productive, and money on an older copy, allow."""
    strangers = any((one.note or "") == BY_HAND for one in _payments(world, invoice))
    filled = strangers or invoice.credited or "older copy" in told.findings | told.allowed
    return ({"over-paid"} if filled else set()) | (set() if invoice.is_live else {"invoice deleted"})


def _open_findings(world: World, invoice: Invoice) -> set[FindingKind]:
    query = select(FindingRow.kind).where(
        FindingRow.invoice_id == str(invoice.id), FindingRow.resolved_at.is_(None)
    )
    found = set(world.session.scalars(query))
    world.session.commit()
    return found


def _rows(world: World, invoice: Invoice) -> list[PaymentRow]:
    query = select(PaymentRow).where(PaymentRow.invoice_id == str(invoice.id))
    rows = list(world.session.scalars(query.execution_options(populate_existing=True)))
    world.session.commit()
    return rows


def watch_removal(world: World, memory: Memory, payment_id: int) -> None:
    """Judge a removal at the moment it is asked for: a payment that the truth still wants must stay."""
    payment = world.productive.tables.payments.get(payment_id)
    if payment is None or payment_id in memory.meddled:
        return
    memory.removals += 1
    invoice = world.productive.tables.invoices[payment.invoice_id]
    told = expect(world, memory, invoice)
    key = _key(payment)
    wanted = told.must[key]
    if told.gone or (key[1] not in told.unclear and ours(world, invoice)[key] <= wanted):
        memory.false_removals.append(f"payment {payment_id} of invoice {invoice.id}, {key}")
