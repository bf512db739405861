"""Jobs on sessions."""

from portal.actions.house import sessions as action
from portal.wiring import current


def clean_sessions() -> None:
    """Delete the sessions that ended by themselves."""
    wiring = current()
    with wiring.sessions() as session:
        action.clean_sessions(session, idle=wiring.settings.session_idle, now=wiring.clock())
