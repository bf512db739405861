"""What the cards of connections show besides the connections themselves, in one statement."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.booking.catalogue import Catalogue
from portal.domain.copies.standing import Standing
from portal.store.catalogue import EMPTY, CatalogueRow, parse_catalogue
from portal.store.connections import ConnectionRow
from portal.store.invoice_tallies import BY_STANDING
from portal.store.tallies import add_up
from portal.store.trials import UNDER_WAY, TrialRow


@dataclass(frozen=True, slots=True)
class CardRows:
    """A division's offer, the last trial that ended, and how many invoices another link copied."""

    catalogue: Catalogue = EMPTY
    trial: TrialRow | None = None
    elsewhere: int = 0


def read_card_rows(session: Session, connection_ids: Collection[int]) -> dict[int, CardRows]:
    """Read what the cards of some connections show."""
    if not connection_ids:
        return {}

    other = aliased(TrialRow)
    newest = (
        select(other.id)
        .where(other.connection_id == ConnectionRow.id, other.state.not_in(UNDER_WAY))
        .order_by(other.started_at.desc(), other.id)
        .limit(1)
        .scalar_subquery()
    )
    kept = BY_STANDING.c
    elsewhere = (
        select(add_up(kept["rows"]))
        .where(kept.standing == Standing.ELSEWHERE, kept.subsidiary_id == ConnectionRow.live_subsidiary)
        .scalar_subquery()
    )
    query = (
        select(ConnectionRow.id, CatalogueRow.body, TrialRow, func.coalesce(elsewhere, 0))
        .outerjoin(CatalogueRow, CatalogueRow.connection_id == ConnectionRow.id)
        .outerjoin(TrialRow, TrialRow.id == newest)
        .where(ConnectionRow.id.in_(connection_ids))
    )
    return {
        row[0]: CardRows(EMPTY if row[1] is None else parse_catalogue(row[1]), row[2], int(row[3]))
        for row in session.execute(query)
    }
