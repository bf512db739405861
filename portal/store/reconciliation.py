"""The comparison of both books, kept row by row, so that a page of it only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import (
    Index,
    Select,
    Text,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.books.states import DIFFERING, Agreement, Part, Why
from portal.domain.books.vat import VatSum
from portal.domain.periods import Period
from portal.store.base import Base, Large, Word, only
from portal.store.stale import StaleRow

PAGE = 25
VIEWS = ("differing", *DIFFERING, Agreement.EXPLAINED, Agreement.EQUAL, "all")
Scope = tuple[str, ...] | None


class ComparedRow(Base):
    """One invoice with its entry, or one side alone."""

    # ``ours`` is Productive and ``theirs`` Exact, in cents. What is booked in another month than the invoice
    # stands in both months, and ``part`` says which side counts there. ``codes`` are between commas.

    __tablename__ = "comparison"
    __table_args__ = (
        Index("ix_comparison_differing", "differs", "day", "key"),
        Index("ix_comparison_verdict", "verdict", "day", "key"),
        Index("ix_comparison_day", "day", "key"),
        Index("ix_comparison_month", "month", "subsidiary_id"),
        Index("ix_comparison_entry", "entry_id"),
        Index("ix_comparison_twin", "day", "key", **only("codes = ',twin,'")),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    subsidiary_id: Mapped[str]
    month: Mapped[str]
    day: Mapped[date]
    part: Mapped[Part] = mapped_column(Word(Part))
    verdict: Mapped[Agreement] = mapped_column(Word(Agreement))
    differs: Mapped[bool]
    codes: Mapped[str]
    drifted: Mapped[bool]
    number: Mapped[str]
    customer: Mapped[str]
    journal: Mapped[str]
    connection_id: Mapped[int | None]
    invoice_id: Mapped[str | None] = mapped_column(index=True)
    entry_id: Mapped[str | None]
    entry_number: Mapped[str | None]
    currency: Mapped[str]
    ours: Mapped[Large | None]
    ours_open: Mapped[Large | None]
    their_currency: Mapped[str]
    their_month: Mapped[str | None]
    theirs: Mapped[Large | None]
    theirs_open: Mapped[Large | None]
    due_on: Mapped[date | None]
    days_late: Mapped[int | None]
    ours_vat: Mapped[Large | None] = mapped_column(default=None)
    theirs_vat: Mapped[Large | None] = mapped_column(default=None)
    # Base and VAT per code as JSON, None where Exact's lines are not known.
    vat_sums: Mapped[str | None] = mapped_column(Text, default=None)

    @property
    def reasons(self) -> tuple[Why, ...]:
        """The codes of what differs."""
        return tuple(Why(code) for code in self.codes.split(",") if code)

    @property
    def ours_here(self) -> int | None:
        """Productive's amount, where it counts in this row's month."""
        return None if self.part == Part.THEIRS else self.ours

    @property
    def theirs_here(self) -> int | None:
        """Exact's amount, where it counts in this row's month."""
        return None if self.part == Part.OURS else self.theirs

    @property
    def difference(self) -> int | None:
        """Exact minus Productive, as it counts in this row's month."""
        # None where the currencies differ.
        ours = self.ours_here
        theirs = self.theirs_here
        if ours is not None and theirs is not None and self.currency != self.their_currency:
            return None
        return (theirs or 0) - (ours or 0)

    @property
    def difference_currency(self) -> str:
        """The currency of ``difference``."""
        return self.currency if self.ours_here is not None else self.their_currency


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL asks for."""

    # ``subsidiaries`` None means all, ``code`` narrows to one kind of difference.

    period: Period
    subsidiaries: Scope = None
    view: str = "differing"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows."""

    # ``newer`` and ``older`` are cursors, None at the ends.

    rows: Sequence[ComparedRow]
    newer: str | None
    older: str | None


def compared(filters: Filters) -> Select[ComparedRow]:
    """Return the query of these filters, without order."""
    period = filters.period
    query = select(ComparedRow).where(ComparedRow.day >= period.first, ComparedRow.day <= period.last)
    if filters.subsidiaries is not None:
        query = query.where(ComparedRow.subsidiary_id.in_(filters.subsidiaries))

    if filters.view == "differing":
        query = query.where(ComparedRow.differs.is_(True))
    elif filters.view != "all":
        query = query.where(ComparedRow.verdict == filters.view)

    if filters.code:
        query = query.where(ComparedRow.codes.contains(f",{filters.code},", autoescape=True))

    return query


def in_order(query: Select[ComparedRow], *, downward: bool = True) -> Select[ComparedRow]:
    """Order by day, newest first or last."""
    columns = (ComparedRow.day, ComparedRow.key)
    return query.order_by(*(each.desc() for each in columns) if downward else columns)


def list_page(session: Session, filters: Filters, *, cursor: str = "", back: bool = False) -> Page:
    """Return one page, newest first, after (or, going back, before) a cursor."""
    anchor = session.get(ComparedRow, cursor) if cursor else None
    back = back and anchor is not None
    query = compared(filters)

    if anchor is not None:
        place = tuple_(ComparedRow.day, ComparedRow.key)
        here = (anchor.day, anchor.key)
        query = query.where(place > here if back else place < here)

    found = list(session.scalars(in_order(query, downward=not back).limit(PAGE + 1)))
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0].key if rows and (more if back else anchor is not None) else None
    older = rows[-1].key if rows and (anchor is not None if back else more) else None
    return Page(rows, newer, older)


def is_stale(session: Session) -> bool:
    """Say whether something waits to be compared anew."""
    return session.scalar(select(StaleRow.id).limit(1)) is not None


COMPARED: tuple[Any, ...] = tuple(ComparedRow.__table__.columns)


def spell_vat(sums: Sequence[VatSum]) -> str:
    """Spell sums per VAT code for a column."""
    return msgspec.json.encode([(one.code, one.base, one.vat) for one in sums]).decode()


def read_vat(spelled: str) -> list[VatSum]:
    """Read sums per VAT code from a column."""
    return [VatSum(*one) for one in msgspec.json.decode(spelled, type=list[tuple[str, int, int]])]
