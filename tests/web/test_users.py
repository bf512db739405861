"""Settings › Users."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.store.events import EventRow
from portal.store.people import UserRow, find_user
from tests.conftest import SignedIn
from tests.furnishing.connections import add_subsidiaries
from tests.telling import told, told_events

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
    added = session.query(EventRow).filter_by(kind="user").one()
    assert (added.actor, told(added.said)) == (
        "Administrator",
        "Added ann@example.com as finance for all subsidiaries",
    )


def test_a_user_may_be_limited_to_named_subsidiaries(signed_in: SignedIn, session: Session) -> None:
    add_subsidiaries(session, {"7": "Gent"})
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
    client = signed_in()
    other = signed_in("viewer")
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


@pytest.mark.parametrize(
    "change", [{"role": "finance"}, {"active": ""}, {"reach": "named", "subsidiaries": ["7"]}], ids=str
)
def test_the_last_administrator_of_all_subsidiaries_stays(
    signed_in: SignedIn, session: Session, change: dict[str, Any]
) -> None:
    add_subsidiaries(session, {"7": "Gent", "8": "Delft"})
    client = signed_in()
    me = session.query(UserRow).one()
    signed_in("administrator", subsidiaries=["7"])
    refused = client.post(f"/settings/users/{me.id}", data=edited(me, **change))
    assert refused.status_code == 422
    assert "This is the last administrator of all subsidiaries." in refused.text
    assert (me.role, me.active, me.subsidiaries) == ("administrator", True, None)
    signed_in("administrator")
    assert client.post(f"/settings/users/{me.id}", data=edited(me, **change)).status_code == 302


def test_who_is_not_there_cannot_be_changed(signed_in: SignedIn) -> None:
    assert signed_in().get("/settings/users/99").status_code == 404


def told_of_people(session: Session) -> list[str]:
    """What the events tell of people."""
    return list(told_events(session, "user"))


def test_an_event_tells_what_was_before_and_after(signed_in: SignedIn, session: Session) -> None:
    add_subsidiaries(session, {"7": "Gent", "8": "Delft"})
    client = signed_in()
    signed_in("viewer", subsidiaries=["7"])
    viewer = session.query(UserRow).filter_by(role="viewer").one()
    url = f"/settings/users/{viewer.id}"
    client.post(url, data=edited(viewer, role="finance", name="Vi"))
    client.post(url, data=edited(viewer, reach="named", subsidiaries=["8", "7"]))
    client.post(url, data=edited(viewer, reach="named", subsidiaries=["8", "7"]))
    client.post(url, data=edited(viewer, reach="named", subsidiaries=["8", "7"], active=""))
    assert told_of_people(session) == [
        "Changed viewer1@example.com: name Viewer → Vi; role viewer → finance; reach Gent → all subsidiaries",
        "Changed viewer1@example.com: reach all subsidiaries → Delft, Gent",
        "Changed viewer1@example.com: may sign in yes → no",
    ]


# What an administrator of Gent alone may try, and whether it is taken.
BEYOND: dict[str, tuple[str, dict[str, Any], bool]] = {
    "their own reach to all": ("me", {"reach": "all"}, False),
    "their own reach to another": ("me", {"reach": "named", "subsidiaries": ["7", "8"]}, False),
    "their own name": ("me", {"reach": "named", "subsidiaries": ["7"], "name": "New"}, True),
    "a colleague to all": ("near", {"reach": "all"}, False),
    "a colleague to another": ("near", {"reach": "named", "subsidiaries": ["8"]}, False),
    "a colleague to one that there is not": ("near", {"reach": "named", "subsidiaries": ["99"]}, False),
    "a colleague of the same reach": (
        "near",
        {"reach": "named", "subsidiaries": ["7"], "role": "finance"},
        True,
    ),
    "somebody of all": ("all", {"reach": "named", "subsidiaries": ["7"]}, False),
    "the password of somebody of all": (
        "all",
        {"reach": "named", "subsidiaries": ["7"], "password": "a wholly new one is this"},
        False,
    ),
    "somebody of another": ("far", {"reach": "named", "subsidiaries": ["7"]}, False),
    "somebody of another and this": ("both", {"reach": "named", "subsidiaries": ["7"]}, False),
    "a new one of all": ("new", {"reach": "all"}, False),
    "a new one without a word on reach": ("new", {"reach": ""}, False),
    "a new one of another": ("new", {"reach": "named", "subsidiaries": ["7", "8"]}, False),
    "a new one of the same reach": ("new", {"reach": "named", "subsidiaries": ["7"]}, True),
}


@pytest.mark.parametrize("kind", BEYOND)
def test_nobody_gives_a_reach_that_they_do_not_have(signed_in: SignedIn, session: Session, kind: str) -> None:
    add_subsidiaries(session, {"7": "Gent", "8": "Delft"})
    client = signed_in(subsidiaries=["7"])
    people = {"me": session.query(UserRow).one()}
    for name, reach in (("near", ["7"]), ("all", None), ("far", ["8"]), ("both", ["7", "8"])):
        signed_in("viewer", subsidiaries=reach)
        people[name] = session.query(UserRow).order_by(UserRow.id.desc()).limit(1).one()
    signed_in()
    before = {name: (row.subsidiaries, row.role, row.password_hash) for name, row in people.items()}
    whom, change, taken = BEYOND[kind]
    if whom == "new":
        answer = client.post("/settings/users/new", data={**ANN, **change})
    else:
        form = edited(people[whom], **change)
        answer = client.post(f"/settings/users/{people[whom].id}", data=form)
    assert (answer.status_code == 302) is taken
    session.expire_all()
    after = {name: (row.subsidiaries, row.role, row.password_hash) for name, row in people.items()}
    assert (find_user(session, "ann@example.com") is not None) is (taken and whom == "new")
    assert taken or after == before
    assert taken or told_of_people(session) == []


def test_an_administrator_of_some_sees_no_others(signed_in: SignedIn, session: Session) -> None:
    add_subsidiaries(session, {"7": "Gent", "8": "Delft"})
    client = signed_in(subsidiaries=["7"])
    signed_in("viewer", subsidiaries=["8"])
    page = client.get("/settings/users").text
    assert "administrator@example.com" in page
    assert ("viewer1@example.com" in page, "Delft" in page) == (False, False)
    form = client.get("/settings/users/new").text
    assert ("All subsidiaries" in form, "Delft" in form, "Gent" in form) == (False, False, True)
    assert client.get("/settings/users/2").status_code == 404


def test_who_has_some_subsidiaries_does_not_change_what_opens_all(
    signed_in: SignedIn, session: Session
) -> None:
    add_subsidiaries(session, {"7": "Gent"})
    client = signed_in(subsidiaries=["7"])
    assert "Only an administrator of all of them" in client.get("/settings/productive").text
    form = {"organization_id": "703", "token": "x"}
    assert client.post("/settings/productive", data=form).status_code == 403
    assert client.post("/settings/productive/refresh").status_code == 403
