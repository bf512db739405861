"""Your account, and the switch between subsidiaries."""

import re

import pytest
from sqlalchemy.orm import Session

from portal import languages
from portal.actions.house.passwords import password_fits
from portal.domain.copies.states import CopyState
from portal.domain.events import EventKind
from portal.domain.said import as_written
from portal.store.events import note_event
from portal.store.people import UserRow
from tests.conftest import NOW, SignedIn, new_client
from tests.furnishing.connections import add_productive, add_subsidiaries
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, read_page
from tests.web.payments_story import a_connection, a_copied_invoice, a_payment

NEW = "another long password"


def change(client: CheckingClient, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    form = {"old": old, "new": new, "again": again}
    return client.post("/account/password", data=form).status_code


def test_the_language_is_changed_at_once(
    signed_in: SignedIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", ("en", "fr"))
    client = signed_in("viewer")
    assert client.post("/account/language", data={"language": "fr-BE"}).status_code == 302
    page = read_page(client.get("/account").text)
    assert page.html is not None
    assert page.html["lang"] == "fr-BE"
    assert session.query(UserRow).one().language == "fr-BE"


def test_a_language_that_is_not_complete_is_not_offered(
    signed_in: SignedIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", ("en", "nl"))
    client = signed_in("viewer")
    session.query(UserRow).one().language = "de"
    session.commit()
    page = read_page(client.get("/account").text)
    assert page.html is not None
    assert page.html["lang"] == "en-DE"

    chosen = page.select("#language option")
    missing = [tag for tag in languages.TAGS if languages.language_of(tag) not in languages.COMPLETE]
    assert {option["value"] for option in chosen} == set(languages.TAGS) - set(missing)
    for tag in missing:
        assert client.post("/account/language", data={"language": tag}).status_code == 422


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
    add_subsidiaries(session, {"1": "Gent", "2": "Delft"})
    client = signed_in("viewer")
    client.post("/subsidiary", data={"subsidiary": "2", "next": "/account"})
    chosen = read_page(client.get("/account").text).select("#subsidiary-choice option[selected]")
    assert [option.text for option in chosen] == ["Delft"]


@pytest.mark.parametrize(
    "path",
    [
        "/invoices",
        "/invoices.csv",
        "/mappings",
        "/payments",
        "/reconciliation",
        "/reconciliation/statement",
        "/reconciliation.csv",
        "/activity",
        "/activity.csv",
        "/settings/apps",
        "/connections/new",
    ],
)
def test_every_page_is_narrowed(signed_in: SignedIn, session: Session, path: str) -> None:
    for subsidiary in ("1", "2"):
        connection = a_connection(session, subsidiary)
        row, copy = a_copied_invoice(session, connection, f"Number {subsidiary}", state=CopyState.REFUSED)
        a_payment(session, copy)
        text = f"Number {subsidiary} was refused"
        note_event(
            session,
            at=NOW,
            actor="A",
            kind=EventKind.REFUSED,
            said=as_written(text),
            subsidiary_id=subsidiary,
            invoice_id=row.id,
        )
    add_subsidiaries(session, {"3": "Studio 3", "4": "Studio 4"})
    add_productive(session, NOW)
    session.commit()
    client = signed_in("administrator")
    for chosen, others in (("2", "134"), ("3", "124")):
        client.post("/subsidiary", data={"subsidiary": chosen})
        answer = client.get(path, follow_redirects=True)
        page = read_page(answer.text)
        for switch in page.select("#subsidiary-switch"):
            switch.decompose()
        assert answer.status_code == 200
        assert [one for one in others if re.search(rf"(Studio|Books|Number) {one}(?!\d)", page.text)] == []


def test_one_visible_subsidiary_needs_no_switch(signed_in: SignedIn, session: Session) -> None:
    add_subsidiaries(session, {"1": "Gent", "2": "Delft"})
    client = signed_in("viewer", subsidiaries=["1"])
    assert not read_page(client.get("/account").text).select("#subsidiary-switch")
    assert client.post("/subsidiary", data={"subsidiary": "2"}).status_code == 404
