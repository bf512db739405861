"""Write a daily summary to those who want one, once a day each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Post
from portal.actions.engine.turn import transaction
from portal.domain.copies.need_words import word_of
from portal.domain.here import HERE
from portal.domain.text import say_money
from portal.remote.errors import RemoteError
from portal.store.base import add_once
from portal.store.leases import Lease, leave, take
from portal.store.people import UserRow
from portal.store.standings import Tally
from portal.store.summaries import Summary, SummaryRow, summary_since

# Where the people are who choose an hour, as the portal shows moments.
# A mail whose sender died may have gone out, so it is not sent again that day.
HELD = timedelta(days=2)
AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MOST_TRIES = 4
A_DAY = timedelta(days=1)

log = structlog.get_logger("portal.mail")


def mail_summaries(session: Session, post: Post | None, *, address: str, now: datetime) -> int:
    """Mail what is due. Returns how many mails went out."""
    if post is None:
        return 0

    _begin_due(session, now)
    with transaction(session):
        due = list(session.scalars(select(SummaryRow.id).where(_is_due(now)).order_by(SummaryRow.id)))

    return sum(_mail(session, post, summary_id, address, now) for summary_id in due)


def due_since(hour: int, now: datetime) -> datetime | None:
    """Return the moment of today's chosen hour, None before it."""
    here = now.astimezone(HERE)
    moment = datetime.combine(here.date(), time(hour), HERE)
    return moment if here >= moment else None


def _begin_due(session: Session, now: datetime) -> None:
    """Add the summary of today for each person whose hour has come. Another worker may be quicker."""
    with transaction(session):
        wanting = select(UserRow).where(UserRow.active.is_(True), UserRow.summary_hour.is_not(None))
        for person in session.scalars(wanting.order_by(UserRow.id)):
            due = due_since(person.summary_hour or 0, now)
            if due is None or _is_begun(session, person.id, due):
                continue

            add_once(session, SummaryRow(user_id=person.id, day=due.date(), since=due - A_DAY))


def _is_begun(session: Session, user_id: int, due: datetime) -> bool:
    mine = (SummaryRow.user_id == user_id, SummaryRow.day == due.date())
    return session.scalar(select(SummaryRow.id).where(*mine)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a summary is to be mailed now."""
    # After a try whose end nobody knows it is not sent again: twice is worse than never.
    fresh = or_(SummaryRow.tries == 0, SummaryRow.next_try_at <= now)
    return and_(
        SummaryRow.mailed_at.is_(None),
        SummaryRow.tries < MOST_TRIES,
        fresh,
        SummaryRow.since > now - 2 * A_DAY,
    )


def _mail(session: Session, post: Post, summary_id: int, address: str, now: datetime) -> bool:
    """Mail one summary if nobody else does."""
    with transaction(session):
        lease = _take(session, summary_id, now)
        row = session.get_one(SummaryRow, summary_id, populate_existing=True)
        person = session.get_one(UserRow, row.user_id)
        summary = summary_since(session, person.subsidiaries, row.since) if lease else None

    if lease is None or summary is None:
        return False

    if not summary.is_empty:
        text = write_summary(summary, address=address)
        try:
            post.send([person.email], subject=subject_of(summary), text=text)
        except RemoteError as error:
            log.warning("summary not sent", user=person.id, error=error.text)
            wait = AGAIN[min(row.tries, len(AGAIN)) - 1]
            with transaction(session):
                leave(session, lease, next_try_at=now + wait)
            return False

    with transaction(session):
        leave(session, lease, mailed_at=now, next_try_at=None)

    return not summary.is_empty


def _take(session: Session, summary_id: int, now: datetime) -> Lease | None:
    """Hold a summary, and count the try."""
    return take(
        session,
        SummaryRow,
        summary_id,
        now=now,
        lasting=HELD,
        only=_is_due(now),
        tries=SummaryRow.tries + 1,
        next_try_at=None,
    )


def subject_of(summary: Summary) -> str:
    """Head the mail with what matters most."""
    return f"[Portal] {summary.copied.count} copied by itself, {summary.needs_you.count} need you"


def write_summary(summary: Summary, *, address: str) -> str:
    """Write the mail in plain text."""
    lines = [
        f"Copied by itself: {_said(summary.copied)}",
        f"Need you: {_said(summary.needs_you)}",
        *_reasons(summary),
        f"Payments found: {_said(summary.payments)}",
        "",
        f"{address}/",
        "",
        f"You chose this summary under Your account, {address}/account",
    ]
    return "\n".join(lines) + "\n"


def _reasons(summary: Summary) -> Sequence[str]:
    """Say by reason how many invoices need somebody. An invoice may have several."""
    counts: dict[str, int] = {}
    for group in summary.needs:
        word = word_of(group.code)
        counts[word] = counts.get(word, 0) + group.count

    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [f"  {word}: {count}" for word, count in ordered]


def _said(tally: Tally) -> str:
    return f"{tally.count}{_amounts(tally.amounts)}"


def _amounts(amounts: Mapping[str, int]) -> str:
    said = ", ".join(say_money(total, currency) for currency, total in sorted(amounts.items()))
    return f" ({said})" if said else ""
