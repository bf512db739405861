"""Months that were signed off: who, when, what was open, and what the month held then."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, and_, insert, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.books.sign_off import (
    Change,
    ChangeKind,
    Line,
    LineKind,
    OpenItem,
    OpenKind,
    count_changes,
    find_changes,
    fingerprint,
)
from portal.domain.periods import read_period
from portal.store.base import Base, Instant, Large, Word
from portal.store.months import Scope, lines_of
from portal.store.stale import StaleRow


class SignOffRow(Base):
    """One sign-off of a subsidiary's month. What it records is never written again.

    ``changes`` is what changed since, as counted when something in the month was compared last.
    """

    __tablename__ = "sign_off"
    __table_args__ = (Index("ix_sign_off_month", "subsidiary_id", "month", "id"),)

    # Counts on, so that the newest is found whatever the clock said.
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    subsidiary_id: Mapped[str]
    month: Mapped[str]
    signed_by: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(Instant)
    invoices: Mapped[int]
    open: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fingerprint: Mapped[str]
    changes: Mapped[dict[str, int]] = mapped_column(JSON, default_factory=dict, insert_default=dict)

    @property
    def open_items(self) -> list[OpenItem]:
        """What was open when it was signed."""
        return [OpenItem(OpenKind(one["kind"]), one["count"], one["amounts"]) for one in self.open]

    @property
    def is_outdated(self) -> bool:
        """Say whether something changed in the month since."""
        return bool(self.changes)

    @property
    def changed(self) -> dict[ChangeKind, int]:
        """How often each kind of change was found."""
        return {ChangeKind(kind): count for kind, count in self.changes.items()}

    def note_changes(self, changes: Mapping[ChangeKind, int]) -> None:
        """Keep what changed since."""
        self.changes = {str(kind): count for kind, count in changes.items()}


class SignedLineRow(Base):
    """One invoice, payment or difference of a month as it stood when that was signed off."""

    __tablename__ = "signed_line"

    sign_off_id: Mapped[int] = mapped_column(ForeignKey("sign_off.id"), primary_key=True)
    kind: Mapped[LineKind] = mapped_column(Word(LineKind), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    customer: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[Large]
    state: Mapped[str]
    content: Mapped[str]
    behind: Mapped[str]


FIELDS = ("kind", "key", "number", "customer", "currency", "amount", "state", "content", "behind")
_COLUMNS: tuple[Any, ...] = tuple(getattr(SignedLineRow, name) for name in FIELDS)


def add_sign_off(session: Session, row: SignOffRow, lines: Iterable[Line]) -> None:
    """Add a sign-off with what its month holds."""
    session.add(row)
    session.flush()
    rows = [{name: getattr(line, name) for name in FIELDS} | {"sign_off_id": row.id} for line in lines]
    if rows:
        session.execute(insert(SignedLineRow), rows)


def signed_lines(session: Session, sign_off_id: int) -> list[Line]:
    """Return what a month held when it was signed off."""
    rows = session.execute(select(*_COLUMNS).where(SignedLineRow.sign_off_id == sign_off_id))
    return [Line(*row) for row in rows]


def sign_off_of(session: Session, subsidiary_id: str, month: str) -> SignOffRow | None:
    """Return the newest sign-off of a subsidiary's month, None where nobody signed."""
    return session.scalar(_of_month(subsidiary_id, month).limit(1))


def sign_offs_beside(session: Session, sign_off_id: int) -> Sequence[tuple[SignOffRow, bool]]:
    """Return a sign-off with every other of its month, the newest first, each as ``known_sign_offs`` does."""
    this = aliased(SignOffRow)
    query = (
        select(SignOffRow, select(StaleRow.id).exists())
        .join(this, and_(this.subsidiary_id == SignOffRow.subsidiary_id, this.month == SignOffRow.month))
        .where(this.id == sign_off_id)
        .order_by(SignOffRow.id.desc())
    )
    return [(row, bool(is_stale)) for row, is_stale in session.execute(query)]


def _of_month(subsidiary_id: str, month: str) -> Select[SignOffRow]:
    here = (SignOffRow.subsidiary_id == subsidiary_id, SignOffRow.month == month)
    return select(SignOffRow).where(*here).order_by(SignOffRow.id.desc())


def newest_sign_offs(session: Session, scope: Scope, months: Sequence[str]) -> Sequence[SignOffRow]:
    """Return the newest sign-off of each subsidiary in some months."""
    return [row for row, _is_stale in known_sign_offs(session, scope, months)]


def known_sign_offs(
    session: Session, scope: Scope, months: Sequence[str]
) -> Sequence[tuple[SignOffRow, bool]]:
    """Return the same, each with whether anything waits to be compared anew."""
    later = aliased(SignOffRow)
    outdone = select(later.id).where(
        later.subsidiary_id == SignOffRow.subsidiary_id,
        later.month == SignOffRow.month,
        later.id > SignOffRow.id,
    )
    query = select(SignOffRow, select(StaleRow.id).exists())
    query = query.where(SignOffRow.month.in_(months), ~outdone.exists())
    if scope is not None:
        query = query.where(SignOffRow.subsidiary_id.in_(scope))

    ordered = query.order_by(SignOffRow.month.desc(), SignOffRow.subsidiary_id)
    return [(row, bool(is_stale)) for row, is_stale in session.execute(ordered)]


def changes_since(session: Session, row: SignOffRow) -> list[Change]:
    """Return what changed in a month since it was signed off, as its rows stand now."""
    period = read_period(row.month)
    now = lines_of(session, row.subsidiary_id, period) if period else []
    if fingerprint(now) == row.fingerprint:
        return []
    return find_changes(signed_lines(session, row.id), now)


def changes_now(session: Session, row: SignOffRow, *, is_stale: bool) -> Mapping[ChangeKind, int]:
    """Return how often each kind of change was found, as the month's rows stand now."""
    # What is kept is right once all that changed was compared, and the months are counted with it.
    return count_changes(changes_since(session, row)) if is_stale else row.changed


def count_again(session: Session, months: Iterable[tuple[str, str]]) -> None:
    """Count anew what changed in some months (subsidiary, month) that are signed off. Commits nothing."""
    asked = set(months)
    if not asked:
        return

    scope = tuple(sorted({subsidiary_id for subsidiary_id, _ in asked}))
    names = sorted({month for _, month in asked})
    for row in newest_sign_offs(session, scope, names):
        if (row.subsidiary_id, row.month) in asked:
            row.note_changes(count_changes(changes_since(session, row)))
