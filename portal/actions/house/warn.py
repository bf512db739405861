"""Write to the administrators about troubles: each once, again when it recurs, never twice for a crash."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Post
from portal.actions.house.troubles import Trouble, find_troubles
from portal.domain.house.states import Role
from portal.remote.errors import RemoteError
from portal.store.notices import NoticeRow, open_notices
from portal.store.people import UserRow

# A mail whose sender died may have gone out: it is sent again, but not soon.
UNKNOWN = timedelta(hours=6)
AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))

log = structlog.get_logger("portal.mail")


def warn(session: Session, post: Post | None, *, address: str, now: datetime) -> int:
    """Take note of what is wrong now and mail what was not said yet; returns how many mails went out."""
    keep_notices(session, find_troubles(session, now), address=address, now=now)
    if post is None:
        return 0
    return sum(_mail(session, post, notice, now) for notice in _unsaid(session, now))


def keep_notices(session: Session, troubles: Sequence[Trouble], *, address: str, now: datetime) -> None:
    """Open a notice for each new trouble, and close those that are over."""
    last = {notice.key: notice for notice in open_notices(session)}
    for key in last.keys() - {one.key for one in troubles}:
        last[key].open_key = None
        last[key].ended_at = now

    for one in troubles:
        if one.key not in last:
            session.add(
                NoticeRow(
                    key=one.key,
                    open_key=one.key,
                    subject=one.subject,
                    text=f"{one.text}\n\n{address}{one.path}\n",
                    subsidiaries=None if one.subsidiaries is None else list(one.subsidiaries),
                    raised_at=now,
                )
            )

    session.commit()


def _unsaid(session: Session, now: datetime) -> list[NoticeRow]:
    due = or_(NoticeRow.next_try_at.is_(None), NoticeRow.next_try_at <= now)
    query = select(NoticeRow).where(NoticeRow.open_key.is_not(None), NoticeRow.mailed_at.is_(None), due)
    found = list(session.scalars(query.order_by(NoticeRow.id)))
    session.commit()
    return found


def _mail(session: Session, post: Post, notice: NoticeRow, now: datetime) -> bool:
    """Mail one notice if nobody else does; the intent is committed first."""
    to = _administrators(session, notice.subsidiaries)
    if not to or not _take(session, notice, now):
        session.commit()
        return False

    try:
        post.send(to, subject=f"[Portal] {notice.subject}", text=notice.text)
    except RemoteError as error:
        log.warning("mail not sent", notice=notice.key, error=error.text)
        notice.next_try_at = now + AGAIN[min(notice.tries, len(AGAIN)) - 1]
        session.commit()
        return False

    notice.mailed_at = now
    notice.next_try_at = None
    session.commit()

    return True


def _take(session: Session, notice: NoticeRow, now: datetime) -> bool:
    """Claim a notice as it was read; another worker's claim has moved its next try."""
    same = NoticeRow.tries == notice.tries
    taken = session.execute(
        update(NoticeRow)
        .where(
            NoticeRow.id == notice.id, NoticeRow.open_key.is_not(None), NoticeRow.mailed_at.is_(None), same
        )
        .values(next_try_at=now + UNKNOWN, tries=NoticeRow.tries + 1)
        .returning(NoticeRow.id)
        .execution_options(synchronize_session=False)
    ).scalar()

    session.commit()
    session.refresh(notice)
    session.commit()

    return taken is not None


def _administrators(session: Session, subsidiaries: Sequence[str] | None) -> list[str]:
    """Return the addresses of the active administrators whom it concerns."""
    query = select(UserRow).where(UserRow.role == Role.ADMINISTRATOR, UserRow.active.is_(True))
    people = session.scalars(query.order_by(UserRow.id)).all()
    return [
        one.email
        for one in people
        if subsidiaries is None or any(one.may_see(subsidiary) for subsidiary in subsidiaries)
    ]
