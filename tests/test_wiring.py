"""The clients are built from settings and stored grants, and show no secret."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.ports import Billing, Ledger
from portal.exact.client import ExactClient
from portal.productive.client import ProductiveClient
from portal.remote.errors import SignInLostError
from portal.settings import Settings
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.grants import GrantRow
from portal.store.vault import Vault
from portal.wiring import NO_PRODUCTIVE, Wiring

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def wiring(settings: Settings, session_factory: sessionmaker[Session]) -> Wiring:
    return Wiring(settings, Vault(settings.encryption_keys), session_factory, lambda job, subject: None)


def add_grant(wiring: Wiring, *, age: int = 0) -> int:
    obtained = datetime.now(UTC) - timedelta(seconds=age)
    row = GrantRow(
        locale="NL",
        exact_user_id="u1",
        user_name="Anna",
        user_email="anna@example.com",
        home_division=101,
        access_sealed=wiring.vault.seal("secret-access"),
        refresh_sealed=wiring.vault.seal("secret-refresh"),
        obtained_at=obtained,
        expires_at=obtained + timedelta(seconds=600),
    )
    with wiring.sessions.begin() as session:
        session.add(row)
        session.flush()
        return row.id


def add_connection(wiring: Wiring, grant_id: int | None) -> int:
    with wiring.sessions.begin() as session:
        session.add(SubsidiaryRow(id="11", name="Bright Studio BV"))
        session.flush()
        row = ConnectionRow(
            subsidiary_id="11", locale="NL", division=101, grant_id=grant_id, created_at=NOW
        )
        session.add(row)
        session.flush()
        return row.id
