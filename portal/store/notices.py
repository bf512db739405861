"""Notices: the troubles that administrators are written to about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.said import Said
from portal.store.base import Base, Instant
from portal.store.leases import Leased
from portal.store.said_column import SaidColumn


class NoticeRow(Leased, Base):
    """One trouble from its rise to its end, mailed once by whoever holds it."""

    # ``open_key`` is unique while the trouble lasts, and empty afterwards.
    # ``subsidiaries`` says whom it concerns, None everybody.

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    key: Mapped[str]
    open_key: Mapped[str | None] = mapped_column(unique=True)
    subject: Mapped[Said] = mapped_column(SaidColumn)
    text: Mapped[Said] = mapped_column(SaidColumn)
    # The page that mends it. Before version 58 it stood in the text.
    link: Mapped[str]
    subsidiaries: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    tries: Mapped[int] = mapped_column(default=0)
    # The languages in which it has gone out, each to its own readers.
    said_in: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


def open_notices(session: Session) -> Sequence[NoticeRow]:
    """Return the troubles that last, the oldest first."""
    return session.scalars(
        select(NoticeRow).where(NoticeRow.open_key.is_not(None)).order_by(NoticeRow.id)
    ).all()
