"""What every page shows besides its own content, in two statements."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, literal, select, union
from sqlalchemy.orm import Session, joinedload

from portal.domain.connections.states import ConnectionState
from portal.domain.said import Said
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.gate import THE_ONE, GateRow
from portal.store.grants import GrantRow
from portal.store.pulse import PulseRow, spell_version
from portal.store.signals import Scope, Signals, counts_of
from portal.store.unreadable import UnreadableRow

Row = TypeVar("Row")
# Asked on every page, so each question is put together once for each reach.
MOST = 256


@dataclass(frozen=True, slots=True)
class ClosedGate:
    """Why copying is closed after a restore, and up to when all is known."""

    closed_why: Said | None
    known_until: datetime | None


@dataclass(frozen=True, slots=True)
class Singles:
    """What there is one of: the beat of all writes, Productive, the gate, and what needs somebody."""

    # ``has_unreadable`` says that some record cannot be read, whoever may see it.

    version: str
    productive: ProductiveRow | None
    gate: ClosedGate | None
    has_unreadable: bool
    signals: Signals


@dataclass(frozen=True, slots=True)
class Places:
    """Subsidiaries by name, archived ones last, and their connections of any state, oldest first."""

    subsidiaries: Sequence[SubsidiaryRow]
    connections: Sequence[ConnectionRow]
    grants: dict[int, GrantRow]

    def subsidiary(self, subsidiary_id: str) -> SubsidiaryRow | None:
        """Find one of the subsidiaries."""
        return next((row for row in self.subsidiaries if row.id == subsidiary_id), None)

    def connection(self, connection_id: int | None) -> ConnectionRow | None:
        """Find one of the connections."""
        return next((row for row in self.connections if row.id == connection_id), None)

    def grant_of(self, connection: ConnectionRow) -> GrantRow | None:
        """Find the sign-in of a connection."""
        return None if connection.grant_id is None else self.grants.get(connection.grant_id)

    def live(self, scope: Collection[str] | None = None) -> list[ConnectionRow]:
        """Return the live connections of all or the named subsidiaries, oldest first."""
        return [row for row in self._within(scope) if row.is_live]

    def in_use(self, scope: Collection[str] | None = None) -> list[ConnectionRow]:
        """Return live connections, then drafts, of all or the named subsidiaries."""
        drafts = [row for row in self._within(scope) if row.state == ConnectionState.DRAFT]
        return [*self.live(scope), *drafts]

    def _within(self, scope: Collection[str] | None) -> Iterator[ConnectionRow]:
        return (row for row in self.connections if scope is None or row.subsidiary_id in scope)


@lru_cache(MOST)
def _singles(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Ask for what there is one of, and for the counts of these subsidiaries."""
    newest = select(func.max(PulseRow.id)).scalar_subquery()
    beats = select(func.count()).select_from(PulseRow).scalar_subquery()
    unreadable = exists().where(UnreadableRow.ended_at.is_(None))
    counts = counts_of(scope)
    one = select(literal(1).label("id")).subquery()

    return (
        select(
            ProductiveRow,
            GateRow.closed_at,
            GateRow.closed_why,
            GateRow.known_until,
            newest,
            beats,
            unreadable,
            *counts,
        )
        .select_from(one)
        .outerjoin(ProductiveRow, ProductiveRow.id == one.c.id)
        .outerjoin(GateRow, GateRow.id == THE_ONE)
        # What another session wrote meanwhile is shown, too.
        .execution_options(populate_existing=True)
    )


def read_singles(session: Session, scope: Scope) -> Singles:
    """Read what there is one of, and count what needs somebody in these subsidiaries."""
    found = session.execute(_singles(scope)).one()
    productive, closed_at, why, until, last, count, has_unreadable, *counted = found
    return Singles(
        version=spell_version(last, count),
        productive=productive,
        gate=ClosedGate(why, until) if closed_at else None,
        has_unreadable=bool(has_unreadable),
        signals=Signals(*counted),
    )


@lru_cache(MOST)
def _places(reach: Scope) -> Select[SubsidiaryRow, ConnectionRow, GrantRow]:
    """Ask for the subsidiaries within a reach with their connections and sign-ins."""
    # A connection may be older than what was read of its subsidiary.
    named = union(select(SubsidiaryRow.id), select(ConnectionRow.subsidiary_id)).subquery()

    query = (
        select(SubsidiaryRow, ConnectionRow, GrantRow)
        .select_from(named)
        .outerjoin(SubsidiaryRow, SubsidiaryRow.id == named.c.id)
        .outerjoin(ConnectionRow, ConnectionRow.subsidiary_id == named.c.id)
        .outerjoin(GrantRow, GrantRow.id == ConnectionRow.grant_id)
        .options(
            joinedload(ConnectionRow.payments, innerjoin=False),
            joinedload(ConnectionRow.customers, innerjoin=False),
        )
        .order_by(SubsidiaryRow.archived, SubsidiaryRow.name, SubsidiaryRow.id)
        .execution_options(populate_existing=True)
    )

    return query if reach is None else query.where(named.c.id.in_(reach))


def read_places(session: Session, reach: Scope) -> Places:
    """Read the subsidiaries within a reach, None for all, with their connections and sign-ins."""
    rows = session.execute(_places(reach)).all()
    connections = _once(connection for _subsidiary, connection, _grant in rows)
    return Places(
        subsidiaries=list(_once(subsidiary for subsidiary, _connection, _grant in rows)),
        connections=sorted(connections, key=lambda row: row.id),
        grants={grant.id: grant for _subsidiary, _connection, grant in rows if grant},
    )


def _once(rows: Iterable[Row | None]) -> Iterable[Row]:
    """Leave out what is missing, and repetitions."""
    return {id(row): row for row in rows if row is not None}.values()
