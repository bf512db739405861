"""What rows tell, as the source says it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.said import Said
from portal.sentences.voice import in_source_language
from portal.store.events import EventRow


def told(said: Said | None) -> str:
    """Return the sentence of what is said, nothing for None."""
    return in_source_language(said) if said else ""


def told_events(session: Session, kind: str | None = None) -> Sequence[str]:
    """Return what events tell, the oldest first."""
    query = select(EventRow).order_by(EventRow.id)
    if kind is not None:
        query = query.where(EventRow.kind == kind)
    return [told(row.said) for row in session.scalars(query)]
