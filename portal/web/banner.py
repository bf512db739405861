"""What stands above every page while a connection needs a person."""

from sqlalchemy import select

from portal.extensions import db
from portal.store.connections import LIVE, ConnectionRow
from portal.store.grants import LOST, GrantRow
from portal.web.access import subsidiary_scope


def lost_sign_ins() -> list[tuple[ConnectionRow, GrantRow]]:
    """Return the live connections whose sign-in at Exact no longer works."""
    query = (
        select(ConnectionRow, GrantRow)
        .join(GrantRow, GrantRow.id == ConnectionRow.grant_id)
        .where(ConnectionRow.state == LIVE, GrantRow.state == LOST)
    )
    scope = subsidiary_scope()
    if scope is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(scope))
    return [(connection, grant) for connection, grant in db.session.execute(query)]
