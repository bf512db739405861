"""A beat for each write of something that pages show, by which an open page knows that it is old."""

from typing import Any

from sqlalchemy import Result, delete, event, func, insert, select
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, UOWTransaction, mapped_column

from portal.store.base import Base

# The machine room writes these all the time, and no page shows them.
UNSEEN = frozenset(
    {
        "attempt",
        "hint",
        "lane",
        "line_use",
        "look",
        "notice",
        "pulse",
        "remapped",
        "sign_in_try",
        "slot",
        "summary",
        "stale_comparison",
        "touched_entry",
        "unready",
        "web_session",
    }
)
# Told by a statement that only keeps a lease or counts a write, which nobody sees either.
QUIET = {"pulse": False}
KEPT = 1000
# Stands in a session's info once it has added a beat.
BEAT = "a beat was added"
_WRITTEN = "written since the last beat"


class PulseRow(Base):
    """One beat. Each transaction that writes what pages show adds one, so that no two wait for each other."""

    __tablename__ = "pulse"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)


def read_version(session: Session) -> str:
    """Return what changes with every write of something that pages show."""
    # Of two beats the second may be committed first, so the newest alone would hide the other.
    newest, count = session.execute(select(func.max(PulseRow.id), func.count())).one()
    return spell_version(newest, count)


def spell_version(newest: int | None, count: int) -> str:
    """Spell the newest beat, and how many there are."""
    return f"{newest or 0}-{count}"


def forget_beats(session: Session) -> None:
    """Forget beats that no open page compares with any more."""
    newest = select(func.max(PulseRow.id)).scalar_subquery()
    session.execute(delete(PulseRow).where(PulseRow.id <= newest - KEPT))


def note_written(session: Session) -> None:
    """Note that pages show something else, where a quiet statement found anything to write."""
    session.info[_WRITTEN] = True


@event.listens_for(Session, "before_flush")
def _note_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Note that rows are about to be written."""
    if _WRITTEN in session.info:
        return

    changed = (row for row in session.dirty if session.is_modified(row))
    for row in (*session.new, *session.deleted, *changed):
        if row.__tablename__ not in UNSEEN:
            session.info[_WRITTEN] = True
            return


@event.listens_for(Session, "do_orm_execute")
def _note_statement(asked: ORMExecuteState) -> Result[Any] | None:
    """Note a statement that writes past the rows of its session, where it finds any to write."""
    if not (asked.is_update or asked.is_insert or asked.is_delete):
        return None

    name = getattr(getattr(asked.statement, "table", None), "name", "")
    if name in UNSEEN or not asked.execution_options.get("pulse", True):
        return None

    answer = asked.invoke_statement()
    # Who asks for rows to be returned does not learn their number yet.
    if getattr(answer, "rowcount", -1) != 0:
        asked.session.info[_WRITTEN] = True

    return answer


@event.listens_for(Session, "before_commit")
def _beat(session: Session) -> None:
    """Add a beat to what is about to be committed."""
    session.flush()
    if session.info.pop(_WRITTEN, False):
        session.execute(insert(PulseRow))
        session.info[BEAT] = True


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    """Forget what was not written after all."""
    session.info.pop(_WRITTEN, None)
