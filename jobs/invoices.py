"""Jobs on invoices."""

from jobs.waiting import waits_for_sign_in
from portal.actions.connections.suggest_ahead import weigh_undecided
from portal.actions.copies.by_itself import any_rule_at_work
from portal.actions.copies.ready import keep_ready as look_at_noted
from portal.actions.engine.jobs import Job
from portal.actions.invoices import pull as action
from portal.actions.payments.due import request_due
from portal.wiring import current


@waits_for_sign_in
def pull_invoices() -> None:
    """Pull every change from Productive."""
    wiring = current()
    with wiring.sessions() as session:
        if wiring.has_billing(session):
            action.pull_invoices(session, wiring.billing(interactive=False), now=wiring.clock())
            request_due(session, wiring.nudge, now=wiring.clock())


def keep_ready() -> None:
    """Look which invoices can be copied, wherever something changed, and what may mend the others."""
    wiring = current()
    with wiring.sessions() as session:
        more = look_at_noted(session, clock=wiring.clock)
        if weigh_undecided(session, clock=wiring.clock) or more:
            wiring.nudge(Job.KEEP_READY, "")
        if any_rule_at_work(session):
            wiring.nudge(Job.COPY_BY_ITSELF, "")
