"""The clients are built from settings and stored grants, and show no secret."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.engine.ports import Billing, Ledger
from portal.domain.connections.states import GrantState
from portal.domain.failed import Failed
from portal.exact.client import ExactClient
from portal.productive.client import ProductiveClient
from portal.remote.errors import NotRenewedError, SignInLostError
from portal.remote.tokens import TokenPair
from portal.settings import Settings
from portal.store.grants import GrantRow
from portal.store.vault import Vault
from portal.wiring import Wiring
from tests.furnishing import connections as furnished

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def wiring(settings: Settings, session_factory: sessionmaker[Session]) -> Wiring:
    return Wiring(settings, Vault(settings.encryption_keys), session_factory, lambda job, subject: None)


def add_grant(wiring: Wiring, *, age: int = 0) -> int:
    obtained = datetime.now(UTC) - timedelta(seconds=age)
    pair = TokenPair("secret-access", "secret-refresh", obtained, 600)
    with wiring.sessions.begin() as session:
        return furnished.add_grant(session, vault=wiring.vault, pair=pair).id


def add_connection(wiring: Wiring, grant_id: int | None) -> int:
    with wiring.sessions.begin() as session:
        furnished.add_subsidiaries(session, {"11": "Bright Studio BV"})
        return furnished.add_connection(session, "11", NOW, grant_id=grant_id).id


def add_productive(wiring: Wiring) -> None:
    with wiring.sessions.begin() as session:
        furnished.add_productive(session, NOW, vault=wiring.vault, token="secret-token")


def test_a_stored_grant_gives_the_division_of_its_connection(wiring: Wiring) -> None:
    ledger: Ledger = wiring.ledger(add_connection(wiring, add_grant(wiring)))
    assert isinstance(ledger, ExactClient)
    assert ledger.entry_url("1").startswith(wiring.settings.exact["NL"].url)
    assert "101" in ledger.entry_url("1")


def test_a_young_stored_token_is_used_without_asking_exact(wiring: Wiring) -> None:
    assert wiring.access(add_grant(wiring), "NL").current() == "secret-access"


def test_an_old_stored_token_is_renewed_at_the_site(wiring: Wiring) -> None:
    """Nobody listens at the site of the tests, so the renewal says that nothing happened."""
    grant_id = add_grant(wiring, age=700)
    with pytest.raises(NotRenewedError, match="No connection"):
        wiring.access(grant_id, "NL").current()
    with wiring.sessions() as session:
        row = session.get_one(GrantRow, grant_id)
    assert (row.lease_until, row.unknown_outcomes, row.state) == (None, 0, "live")


def test_a_connection_without_a_sign_in_says_so(wiring: Wiring) -> None:
    with pytest.raises(SignInLostError, match="no sign-in"):
        wiring.ledger(add_connection(wiring, None))


def test_productive_is_asked_for_before_it_is_used(wiring: Wiring) -> None:
    with pytest.raises(SignInLostError) as lost:
        wiring.billing()
    assert lost.value.said.code == Failed.NO_PRODUCTIVE
    with wiring.sessions() as session:
        assert not wiring.has_billing(session)


def test_productive_is_built_from_its_stored_token(wiring: Wiring) -> None:
    add_productive(wiring)
    billing: Billing = wiring.billing()
    assert isinstance(billing, ProductiveClient)
    assert "703" in repr(billing)
    with wiring.sessions() as session:
        assert wiring.has_billing(session)


def test_no_secret_is_ever_shown(wiring: Wiring) -> None:
    add_productive(wiring)
    grant_id = add_grant(wiring)
    ledger = wiring.ledger(add_connection(wiring, grant_id))
    access = wiring.access(grant_id, "NL")
    access.current()
    told = (wiring, wiring.billing(), ledger, vars(ledger), access, wiring.sign_in("NL"), wiring.desk())
    shown = " ".join(
        map(repr, (*told, vars(wiring), wiring.sign_in_auth("NL"), wiring.ledger_with("NL", "secret-x", 1)))
    )
    for secret in ("secret-", "demo-secret", wiring.settings.secret_key, *wiring.settings.encryption_keys):
        assert secret not in shown


def test_copies_and_payments_are_told_at_once_that_a_sign_in_is_lost(wiring: Wiring) -> None:
    grant_id = add_grant(wiring)
    connection_id = add_connection(wiring, grant_id)
    assert wiring.desk().ledger(connection_id)
    with wiring.sessions.begin() as session:
        session.get_one(GrantRow, grant_id).state = GrantState.LOST
    assert wiring.ledger(connection_id)
    with pytest.raises(SignInLostError, match="Sign in again; everything is kept"):
        wiring.desk().ledger(connection_id)
