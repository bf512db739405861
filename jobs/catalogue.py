"""Jobs on catalogues."""

from jobs.waiting import waits_for_sign_in
from portal.actions.connections import catalogue as action
from portal.actions.customers.pull import pull_customers as pull_changed
from portal.actions.engine.jobs import Job
from portal.domain.connections.states import ConnectionState
from portal.store.connections import ConnectionRow
from portal.wiring import current


@waits_for_sign_in
def refresh_catalogue(connection_id: str = "") -> None:
    """Pull one division's catalogue. Without an id ask for every one that is due."""
    if connection_id:
        return pull_one(int(connection_id))

    wiring = current()
    with wiring.sessions() as session:
        due = action.due_catalogues(session, wiring.clock())

    for each in due:
        wiring.nudge(Job.REFRESH_CATALOGUE, str(each))

    return None


def pull_one(connection_id: int) -> None:
    """Pull the catalogue of a connection that is still in use, or being set up."""
    wiring = current()
    with wiring.sessions() as session:
        row = session.get(ConnectionRow, connection_id)
        is_used = (
            row is not None
            and row.state != ConnectionState.DISCONNECTED
            and bool(row.grant_id and row.division)
        )
        session.commit()

        if is_used:
            ledger = wiring.ledger(connection_id, interactive=False)
            action.pull_catalogue(session, ledger, connection_id, now=wiring.clock())


@waits_for_sign_in
def pull_customers(connection_id: str) -> None:
    """Pull the changed customers of a connection that is still live, as a webhook hinted."""
    wiring = current()
    with wiring.sessions() as session:
        row = session.get(ConnectionRow, int(connection_id))
        is_live = row is not None and row.is_live
        session.commit()

        if is_live:
            ledger = wiring.ledger(int(connection_id), interactive=False)
            pull_changed(session, ledger, int(connection_id), now=wiring.clock())
