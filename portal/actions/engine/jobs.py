"""The jobs by name."""

from enum import StrEnum


class Job(StrEnum):
    """The path of a function of ``jobs/``."""

    COPY = "jobs.copies.perform_copy"
    RUN_COPIES = "jobs.copies.run_copies"
    MAKE_WISHES = "jobs.runs.make_wishes"
    SWEEP = "jobs.copies.sweep"
    LOOK_AT_HELD = "jobs.mappings.look_at_held"
    PULL_ALL_PAYMENTS = "jobs.payments.pull_payments"
    PULL_PAYMENTS = "jobs.payments.pull_connection"
    PAY = "jobs.payments.pay_connection"
    CONTROL_ALL_PAYMENTS = "jobs.payments.control_payments"
    CONTROL_PAYMENTS = "jobs.payments.control_connection"
    PULL_INVOICES = "jobs.invoices.pull_invoices"
    KEEP_READY = "jobs.invoices.keep_ready"
    REFRESH_CATALOGUE = "jobs.catalogue.refresh_catalogue"
    PULL_CUSTOMERS = "jobs.catalogue.pull_customers"
    READ_ENTRIES = "jobs.reconciliation.read_exact"
    COMPARE_BOOKS = "jobs.reconciliation.compare_books"
    KEEP_GRANTS = "jobs.grants.keep_alive"
    SETTLE_CONSENTS = "jobs.grants.settle_consents"
    KEEP_HOOKS = "jobs.hooks.keep_hooks"
    RING_HINTS = "jobs.hooks.ring_hints"
    WARN = "jobs.notices.warn"
    KEEP_STATISTICS = "jobs.statistics.keep_statistics"
    CLEAN_SESSIONS = "jobs.sessions.clean_sessions"
    PERFORM_TRIAL = "jobs.trials.perform_trial"
    REMOVE_LEFTOVERS = "jobs.trials.remove_leftovers"
    NUDGE_TRIALS = "jobs.trials.nudge"
