"""Connections with their grants and mappings, as rows; only these functions know their columns."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portal.actions.copies.customer import customer_row
from portal.domain.booking.catalogue import Catalogue, Customer
from portal.domain.booking.mapping import MappingKind
from portal.domain.connections.states import ConnectionState
from portal.remote.tokens import TokenPair
from portal.store.catalogue import keep_catalogue
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow, division_key
from portal.store.customer_links import CustomerLinkRow
from portal.store.grants import GrantRow
from portal.store.mappings import MappingRow
from portal.store.vault import ACCESS, REFRESH, Vault, place_of_grant, place_of_productive
from tests.fakes import NOW

ORGANIZATION = "703"
WHO = "Anna"
Row = TypeVar("Row")


def add_productive(
    session: Session, now: datetime = NOW, *, vault: Vault | None = None, token: str = "", **given: Any
) -> ProductiveRow:
    """Connect Productive. A token is sealed if there is a vault."""
    usual: dict[str, Any] = {
        "id": 1,
        "organization_id": ORGANIZATION,
        "organization_name": "Bright Studio",
        "currency": "EUR",
        "token_sealed": vault.seal(token, place_of_productive(ORGANIZATION)) if vault else "sealed",
        "checked_at": now,
    }
    return _added(session, ProductiveRow(**(usual | given)))


def add_subsidiaries(session: Session, names: dict[str, str] | None = None) -> None:
    """Add subsidiaries by their ids."""
    for subsidiary, name in (names or {"1": "Bright Studio BV", "2": "Bright Studio NV"}).items():
        session.merge(SubsidiaryRow(id=subsidiary, name=name))
    session.flush()


def add_grant(
    session: Session,
    now: datetime = NOW,
    *,
    user: str = "u1",
    vault: Vault | None = None,
    pair: TokenPair | None = None,
    **given: Any,
) -> GrantRow:
    """Add a sign-in at Exact. Its tokens are sealed if there is a vault."""
    given = _tokens(user, vault, pair) | given
    usual: dict[str, Any] = {
        "locale": "NL",
        "exact_user_id": user,
        "user_name": WHO,
        "user_email": "anna@example.com",
        "home_division": 101,
        "access_sealed": "sealed",
        "refresh_sealed": "sealed",
        "obtained_at": now,
        "expires_at": now + timedelta(seconds=600),
    }
    return _added(session, GrantRow(**(usual | given)))


def _tokens(user: str, vault: Vault | None, pair: TokenPair | None) -> dict[str, Any]:
    if not pair:
        return {}
    told = {
        "obtained_at": pair.obtained_at,
        "expires_at": pair.obtained_at + timedelta(seconds=pair.expires_in),
    }
    if not vault:
        return told
    return told | {
        "access_sealed": vault.seal(pair.access, place_of_grant("NL", user, ACCESS)),
        "refresh_sealed": vault.seal(pair.refresh, place_of_grant("NL", user, REFRESH)),
    }


def add_connection(
    session: Session, subsidiary: str = "1", now: datetime = NOW, *, division: int = 101, **given: Any
) -> ConnectionRow:
    """Add a live connection of a subsidiary and a division."""
    usual: dict[str, Any] = {
        "subsidiary_id": subsidiary,
        "locale": "NL",
        "created_at": now,
        "state": ConnectionState.LIVE,
        "live_subsidiary": subsidiary,
        "live_division": division_key("NL", division),
        "division": division,
        "division_currency": "EUR",
        "default_journal": "70",
    }
    return _added(session, ConnectionRow(**(usual | given)))


def add_mappings(
    session: Session,
    connection_id: int,
    kind: MappingKind,
    targets: Iterable[tuple[str, str]],
    now: datetime = NOW,
) -> None:
    """Map sources of a kind to their targets."""
    for source, target in targets:
        row = MappingRow(
            connection_id=connection_id, kind=kind, source_id=source, target=target, set_by=WHO, set_at=now
        )
        session.add(row)
    session.flush()


def add_link(
    session: Session, connection_id: int, company_id: str, customer_id: str, now: datetime = NOW
) -> CustomerLinkRow:
    """Link a company to a customer."""
    row = CustomerLinkRow(
        connection_id=connection_id,
        company_id=company_id,
        customer_id=customer_id,
        linked_by=WHO,
        linked_at=now,
    )
    return _added(session, row)


def add_ready_connection(
    session: Session, catalogue: Catalogue, customer: Customer, ledger: str, now: datetime = NOW
) -> ConnectionRow:
    """Add a connection that copies at once: its catalogue, mappings and one linked customer."""
    connection = add_connection(session, now=now)
    keep_catalogue(session, connection.id, catalogue, now)
    session.add(customer_row(connection.id, customer))
    add_mappings(session, connection.id, MappingKind.SERVICE, [("design", ledger)], now)
    add_mappings(session, connection.id, MappingKind.TAX, [("high", "2  ")], now)
    add_link(session, connection.id, "7", customer.id, now)
    return connection


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
