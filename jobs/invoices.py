"""Jobs on invoices."""

from portal.actions import pull_invoices as action
from portal.wiring import current


def pull_invoices() -> None:
    """Pull every change from Productive."""
    wiring = current()
    with wiring.sessions() as session:
        if wiring.has_billing(session):
            action.pull_invoices(session, wiring.billing(interactive=False), now=wiring.clock())
