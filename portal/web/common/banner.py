"""What stands above every page while a sign-in at Exact needs somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.domain.connections.grant_health import GrantHealth
from portal.domain.connections.states import SignInCause
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from portal.web.common.access import subsidiary_scope
from portal.web.common.frame import places
from portal.web.common.grant_words import sentence_of_grant, title_of
from portal.wiring import current as wiring


@dataclass(frozen=True, slots=True)
class SignInWarning:
    """One sign-in that needs somebody, with the connections that it serves."""

    grant: GrantRow
    health: GrantHealth
    connections: Sequence[ConnectionRow]

    @property
    def title(self) -> str:
        """The head."""
        return title_of(self.health)

    @property
    def text(self) -> str:
        """What is wrong, what mends it and what waits meanwhile."""
        said = sentence_of_grant(self.grant, self.health)
        if self.health.cause == SignInCause.LAPSES:
            return said

        waits = _(
            "Copies of %(divisions)s wait and payments are not pulled; nothing is lost, "
            "and all goes on by itself.",
            divisions=", ".join(row.division_name for row in self.connections),
        )

        return f"{said} {waits}"

    @property
    def asks_to_sign_in(self) -> bool:
        """Say whether a new sign-in helps."""
        # It does not where our own settings are wrong.
        return self.health.cause not in (SignInCause.APP_REFUSED, SignInCause.NO_ANSWER)


def sign_in_warnings() -> list[SignInWarning]:
    """Return every sign-in of live connections that needs somebody."""
    served: dict[int, tuple[GrantRow, list[ConnectionRow]]] = {}
    for connection in places().live(subsidiary_scope()):
        if grant := places().grant_of(connection):
            served.setdefault(grant.id, (grant, []))[1].append(connection)

    now = wiring().clock()
    found = [SignInWarning(grant, grant.health(now), rows) for grant, rows in served.values()]
    return [one for one in found if one.health.warns]
