"""A month that somebody signed off: what it held then, and what changed since."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from portal.domain.copies.states import IN_EXACT, IN_FLIGHT, CopyState


class LineKind(StrEnum):
    """What a line of a signed month stands for."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    DIFFERENCE = "difference"


class Place(StrEnum):
    """Whether an invoice stands in Exact, as far as a sign-off asks."""

    OUTSIDE = "not in exact"
    UNDER_WAY = "under way"
    INSIDE = "in exact"
    LEFT_OUT = "left out"


class ChangeKind(StrEnum):
    """What happened in a month after it was signed off."""

    INVOICE_NEW = "invoice new"
    INVOICE_GONE = "invoice gone"
    INVOICE_CHANGED = "invoice changed"
    COPIED = "copied"
    COPIED_ANEW = "copied anew"
    UNDONE = "undone"
    LEFT_OUT = "left out"
    MAY_BE_COPIED = "may be copied"
    PAYMENT_NEW = "payment new"
    PAYMENT_GONE = "payment gone"
    PAYMENT_CHANGED = "payment changed"
    DIFFERENCE_NEW = "difference new"
    DIFFERENCE_GONE = "difference gone"
    DIFFERENCE_CHANGED = "difference changed"


class OpenKind(StrEnum):
    """What was open when a month was signed off, in the order of the page."""

    READY = "ready"
    NEEDS_YOU = "needs you"
    UNDER_WAY = "under way"
    CHANGED = "changed since copied"
    PAYMENTS = "payments to decide"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice, payment or difference of a month, as it stands at a moment.

    ``state`` is where it stands and ``content`` what it says. ``behind`` is the copy that counts for an
    invoice, and the invoice of a payment or a difference.
    """

    kind: LineKind
    key: str
    number: str
    customer: str
    currency: str
    amount: int
    state: str
    content: str = ""
    behind: str = ""

    @property
    def name(self) -> tuple[LineKind, str]:
        """What it is found by."""
        return self.kind, self.key

    def spell(self) -> str:
        """Spell all that counts, for a fingerprint."""
        counted = (
            self.kind,
            self.key,
            self.currency,
            str(self.amount),
            self.state,
            self.content,
            self.behind,
        )
        return "\x1f".join(counted)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one line. ``before`` or ``after`` is None where it came or went."""

    kind: ChangeKind
    before: Line | None
    after: Line | None

    @property
    def line(self) -> Line:
        """The line as it is now, or was last."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change is of a line")
        return found


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What one line of the page still asked for: how many, and how much per currency."""

    kind: OpenKind
    count: int
    amounts: Mapping[str, int]


PLACES: Mapping[str, Place] = {
    **dict.fromkeys(IN_EXACT, Place.INSIDE),
    **dict.fromkeys(IN_FLIGHT, Place.UNDER_WAY),
    CopyState.REFUSED: Place.OUTSIDE,
    CopyState.UNDONE: Place.OUTSIDE,
}
CAME = {
    LineKind.INVOICE: ChangeKind.INVOICE_NEW,
    LineKind.PAYMENT: ChangeKind.PAYMENT_NEW,
    LineKind.DIFFERENCE: ChangeKind.DIFFERENCE_NEW,
}
WENT = {
    LineKind.INVOICE: ChangeKind.INVOICE_GONE,
    LineKind.PAYMENT: ChangeKind.PAYMENT_GONE,
    LineKind.DIFFERENCE: ChangeKind.DIFFERENCE_GONE,
}


def fingerprint(lines: Iterable[Line]) -> str:
    """Return a hash of a month, whatever the order of its lines."""
    spelled = sorted(line.spell() for line in lines)
    return sha256("\x1e".join(spelled).encode()).hexdigest()


def find_changes(signed: Iterable[Line], now: Iterable[Line]) -> list[Change]:
    """Return what changed since a month was signed off, by number."""
    before = {line.name: line for line in signed}
    after = {line.name: line for line in now}
    found = [change for name in before.keys() | after.keys() if (change := _change(before, after, name))]
    told = list(_told_once(found))
    return sorted(told, key=lambda change: (change.line.kind, change.line.number, change.line.key))


def count_changes(changes: Iterable[Change]) -> dict[ChangeKind, int]:
    """Count changes by their kind, in the order of the kinds."""
    kinds = [change.kind for change in changes]
    return {kind: kinds.count(kind) for kind in ChangeKind if kind in kinds}


def _change(
    before: Mapping[tuple[LineKind, str], Line],
    after: Mapping[tuple[LineKind, str], Line],
    name: tuple[LineKind, str],
) -> Change | None:
    """Return what became of one line, None for nothing."""
    was = before.get(name)
    line = after.get(name)
    if was is None or line is None:
        kind = CAME[name[0]] if was is None else WENT[name[0]]
        return Change(kind, was, line)

    found = _kind_of_invoice(was, line) if line.kind is LineKind.INVOICE else _kind_of_other(was, line)
    return Change(found, was, line) if found else None


def _kind_of_invoice(was: Line, line: Line) -> ChangeKind | None:
    """Say what became of an invoice that was there before. What is under way has not changed yet."""
    if line.state != was.state and line.state != Place.UNDER_WAY:
        if line.state == Place.INSIDE:
            return ChangeKind.COPIED
        if line.state == Place.LEFT_OUT:
            return ChangeKind.LEFT_OUT
        if was.state == Place.LEFT_OUT:
            return ChangeKind.MAY_BE_COPIED
        if was.state == Place.INSIDE:
            return ChangeKind.UNDONE

    if (line.content, line.amount, line.currency) != (was.content, was.amount, was.currency):
        return ChangeKind.INVOICE_CHANGED
    if line.state == was.state == Place.INSIDE and line.behind != was.behind:
        return ChangeKind.COPIED_ANEW

    return None


def _kind_of_other(was: Line, line: Line) -> ChangeKind | None:
    same = (line.state, line.content, line.amount, line.currency) == (
        was.state,
        was.content,
        was.amount,
        was.currency,
    )
    if same:
        return None
    is_payment = line.kind is LineKind.PAYMENT
    return ChangeKind.PAYMENT_CHANGED if is_payment else ChangeKind.DIFFERENCE_CHANGED


def _told_once(changes: Iterable[Change]) -> Iterator[Change]:
    """Leave out a difference that went because of what its own invoice's change tells already."""
    changes = list(changes)
    invoices = {change.line.key for change in changes if change.line.kind is LineKind.INVOICE}
    for change in changes:
        if change.kind is not ChangeKind.DIFFERENCE_GONE or change.line.behind not in invoices:
            yield change
