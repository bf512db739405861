"""The timetable: what the ticker asks the worker for, and how often."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from portal.actions.engine.jobs import Job
from portal.settings import Settings

NIGHT = time(2, 30)


class Line(NamedTuple):
    """One line: the slot's name, how often, and the job by dotted name."""

    name: str
    every: timedelta
    job: str
    # When in the day, in UTC, where that matters.
    at: time | None = None

    def wait(self, now: datetime) -> timedelta:
        """Return how long it is until the job is due again."""
        if self.at is None:
            return self.every

        today = datetime.combine(now.date(), self.at, now.tzinfo)
        return (today if today > now else today + self.every) - now


def timetable(settings: Settings) -> tuple[Line, ...]:
    """Return every line."""
    invoices = timedelta(minutes=settings.invoice_pull_minutes)
    payments = timedelta(minutes=settings.payment_pull_minutes)
    return (
        Line("sweep", timedelta(seconds=10), Job.SWEEP),
        Line("invoices", invoices, Job.PULL_INVOICES),
        Line("readiness", timedelta(seconds=30), Job.KEEP_READY),
        Line("rules", timedelta(minutes=1), Job.COPY_BY_ITSELF),
        Line("payments", payments, Job.PULL_ALL_PAYMENTS),
        # Each connection once a night; what did not get through is asked for again within the hour.
        Line("control", timedelta(hours=1), Job.CONTROL_ALL_PAYMENTS),
        Line("catalogue", timedelta(hours=1), Job.REFRESH_CATALOGUE),
        Line("entries", timedelta(hours=1), Job.READ_ENTRIES),
        Line("comparison", timedelta(seconds=30), Job.COMPARE_BOOKS),
        Line("grants", timedelta(minutes=10), Job.KEEP_GRANTS),
        Line("consents", timedelta(seconds=10), Job.SETTLE_CONSENTS),
        Line("hints", timedelta(seconds=10), Job.RING_HINTS),
        Line("hooks", timedelta(hours=1), Job.KEEP_HOOKS),
        Line("statistics", timedelta(minutes=10), Job.KEEP_STATISTICS),
        Line("tallies", timedelta(minutes=1), Job.FOLD_TALLIES),
        Line("proof of tallies", timedelta(days=1), Job.PROVE_TALLIES, NIGHT),
        Line("sessions", timedelta(hours=1), Job.CLEAN_SESSIONS),
        Line("trials", timedelta(minutes=1), Job.NUDGE_TRIALS),
        Line("notices", timedelta(minutes=1), Job.WARN),
        Line("summaries", timedelta(minutes=5), Job.MAIL_SUMMARIES),
    )
