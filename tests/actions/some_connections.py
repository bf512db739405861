"""Builders of connections for tests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.connections.choose_division import choose_division
from portal.actions.connections.connect import SetUp, finish_connection, save_set_up, start_connection
from portal.actions.connections.consent import accept_consent
from portal.actions.connections.productive import keep_offer, read_offer
from portal.domain.booking.invoice import Subsidiary
from portal.domain.connections.states import NumberSource
from portal.store.connections import ConnectionRow
from portal.store.vault import Vault
from tests.fakes import NOW, FakeBilling, FakeLedger, FakeSignIn

VAULT = Vault([Fernet.generate_key().decode()])
ACTOR = "anna@example.com"
BV = "11"
NV = "12"
CHOSEN = SetUp(NumberSource.PRODUCTIVE, "70", "71", date(2026, 1, 1), False)


def some_offer(session: Session) -> FakeBilling:
    """Keep two subsidiaries with their service types and tax rates."""
    billing = FakeBilling()
    billing.subsidiaries.append(Subsidiary(NV, "Bright Studio NV", None, False))
    keep_offer(session, read_offer(billing), NOW)
    session.commit()
    return billing


def consent(
    session: Session,
    ledger: FakeLedger,
    connection_id: int,
    code: str,
    now: datetime = NOW,
    *,
    site: Sequence[str] = (),
) -> None:
    """Consent at Exact."""
    accept_consent(
        session,
        FakeSignIn(now),
        lambda _: ledger,
        VAULT,
        connection_id,
        code=code,
        actor=ACTOR,
        clock=lambda: now,
        sleep=lambda _: None,
        site=site,
    )


def a_draft(session: Session, ledger: FakeLedger, subsidiary: str = BV, division: int = 101) -> int:
    """Go through the wizard up to the second step."""
    row = start_connection(session, subsidiary, "NL", now=NOW)
    consent(session, ledger, row.id, f"code-{subsidiary}-{division}")
    found = choose_division(session, ledger.divisions, row.id, division, now=NOW)
    pull_catalogue(session, ledger, found, now=NOW)
    return found


def a_live_connection(
    session: Session, ledger: FakeLedger, subsidiary: str = BV, division: int = 101, **changes: Any
) -> ConnectionRow:
    """Go through the whole wizard."""
    found = a_draft(session, ledger, subsidiary, division)
    save_set_up(session, found, CHOSEN, actor=ACTOR, now=NOW)
    finish_connection(session, found, None, actor=ACTOR, now=NOW + timedelta(minutes=1))
    row = session.get_one(ConnectionRow, found)
    for name, value in changes.items():
        setattr(row, name, value)
    session.commit()
    return row
