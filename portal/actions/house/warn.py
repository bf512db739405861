"""Write to the administrators about troubles, once about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Post
from portal.actions.engine.turn import let_go, transaction
from portal.actions.house.troubles import Trouble, find_troubles
from portal.domain.house.states import Role
from portal.languages import tag_for
from portal.remote.errors import RemoteError
from portal.sentences.person import voice_of
from portal.sentences.voice import make_sentence
from portal.store.leases import Lease, leave, take
from portal.store.notices import NoticeRow, open_notices
from portal.store.people import UserRow

# A mail whose sender died may have gone out, so it is not sent again soon.
HELD = timedelta(hours=6)
AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail for those who read one language."""

    tag: str
    to: Sequence[str]
    subject: str
    text: str


log = structlog.get_logger("portal.mail")


def warn(session: Session, post: Post | None, *, address: str, now: datetime) -> int:
    """Note what is wrong and mail it. Returns how many mails went out."""
    keep_notices(session, find_troubles(session, now), address=address, now=now)
    if post is None:
        return 0
    return sum(_mail(session, post, notice, now) for notice in _unsaid(session, now))


def keep_notices(session: Session, troubles: Sequence[Trouble], *, address: str, now: datetime) -> None:
    """Open a notice for each new trouble, and close what is over."""
    with transaction(session):
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
                        text=one.text,
                        link=f"{address}{one.path}",
                        subsidiaries=None if one.subsidiaries is None else list(one.subsidiaries),
                        raised_at=now,
                    )
                )


def _unsaid(session: Session, now: datetime) -> list[NoticeRow]:
    found = list(session.scalars(select(NoticeRow).where(_is_due(now)).order_by(NoticeRow.id)))
    let_go(session)
    return found


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a notice is to be mailed now."""
    return and_(
        NoticeRow.open_key.is_not(None),
        NoticeRow.mailed_at.is_(None),
        or_(NoticeRow.next_try_at.is_(None), NoticeRow.next_try_at <= now),
    )


def _mail(session: Session, post: Post, notice: NoticeRow, now: datetime) -> bool:
    """Mail one notice if nobody else does, to each in their own language."""
    with transaction(session):
        to = _administrators(session, notice.subsidiaries)
        lease = _take(session, notice, now) if to else None
        mails = [_write(notice, tag, emails) for tag, emails in to.items() if tag not in notice.said_in]
        gone_out = list(notice.said_in)
        key = notice.key
        tries = notice.tries
    if lease is None:
        return False

    for mail in mails:
        try:
            post.send(mail.to, subject=mail.subject, text=mail.text)
        except RemoteError as error:
            log.warning("mail not sent", notice=key, error=error.text)
            wait = AGAIN[min(tries, len(AGAIN)) - 1]
            with transaction(session):
                leave(session, lease, next_try_at=now + wait, said_in=gone_out)
            return False

        gone_out = [*gone_out, mail.tag]

    with transaction(session):
        leave(session, lease, mailed_at=now, next_try_at=None, said_in=gone_out)

    return True


def _write(notice: NoticeRow, tag: str, to: Sequence[str]) -> Mail:
    """Write a notice in one language."""
    voice = voice_of(tag)
    text = make_sentence(notice.text, voice)
    return Mail(
        tag=tag,
        to=to,
        subject=f"[Portal] {make_sentence(notice.subject, voice)}",
        text=f"{text}\n\n{notice.link}\n" if notice.link else text,
    )


def _take(session: Session, notice: NoticeRow, now: datetime) -> Lease | None:
    """Hold a notice, and count the try."""
    tries = NoticeRow.tries + 1
    return take(session, NoticeRow, notice.id, now=now, lasting=HELD, only=_is_due(now), tries=tries)


def _administrators(session: Session, subsidiaries: Sequence[str] | None) -> dict[str, list[str]]:
    """Return the addresses of the active administrators whom it concerns, by their language."""
    query = select(UserRow).where(UserRow.role == Role.ADMINISTRATOR, UserRow.active.is_(True))
    found: dict[str, list[str]] = {}
    for one in session.scalars(query.order_by(UserRow.id)):
        if subsidiaries is None or any(one.may_see(subsidiary) for subsidiary in subsidiaries):
            found.setdefault(tag_for(one.language), []).append(one.email)

    return found
