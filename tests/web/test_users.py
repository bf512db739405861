"""Settings › Users."""

from typing import Any

from sqlalchemy.orm import Session

from portal.store.connections import SubsidiaryRow
from portal.store.events import EventRow
from portal.store.people import UserRow, find_user
from tests.conftest import SignedIn

ANN: dict[str, Any] = {
    "name": "Ann",
    "email": "Ann@Example.com",
    "password": "long enough it is",
    "role": "finance",
    "reach": "all",
}


def edited(user: UserRow, **changes: Any) -> dict[str, Any]:
    form = {"name": user.name, "role": user.role, "reach": "all", "active": "y"}
    return {**form, **changes}


def test_a_user_is_added_and_may_sign_in(signed_in: SignedIn, session: Session) -> None:
    client = signed_in()
    assert client.post("/settings/users/new", data=ANN).headers["Location"] == "/settings/users"
    assert "ann@example.com" in client.get("/settings/users").text
    form = {"email": "ann@example.com", "password": ANN["password"]}
    assert client.post("/sign-in", data=form).status_code == 302
    ann = find_user(session, "ann@example.com")
    assert ann is not None
    assert (ann.role, ann.subsidiaries) == ("finance", None)
    assert session.query(EventRow).one().actor == "Administrator"


def test_a_user_may_be_limited_to_named_subsidiaries(signed_in: SignedIn, session: Session) -> None:
    session.add(SubsidiaryRow(id="7", name="Gent"))
    client = signed_in()
    limited = {**ANN, "reach": "named"}
    refused = client.post("/settings/users/new", data=limited)
    assert refused.status_code == 422
    assert "Choose at least one subsidiary." in refused.text
    client.post("/settings/users/new", data={**limited, "subsidiaries": ["7"]})
    ann = find_user(session, "ann@example.com")
    assert ann is not None
    assert ann.subsidiaries == ["7"]
    assert "Gent" in client.get("/settings/users").text


def test_bad_forms_are_shown_again(signed_in: SignedIn) -> None:
    client = signed_in()
    for bad in ({"email": "nobody"}, {"password": "short"}, {"role": "king"}, {"name": ""}):
        assert client.post("/settings/users/new", data={**ANN, **bad}).status_code == 422
    client.post("/settings/users/new", data=ANN)
    again = client.post("/settings/users/new", data=ANN)
    assert again.status_code == 422
    assert "Somebody has this e-mail already." in again.text


def test_a_user_is_changed_and_deactivated(signed_in: SignedIn, session: Session) -> None:
    client, other = signed_in(), signed_in("viewer")
    viewer = find_user(session, "viewer1@example.com")
    assert viewer is not None
    url = f"/settings/users/{viewer.id}"
    assert client.get(url).status_code == 200
    assert client.post(url, data=edited(viewer, name="Vi", role="finance")).status_code == 302
    assert (viewer.name, viewer.role) == ("Vi", "finance")
    assert other.get("/account").status_code == 302
    assert client.post(url, data=edited(viewer, active="", password="a whole new one")).status_code == 302
    assert not viewer.active
    assert client.post(url, data=edited(viewer, name="")).status_code == 422


def test_the_last_administrator_stays(signed_in: SignedIn, session: Session) -> None:
    client = signed_in()
    me = session.query(UserRow).one()
    url = f"/settings/users/{me.id}"
    for change in ({"role": "viewer"}, {"active": ""}):
        refused = client.post(url, data=edited(me, **change))
        assert refused.status_code == 422
        assert "This is the last administrator." in refused.text
    signed_in()
    assert client.post(url, data=edited(me, role="viewer")).headers["Location"] == "/"
    assert client.get("/account").status_code == 200
    assert client.get("/settings/users").status_code == 403


def test_who_is_not_there_cannot_be_changed(signed_in: SignedIn) -> None:
    assert signed_in().get("/settings/users/99").status_code == 404
