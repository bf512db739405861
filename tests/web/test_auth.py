"""Signing in and out."""

import pytest
from sqlalchemy.orm import Session

from portal import languages
from portal.store.people import UserRow
from tests.conftest import SignedIn
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, read_page

MAIL = "administrator@example.com"


def sign_in(client: CheckingClient, email: str = MAIL, password: str = PASSWORD, next: str = "") -> int:
    form = {"email": email, "password": password}
    return client.post(f"/sign-in?next={next}", data=form).status_code


def main_of(html: str) -> str:
    """Return the page without its head and tokens."""
    main = read_page(html).main
    assert main is not None
    for token in main.select("[name=csrf_token]"):
        token.decompose()
    return str(main)


@pytest.fixture
def somebody(signed_in: SignedIn, session: Session) -> UserRow:
    signed_in("administrator")
    return session.query(UserRow).one()


def test_the_form_names_its_fields(client: CheckingClient) -> None:
    page = read_page(client.get("/sign-in").text)
    assert [label.text for label in page.select("main label")] == ["E-mail", "Password"]
    assert [button.text for button in page.select("main .sign-in button")] == ["Sign in"]


def test_who_knows_the_password_gets_in(client: CheckingClient, somebody: UserRow) -> None:
    assert client.get("/account").status_code == 302
    assert sign_in(client, " Administrator@Example.com ") == 302
    assert client.get("/account").status_code == 200


def test_a_wrong_password_and_an_unknown_mail_get_the_same_answer(
    client: CheckingClient, somebody: UserRow
) -> None:
    wrong = client.post("/sign-in", data={"email": MAIL, "password": "not this one"})
    unknown = client.post("/sign-in", data={"email": "x@example.com", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 422
    assert "E-mail or password is wrong." in wrong.text
    assert main_of(wrong.text).replace(MAIL, "x@example.com") == main_of(unknown.text)


def test_who_was_deactivated_stays_out(client: CheckingClient, somebody: UserRow) -> None:
    somebody.active = False
    assert sign_in(client) == 422


def test_the_sign_in_leads_back_but_never_elsewhere(client: CheckingClient, somebody: UserRow) -> None:
    form = {"email": MAIL, "password": PASSWORD}
    assert client.post("/sign-in?next=/account", data=form).headers["Location"] == "/account"
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "/%0aevil"):
        assert client.post(f"/sign-in?next={bad}", data=form).headers["Location"] == "/"


def test_the_sign_in_begins_a_new_session(client: CheckingClient, somebody: UserRow) -> None:
    with client.session_transaction() as cookie:
        cookie["left"] = "over"
    sign_in(client)
    with client.session_transaction() as cookie:
        assert "left" not in cookie


def test_signing_out_ends_the_session(client: CheckingClient, somebody: UserRow) -> None:
    sign_in(client)
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert client.get("/account").status_code == 302
    assert client.get("/sign-out").status_code == 405


def test_ten_tries_a_minute_are_enough(client: CheckingClient, somebody: UserRow) -> None:
    tries = [sign_in(client, f"{number}@example.com") for number in range(11)]
    assert tries == [422] * 10 + [429]


def test_the_browsers_language_is_spoken_before_sign_in(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", ("en", "nl"))
    page = read_page(client.get("/sign-in", headers={"Accept-Language": "nl-BE,nl;q=0.9"}).text)
    assert page.html is not None
    assert page.html["lang"] == "nl-BE"
