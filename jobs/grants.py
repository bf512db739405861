"""Jobs on grants."""

from contextlib import suppress

from portal.actions.connections.keep_alive import due_grants
from portal.actions.connections.settle_later import settle_later
from portal.actions.engine.jobs import Job
from portal.remote.errors import RemoteError
from portal.store.grants import GrantRow, due_consents
from portal.wiring import current


def keep_alive(grant_id: str = "") -> None:
    """Renew one grant, or ask for every one that is due."""
    wiring = current()
    with wiring.sessions() as session:
        if not grant_id:
            for each in due_grants(session, wiring.clock()):
                wiring.nudge(Job.KEEP_GRANTS, str(each))
            return

        locale = session.get_one(GrantRow, int(grant_id)).locale

    with suppress(RemoteError):  # its row says what went wrong, and when it is tried again
        wiring.access(int(grant_id), locale).current()


def settle_consents(grant_id: str = "") -> None:
    """Ask Exact whose a kept consent is. Without an id ask for every one that is due."""
    wiring = current()
    with wiring.sessions() as session:
        if not grant_id:
            for each in due_consents(session, wiring.clock()):
                wiring.nudge(Job.SETTLE_CONSENTS, str(each))
            return

        kept = session.get(GrantRow, int(grant_id))
        if kept is None:
            return

        settle_later(
            session,
            lambda: wiring.ledger_of_grant(int(grant_id), None, held=False),
            wiring.vault,
            wiring.nudge,
            int(grant_id),
            clock=wiring.clock,
            site=wiring.settings.site_of(kept.locale),
        )
