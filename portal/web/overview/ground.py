"""What all parts of Overview stand on: Productive, and the connections in sight, read once."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.connections.states import ConnectionState
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.web.common.access import chosen_subsidiary, subsidiary_scope
from portal.web.common.frame import places, productive, visible_subsidiaries


@dataclass(frozen=True, slots=True)
class Ground:
    """Productive, and the connections of the subsidiaries in sight."""

    productive: ProductiveRow | None
    connections: Sequence[ConnectionRow]

    @property
    def live(self) -> list[ConnectionRow]:
        """The connections that copy."""
        return [row for row in self.connections if row.state == ConnectionState.LIVE]

    @property
    def drafts(self) -> list[ConnectionRow]:
        """The connections whose set-up is not finished."""
        return [row for row in self.connections if row.state == ConnectionState.DRAFT]

    @property
    def books(self) -> dict[str, str]:
        """The subsidiaries in sight that keep their books here, by id. All in sight, where none does."""
        chosen = chosen_subsidiary()
        seen = {row.id: row.name for row in visible_subsidiaries() if chosen in (None, row.id)}
        connected = {row.subsidiary_id for row in self.live}
        return {one: name for one, name in seen.items() if one in connected} or seen


def read_ground() -> Ground:
    """Read what the page stands on."""
    return Ground(
        productive=productive(),
        connections=places().in_use(subsidiary_scope()),
    )
