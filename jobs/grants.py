"""Jobs on grants."""

from portal.actions.tokens import idle_grants
from portal.store.grants import GrantRow
from portal.wiring import current


def keep_alive(grant_id: str = "") -> None:
    """Renew one grant, for Exact forgets those that lie idle; without an id ask for every idle one."""
    wiring = current()
    with wiring.sessions() as session:
        if not grant_id:
            for each in idle_grants(session, wiring.clock()):
                wiring.nudge("jobs.grants.keep_alive", str(each))
            return
        locale = session.get_one(GrantRow, int(grant_id)).locale
    wiring.access(int(grant_id), locale).current()
