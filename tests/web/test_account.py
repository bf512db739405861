"""Your account, and the switch between subsidiaries."""

from sqlalchemy.orm import Session

from portal.actions.people import password_fits
from portal.store.connections import SubsidiaryRow
from portal.store.people import UserRow
from tests.conftest import PASSWORD, SignedIn, new_client
from tests.pages import CheckingClient, read_page

NEW = "another long password"


def change(client: CheckingClient, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    form = {"old": old, "new": new, "again": again}
    return client.post("/account/password", data=form).status_code


def test_the_language_is_changed_at_once(signed_in: SignedIn, session: Session) -> None:
    client = signed_in("viewer")
    assert client.post("/account/language", data={"language": "fr"}).status_code == 302
    page = read_page(client.get("/account").text)
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert session.query(UserRow).one().language == "fr"


def test_a_language_that_is_not_offered_is_refused(signed_in: SignedIn) -> None:
    assert signed_in("viewer").post("/account/language", data={"language": "xx"}).status_code == 422


def test_a_new_password_ends_the_other_sessions(signed_in: SignedIn, session: Session) -> None:
    client = signed_in("viewer")
    other = new_client(client.application, session)
    with client.session_transaction() as ours, other.session_transaction() as theirs:
        theirs.update(ours)
    assert change(client) == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert password_fits(session.query(UserRow).one().password_hash, NEW)


def test_a_password_needs_the_old_one_and_twelve_characters(signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    assert change(client, old="wrong") == 422
    assert change(client, new="short", again="short") == 422
    assert change(client, again="something else again") == 422


def test_the_header_narrows_to_one_subsidiary(signed_in: SignedIn, session: Session) -> None:
    session.add_all([SubsidiaryRow(id="1", name="Gent"), SubsidiaryRow(id="2", name="Delft")])
    client = signed_in("viewer")
    client.post("/subsidiary", data={"subsidiary": "2", "next": "/account"})
    chosen = read_page(client.get("/account").text).select("#subsidiary-choice option[selected]")
    assert [option.text for option in chosen] == ["Delft"]


def test_one_visible_subsidiary_needs_no_switch(signed_in: SignedIn, session: Session) -> None:
    session.add_all([SubsidiaryRow(id="1", name="Gent"), SubsidiaryRow(id="2", name="Delft")])
    client = signed_in("viewer", subsidiaries=["1"])
    assert not read_page(client.get("/account").text).select("#subsidiary-switch")
    assert client.post("/subsidiary", data={"subsidiary": "2"}).status_code == 404
