"""The banner: a lost sign-in is said on every page, to those whom it concerns."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.store.connections import LIVE, ConnectionRow
from portal.store.grants import LOST as LOST_GRANT
from portal.store.grants import GrantRow
from tests.conftest import SignedIn

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SAID = "Exact no longer accepts the sign-in of Anna de Boer"


def a_connection_with_a(grant_state: str, session: Session) -> None:
    grant = GrantRow(
        locale="NL",
        exact_user_id="u",
        user_name="Anna de Boer",
        user_email="anna@example.com",
        home_division=101,
        access_sealed=None,
        refresh_sealed=None,
        obtained_at=NOW,
        expires_at=NOW,
        state=grant_state,
    )
    session.add(grant)
    session.flush()
    session.add(
        ConnectionRow(
            subsidiary_id="1",
            locale="NL",
            created_at=NOW,
            grant_id=grant.id,
            state=LIVE,
            live_subsidiary="1",
            division_name="Kade",
        )
    )
    session.commit()


def test_a_lost_sign_in_is_said_on_every_page(session: Session, signed_in: SignedIn) -> None:
    a_connection_with_a(LOST_GRANT, session)
    page = signed_in().get("/invoices").text
    assert SAID in page
    assert "Connect again" in page


def test_only_administrators_are_led_to_connect_again(session: Session, signed_in: SignedIn) -> None:
    a_connection_with_a(LOST_GRANT, session)
    page = signed_in("viewer").get("/invoices").text
    assert SAID in page
    assert "Connect again" not in page


def test_other_subsidiaries_and_live_sign_ins_say_nothing(session: Session, signed_in: SignedIn) -> None:
    a_connection_with_a(LOST_GRANT, session)
    assert SAID not in signed_in("viewer", subsidiaries=["2"]).get("/invoices").text


def test_a_live_sign_in_says_nothing(session: Session, signed_in: SignedIn) -> None:
    a_connection_with_a("live", session)
    assert SAID not in signed_in().get("/invoices").text
