"""What a statement adds up: net and VAT of both books per journal, and Exact's base and VAT per VAT code."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from portal.domain.books.states import Part
from portal.domain.periods import Period
from portal.store.book_tallies import OUR_VAT, THEIR_VAT
from portal.store.reconciliation import ComparedRow, Scope, read_vat
from portal.store.tallies import Tally


@dataclass
class SideSum:
    """Net and VAT of one side, and of how many documents the VAT is not known."""

    count: int = 0
    gross: int = 0
    vat: int = 0
    unknown: int = 0

    @property
    def net(self) -> int:
        """The amounts without VAT."""
        return self.gross - self.vat


@dataclass
class JournalSum:
    """Both sides of a journal of a subsidiary, in one currency."""

    subsidiary_id: str
    journal: str
    currency: str
    ours: SideSum = field(default_factory=SideSum)
    theirs: SideSum = field(default_factory=SideSum)

    @property
    def is_known(self) -> bool:
        """Say whether net and VAT are known of every document."""
        return not (self.ours.unknown or self.theirs.unknown)


@dataclass
class CodeSum:
    """Base and VAT of one code in a journal, in one currency. ``code`` is None where it is not known."""

    subsidiary_id: str
    connection_id: int | None
    journal: str
    currency: str
    code: str | None
    entries: int = 0
    base: int = 0
    vat: int = 0

    @property
    def gross(self) -> int:
        """Base and VAT together."""
        return self.base + self.vat


@dataclass(frozen=True, slots=True)
class StatementSums:
    """Everything that a statement adds up from the compared rows."""

    journals: list[JournalSum]
    codes: list[CodeSum]


COLUMNS: tuple[Any, ...] = (
    ComparedRow.subsidiary_id,
    ComparedRow.connection_id,
    ComparedRow.journal,
    ComparedRow.their_currency,
    ComparedRow.theirs,
    ComparedRow.theirs_vat,
    ComparedRow.vat_sums,
)


def statement_sums(session: Session, period: Period, scope: Scope) -> StatementSums:
    """Add up a period per subsidiary, journal and currency, and per VAT code."""
    journals = _journals(session, period, scope)
    codes = _codes(session, period, scope)
    return StatementSums(
        sorted(journals, key=lambda one: (one.subsidiary_id, not one.journal, one.journal, one.currency)),
        sorted(
            codes,
            key=lambda one: (one.subsidiary_id, one.journal, one.currency, one.code is None, one.code or ""),
        ),
    )


def _journals(session: Session, period: Period, scope: Scope) -> Collection[JournalSum]:
    """Return what both sides of each journal add up to, from what is kept of it."""
    found: dict[tuple[str, str, str], JournalSum] = {}
    sides = [
        select(literal(name), *_kept(tally, period, scope).subquery().c)
        for name, tally in (("ours", OUR_VAT), ("theirs", THEIR_VAT))
    ]
    for name, subsidiary_id, journal, currency, count, gross, vat, unknown in session.execute(
        union_all(*sides)
    ):
        key = (subsidiary_id, journal, currency)
        both = found.setdefault(key, JournalSum(*key))
        setattr(both, name, SideSum(int(count), int(gross), int(vat), int(unknown)))

    return found.values()


def _kept(tally: Tally, period: Period, scope: Scope) -> Select[Any]:
    first, last = period.months
    conditions = [tally.c.month >= first, tally.c.month <= last]
    if scope is not None:
        conditions.append(tally.c.subsidiary_id.in_(scope))
    return tally.read("subsidiary_id", "journal", "currency", where=conditions)


def _codes(session: Session, period: Period, scope: Scope) -> Collection[CodeSum]:
    """Add up the VAT of the entries of a period, code by code."""
    codes: dict[tuple[str, str, str, str | None], CodeSum] = {}
    first, last = period.months
    query = select(*COLUMNS).where(
        ComparedRow.month >= first,
        ComparedRow.month <= last,
        ComparedRow.part != Part.OURS,
        ComparedRow.theirs.is_not(None),
    )
    if scope is not None:
        query = query.where(ComparedRow.subsidiary_id.in_(scope))

    for row in session.execute(query):
        key = (row.subsidiary_id, row.journal, row.their_currency)
        for code, base, vat in _each_code(row):
            start = CodeSum(row.subsidiary_id, row.connection_id, row.journal, row.their_currency, code)
            found = codes.setdefault((*key, code), start)
            found.entries += 1
            found.base += base
            found.vat += vat

    return codes.values()


def _each_code(row: Any) -> Iterator[tuple[str | None, int, int]]:
    """Yield base and VAT per code of an entry, all of it without a code where its lines are not known."""
    if row.vat_sums is None:
        yield None, row.theirs - (row.theirs_vat or 0), row.theirs_vat or 0
        return

    for one in read_vat(row.vat_sums):
        yield one.code, one.base, one.vat
