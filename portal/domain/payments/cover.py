"""What settled a part: money, a credit note or a difference posting of the same account and day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations

from portal.domain.payments.terms import CREDIT, EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE, SALES, Term

CREDITS = (SALES, CREDIT)
DIFFERENCES = (EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE)
MOST = 10


@dataclass(frozen=True, slots=True)
class Cover:
    """How much of a settled part is money, a difference, and a credit."""

    money: int
    difference: int = 0
    credit: int = 0


def explain(terms: Sequence[Term], related: Sequence[Term]) -> dict[str, Cover | None]:
    """Explain each settled part by term id. None where more than one explanation fits."""
    groups: dict[tuple[str, date | None], list[Term]] = {}
    for term in terms:
        if term.is_settled:
            groups.setdefault((term.account_id, term.matched_on), []).append(term)
    return dict(chain.from_iterable(_explain_group(parts, related) for parts in groups.values()))


def _explain_group(parts: list[Term], related: Sequence[Term]) -> list[tuple[str, Cover | None]]:
    """Explain the parts that were settled on one day."""
    near = [row for row in related if _is_near(row, parts[0])]
    covers = [row for row in near if row.transaction_type in CREDITS + DIFFERENCES]
    cash = [row for row in near if row not in covers]
    found = _choose_covers(sum(part.owed for part in parts), covers, cash, parts[0].your_ref.strip())
    if found is None:
        return [(part.id, None) for part in parts]

    return list(_distribute(parts, found))


def _is_near(row: Term, part: Term) -> bool:
    """Say whether a posting may have settled a part. One that names another invoice did not."""
    same = (row.account_id, row.matched_on, row.currency) == (part.account_id, part.matched_on, part.currency)
    other = row.your_ref.strip() != part.your_ref.strip() and row.your_ref.strip()
    elsewhere = other and row.transaction_type not in CREDITS
    return row.is_settled and row.amount > 0 and same and row.entry_id != part.entry_id and not elsewhere


def _choose_covers(total: int, covers: list[Term], cash: list[Term], ref: str) -> list[Term] | None:
    """Choose the postings that cover a total in part. None where that is open."""
    own = [row for row in covers if row.your_ref.strip() == ref and row.transaction_type in DIFFERENCES]
    rest = [row for row in covers if row not in own]
    left = total - _sum(own)
    if not rest or left == _sum([row for row in cash if row.your_ref.strip() == ref]):
        return own if left >= 0 else None
    if not cash and _sum(rest) <= left:
        return covers

    found = {_totals(some): some for some in _subsets(rest) if left - _sum(some) in _sums(cash)}
    return [*own, *next(iter(found.values()))] if len(found) == 1 else None


def _sum(rows: Sequence[Term]) -> int:
    return sum(row.amount for row in rows)


def _subsets(rows: list[Term]) -> Iterator[list[Term]]:
    """Yield every choice among a few rows. Of many rows none, for a person should look."""
    sizes = range(len(rows) + 1) if len(rows) <= MOST else ()
    return (list(some) for size in sizes for some in combinations(rows, size))


def _sums(rows: list[Term]) -> set[int]:
    return {_sum(some) for some in _subsets(rows)}


def _totals(rows: Sequence[Term]) -> tuple[int, int]:
    """Return the credits and the differences among some postings."""
    credits = _sum([row for row in rows if row.transaction_type in CREDITS])
    return credits, _sum(rows) - credits


def _distribute(parts: list[Term], covers: list[Term]) -> Iterator[tuple[str, Cover]]:
    """Lay credits and differences over the parts of a day: where they fit exactly, else from the last."""
    credits, differences = _totals(covers)
    credit = _lay(credits, [part.owed for part in parts])
    left = [part.owed - share for part, share in zip(parts, credit, strict=True)]
    difference = _lay(differences, left)
    for part, rest, one, other in zip(parts, left, difference, credit, strict=True):
        yield part.id, Cover(rest - one, one, other)


def _lay(amount: int, room: list[int]) -> list[int]:
    """Lay an amount into the room of each part."""
    if amount in room:
        return [amount if at == room.index(amount) else 0 for at in range(len(room))]

    shares = [0] * len(room)
    for at in reversed(range(len(room))):
        shares[at] = min(amount, room[at])
        amount -= shares[at]

    return shares
