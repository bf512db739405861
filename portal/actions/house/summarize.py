"""Write a daily summary to those who want one, once a day each."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Post
from portal.actions.engine.turn import transaction
from portal.domain.copies.need_words import word_of
from portal.domain.here import HERE
from portal.domain.house.mailed import Mailed
from portal.domain.said import Amount, Said, as_written, listed, said
from portal.remote.errors import RemoteError
from portal.sentences.person import voice_of
from portal.sentences.voice import Voice, make_sentence
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
        voice = voice_of(person.language)
        subject = f"[Portal] {make_sentence(subject_of(summary), voice)}"
        text = write_summary(summary, voice, address=address)
        try:
            post.send([person.email], subject=subject, text=text)
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


def subject_of(summary: Summary) -> Said:
    """Head the mail with what matters most."""
    return said(Mailed.SUMMARY, copied=summary.copied.count, needing=summary.needs_you.count)


def write_summary(summary: Summary, voice: Voice, *, address: str) -> str:
    """Write the mail in plain text, in the language of its reader."""
    lines = [
        said(Mailed.COPIED, count=_count(summary.copied)),
        said(Mailed.NEEDS, count=_count(summary.needs_you)),
        *_reasons(summary, voice),
        said(Mailed.PAYMENTS, count=_count(summary.payments)),
        as_written(""),
        as_written(f"{address}/"),
        as_written(""),
        said(Mailed.CHOSEN, address=f"{address}/account"),
    ]
    return "\n".join(make_sentence(line, voice) for line in lines) + "\n"


def _reasons(summary: Summary, voice: Voice) -> Sequence[Said]:
    """Say by reason how many invoices need somebody. An invoice may have several."""
    counts: dict[str, int] = {}
    for group in summary.needs:
        word = voice.say(word_of(group.code))
        counts[word] = counts.get(word, 0) + group.count

    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [said(Mailed.NEED, word=word, count=count) for word, count in ordered]


def _count(tally: Tally) -> Said:
    amounts = [
        said(Mailed.MONEY, amount=Amount(total, currency))
        for currency, total in sorted(tally.amounts.items())
    ]
    if not amounts:
        return said(Mailed.COUNT, count=tally.count)
    return said(Mailed.COUNT_OF_MONEY, count=tally.count, amounts=listed(amounts))
