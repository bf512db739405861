"""What was chosen for service types before, here and in other subsidiaries."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Catalogue, LedgerAccount
from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.suggest_ledgers import Precedent
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.mappings import MappingRow, ServiceTypeRow


def read_precedents(session: Session, connection: ConnectionRow, catalogue: Catalogue) -> list[Precedent]:
    """Return which ledger accounts service types lead to in all connections, the newest first."""
    # The connection's own catalogue is given, for whoever asks has read it.
    rows = session.execute(
        select(MappingRow, ServiceTypeRow.name, ConnectionRow.subsidiary_id, SubsidiaryRow.name)
        .join(ServiceTypeRow, ServiceTypeRow.id == MappingRow.source_id)
        .join(ConnectionRow, ConnectionRow.id == MappingRow.connection_id)
        .join(SubsidiaryRow, SubsidiaryRow.id == ConnectionRow.subsidiary_id)
        .where(
            MappingRow.kind == MappingKind.SERVICE,
            MappingRow.target.is_not(None),
            ConnectionRow.state != ConnectionState.DRAFT,
        )
        .order_by(MappingRow.set_at.desc(), MappingRow.id)
    ).all()

    accounts = {connection.id: {account.id: account for account in catalogue.accounts}}
    for row, *_ in rows:
        if row.connection_id not in accounts:
            accounts[row.connection_id] = _accounts(session, row.connection_id)

    found = []
    for row, service, subsidiary_id, subsidiary in rows:
        account = accounts[row.connection_id].get(row.target or "")
        if account is not None:
            is_here = subsidiary_id == connection.subsidiary_id
            found.append(Precedent(service, account.code, account.description, subsidiary, is_here))

    return found


def _accounts(session: Session, connection_id: int) -> dict[str, LedgerAccount]:
    return {account.id: account for account in read_stored_catalogue(session, connection_id).accounts}
