"""Jobs on what changed mappings mean for others."""

from portal.actions.connections.remapped import look_at_held as look_at_held_copies
from portal.wiring import current


def look_at_held(connection_id: str) -> None:
    """Look again at the held copies of a connection whose mappings changed."""
    wiring = current()
    with wiring.sessions() as session:
        look_at_held_copies(session, int(connection_id), now=wiring.clock())
