"""How far a reading of Productive is that a person asked for."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.store.connections import ProductiveRow

RUNNING = "running"
DONE = "done"
FAILED = "failed"
SLOW = "slow"
READ = "invoices-read"
# What went wrong before may be what is being mended; after this it is what went wrong now.
SOON = timedelta(seconds=10)
PATIENCE = timedelta(minutes=10)


def reading_words(session: Session, asked_at: datetime | None, now: datetime) -> dict[str, object]:
    """Return what the progress shows, which is nothing where nobody asked."""
    productive = session.get(ProductiveRow, 1)
    state = None if asked_at is None or productive is None else _state(productive, asked_at, now)
    return {"reading": state, "asked_at": asked_at, "productive": productive}


def _state(productive: ProductiveRow, asked_at: datetime, now: datetime) -> str:
    ended = productive.invoices_pulled_at
    if ended is not None and ended >= asked_at:
        return DONE
    if productive.trouble and now - asked_at > SOON:
        return FAILED
    return RUNNING if now - asked_at <= PATIENCE else SLOW
