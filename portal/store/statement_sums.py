"""What a statement adds up: net and VAT of both books per journal, and Exact's base and VAT per VAT code."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.books.states import Part
from portal.domain.periods import Period
from portal.store.reconciliation import ComparedRow, Scope, read_vat


@dataclass
class SideSum:
    """Net and VAT of one side, and of how many documents the VAT is not known."""

    count: int = 0
    gross: int = 0
    vat: int = 0
    unknown: int = 0

    def add(self, gross: int, vat: int | None) -> None:
        """Add a document."""
        self.count += 1
        self.gross += gross
        self.vat += vat or 0
        self.unknown += vat is None

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
    ComparedRow.part,
    ComparedRow.currency,
    ComparedRow.ours,
    ComparedRow.ours_vat,
    ComparedRow.their_currency,
    ComparedRow.theirs,
    ComparedRow.theirs_vat,
    ComparedRow.vat_sums,
)


def statement_sums(session: Session, period: Period, scope: Scope) -> StatementSums:
    """Add up a period per subsidiary, journal and currency, and per VAT code."""
    journals: dict[tuple[str, str, str], JournalSum] = {}
    codes: dict[tuple[str, str, str, str | None], CodeSum] = {}
    query = select(*COLUMNS).where(ComparedRow.day >= period.first, ComparedRow.day <= period.last)
    if scope is not None:
        query = query.where(ComparedRow.subsidiary_id.in_(scope))

    for row in session.execute(query):
        if row.part != Part.THEIRS and row.ours is not None:
            key = (row.subsidiary_id, row.journal, row.currency)
            journals.setdefault(key, JournalSum(*key)).ours.add(row.ours, row.ours_vat)

        if row.part != Part.OURS and row.theirs is not None:
            key = (row.subsidiary_id, row.journal, row.their_currency)
            journals.setdefault(key, JournalSum(*key)).theirs.add(row.theirs, row.theirs_vat)
            for code, base, vat in _each_code(row):
                place = (*key, code)
                start = CodeSum(row.subsidiary_id, row.connection_id, row.journal, row.their_currency, code)
                found = codes.setdefault(place, start)
                found.entries += 1
                found.base += base
                found.vat += vat

    return StatementSums(
        sorted(
            journals.values(), key=lambda one: (one.subsidiary_id, not one.journal, one.journal, one.currency)
        ),
        sorted(
            codes.values(),
            key=lambda one: (one.subsidiary_id, one.journal, one.currency, one.code is None, one.code or ""),
        ),
    )


def _each_code(row: Any) -> Iterator[tuple[str | None, int, int]]:
    """Yield base and VAT per code of an entry, all of it without a code where its lines are not known."""
    if row.vat_sums is None:
        yield None, row.theirs - (row.theirs_vat or 0), row.theirs_vat or 0
        return

    for one in read_vat(row.vat_sums):
        yield one.code, one.base, one.vat
