"""The rows of lanes, and their names."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant, add_once
from portal.store.leases import Lease, Leased, take_row


class LaneRow(Leased, Base):
    """A lane, and what its remote last told of its limits."""

    __tablename__ = "lane"

    name: Mapped[str] = mapped_column(primary_key=True)
    interactive_until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    pace: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)


def exact_lane(locale: str, division: int | None) -> str:
    """Name the lane of a division, or of what belongs to no division."""
    return f"exact:{locale}:{division or 'me'}"


def productive_lane(organization_id: str) -> str:
    """Name the lane of an organisation in Productive."""
    return f"productive:{organization_id}"


def add_lane(session: Session, name: str) -> None:
    """Begin to keep a lane, unless it is kept."""
    if session.get(LaneRow, name) is None:
        add_once(session, LaneRow(name=name))


def take_lane(
    session: Session,
    name: str,
    *,
    now: datetime,
    lasting: timedelta,
    owner: str = "",
    only: ColumnElement[bool] | None = None,
) -> tuple[LaneRow, Lease] | None:
    """Take a lane, if nobody else holds it."""
    taken = take_row(session, LaneRow, name, now=now, lasting=lasting, owner=owner, only=only)
    if taken is not None or session.get(LaneRow, name) is not None:
        return taken

    add_lane(session, name)
    return take_row(session, LaneRow, name, now=now, lasting=lasting, owner=owner, only=only)
