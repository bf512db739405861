"""The timetable: what the ticker asks the worker for, and how often; one line per job."""

from datetime import timedelta
from typing import NamedTuple

from portal.settings import Settings


class Line(NamedTuple):
    """One line: the slot's name, how often, and the job by dotted name."""

    name: str
    every: timedelta
    job: str


def timetable(settings: Settings) -> tuple[Line, ...]:
    """Return every line."""
    invoices = timedelta(minutes=settings.invoice_pull_minutes)
    payments = timedelta(minutes=settings.payment_pull_minutes)
    return (
        Line("sweep", timedelta(seconds=10), "jobs.copies.sweep"),
        Line("invoices", invoices, "jobs.invoices.pull_invoices"),
        Line("payments", payments, "jobs.payments.pull_payments"),
        # Each connection once a night; what did not get through is asked for again within the hour.
        Line("control", timedelta(hours=1), "jobs.payments.control_payments"),
        Line("catalogue", timedelta(hours=1), "jobs.catalogue.refresh_catalogue"),
        Line("entries", timedelta(hours=1), "jobs.reconciliation.read_exact"),
        Line("comparison", timedelta(seconds=30), "jobs.reconciliation.compare_books"),
        Line("grants", timedelta(minutes=10), "jobs.grants.keep_alive"),
        Line("consents", timedelta(seconds=10), "jobs.grants.settle_consents"),
        Line("hints", timedelta(seconds=10), "jobs.hooks.ring_hints"),
        Line("hooks", timedelta(hours=1), "jobs.hooks.keep_hooks"),
        Line("statistics", timedelta(minutes=10), "jobs.statistics.keep_statistics"),
        Line("sessions", timedelta(hours=1), "jobs.sessions.clean_sessions"),
        Line("trials", timedelta(minutes=1), "jobs.trials.nudge"),
        Line("notices", timedelta(minutes=1), "jobs.notices.warn"),
    )
