"""Jobs on webhooks."""

from jobs.waiting import waits_for_sign_in
from portal.actions.connections import subscribe as action
from portal.actions.engine.jobs import Job
from portal.actions.house import hints
from portal.store.connections import live_connections
from portal.wiring import current


@waits_for_sign_in
def keep_hooks(connection_id: str = "") -> None:
    """Keep the webhooks of one division, or ask for every one that wants them."""
    wiring = current()
    with wiring.sessions() as session:
        if not connection_id:
            wanted = [row.id for row in live_connections(session) if wiring.takes_hooks(row.locale)]
            session.commit()
            for each in wanted:
                wiring.nudge(Job.KEEP_HOOKS, str(each))
        elif action.is_live(session, int(connection_id)):
            ledger = wiring.ledger(int(connection_id), interactive=False)
            action.keep_hooks(session, ledger, int(connection_id), url=wiring.settings.exact_hook_url)


def ring_hints() -> None:
    """Ask for the pulls that webhooks hinted at."""
    wiring = current()
    with wiring.sessions() as session:
        hints.ring_hints(session, wiring.nudge, now=wiring.clock())
