"""A sign-in at Exact is given with the own password, and to nobody whose reach it is beyond."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from portal.store.sessions import SessionRow
from tests.conftest import SignedIn
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, words
from tests.web.test_connections import client, connect, fakes, page_of

__all__ = ["client", "fakes"]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def connected(client: CheckingClient) -> int:
    """The number of a live connection of subsidiary 11."""
    return int(connect(client).split("/")[2])


def forget(session: Session) -> None:
    """Let everybody have signed in a while ago."""
    session.query(SessionRow).update({"confirmed_at": LONG_AGO})
    session.commit()


def test_the_button_of_the_banner_leads_to_a_form_that_asks_for_the_password(
    client: CheckingClient, session: Session, connected: int
) -> None:
    forget(session)
    url = f"/connections/{connected}/sign-in"
    assert client.post(url).headers["Location"] == url
    page = page_of(client, url)
    assert words(page, "main label") == ["Your own password"]
    assert words(page, "main button") == ["Continue as Anna de Boer", "Sign in at Exact"]
    wrong = client.post(url, data={"own_password": "not this one"})
    assert (wrong.status_code, "This is not your current password." in wrong.text) == (422, True)
    assert "/api/oauth2/auth?" in client.post(url, data={"own_password": PASSWORD}).location


def test_a_known_sign_in_is_used_again_with_the_password_too(
    client: CheckingClient, session: Session, connected: int
) -> None:
    draft = client.post("/connections/new", data={"subsidiary": "12", "locale": "NL"}).location
    reuse = draft.replace("sign-in", "reuse")
    grant = session.query(GrantRow).one()
    forget(session)
    assert client.post(reuse, data={"grant": grant.id}).location == draft
    assert client.post(reuse, data={"grant": grant.id, "own_password": "no"}).status_code == 422
    assert "set-up" in client.post(reuse, data={"grant": grant.id, "own_password": PASSWORD}).location


def test_an_administrator_of_one_subsidiary_uses_no_sign_in_of_another(
    client: CheckingClient, signed_in: SignedIn, session: Session, connected: int
) -> None:
    limited = signed_in(subsidiaries=["12"])
    grant = session.query(GrantRow).one()
    limited.post("/connections/new", data={"subsidiary": "12", "locale": "NL"})
    draft = session.query(ConnectionRow).filter_by(subsidiary_id="12").one()
    page = page_of(limited, f"/connections/{draft.id}/sign-in")
    assert words(page, "main button") == ["Sign in at Exact"]
    limited.post(f"/connections/{draft.id}/reuse", data={"grant": grant.id})
    session.refresh(draft)
    assert draft.grant_id is None
    assert limited.get(f"/connections/{connected}/sign-in").status_code == 404
    assert limited.post(f"/connections/{connected}/sign-in").status_code == 404
