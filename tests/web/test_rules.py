"""Settings › Rules over the wire: made, read, switched on as shown, and off again; and the daily summary."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.ready import keep_ready
from portal.domain.house.states import Role
from portal.store.people import UserRow
from portal.store.rules import RuleRow
from tests.conftest import NOW, SignedIn
from tests.pages import CheckingClient, read_page
from tests.web.invoices import House


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    """A person of finance, and an invoice that is ready."""
    house.add()
    house.session.commit()
    keep_ready(house.session, clock=lambda: NOW)
    return signed_in(Role.FINANCE)


def fields(house: House, **changes: str) -> dict[str, str]:
    own = f"rule-{house.connection_id}-"
    usual = {"who": "all", "since": "2026-01-01", "most": ""}
    return {own + name: value for name, value in (usual | changes).items()}


def path(house: House, end: str = "") -> str:
    return f"/settings/rules/{house.connection_id}{end}"


def test_a_rule_is_made_read_in_a_sentence_and_switched_on_as_shown(
    client: CheckingClient, house: House
) -> None:
    page = client.get("/settings/rules")
    assert "There is no rule here" in page.text
    client.post(path(house), data=fields(house, most="500"), follow_redirects=True)
    page = client.get("/settings/rules")
    assert "every ready invoice of all customers" in page.text
    assert "up to €500.00 each" in page.text
    assert "1 invoice is ready for it now" in page.text
    assert "Switch on and copy 1" in page.text

    rule = house.session.scalars(select(RuleRow)).one()
    assert not rule.on
    shown = {"seen": "1", "changed_at": rule.changed_at.isoformat()}
    house.session.commit()
    client.post(path(house, "/on"), data=shown | {"seen": "5"})
    house.session.expire_all()
    assert not house.session.scalars(select(RuleRow)).one().on
    house.session.commit()

    client.post(path(house, "/on"), data=shown)
    house.session.expire_all()
    assert house.session.scalars(select(RuleRow)).one().on
    house.session.commit()
    client.post(path(house, "/off"))
    house.session.expire_all()
    assert not house.session.scalars(select(RuleRow)).one().on


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no day": ({"since": ""}, "Choose the first invoice date."),
    "a day that is none": ({"since": "2026-02-30"}, "Not a valid date"),
    "no amount": ({"most": "much"}, "Not a valid decimal"),
    "nothing": ({"most": "0"}, "Enter an amount above zero."),
    "less than nothing": ({"most": "-5"}, "Enter an amount above zero."),
    "nobody": ({"who": "named"}, "Choose at least one customer."),
    "a customer that is none": ({"who": "named", "companies": "999"}, "999"),
    "neither all nor some": ({"who": "others"}, "Not a valid choice"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_a_rule_is_said_at_its_field(client: CheckingClient, house: House, kind: str) -> None:
    changes, said = WRONG[kind]
    answer = client.post(path(house), data=fields(house, **changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert house.session.scalars(select(RuleRow)).all() == []


def test_a_viewer_reads_rules_and_changes_none(house: House, signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    assert "Make a rule" not in viewer.get("/settings/rules").text
    assert viewer.post(path(house), data=fields(house)).status_code == 403


def test_rules_of_other_books_are_neither_shown_nor_changed(house: House, signed_in: SignedIn) -> None:
    stranger = signed_in(Role.FINANCE, subsidiaries=["2"])
    assert "Nothing is connected yet" in stranger.get("/settings/rules").text
    for end in ("", "/on", "/off"):
        assert stranger.post(path(house, end), data=fields(house)).status_code == 404


def test_a_person_chooses_the_hour_of_the_daily_summary(client: CheckingClient, session: Session) -> None:
    page = client.post("/account/summary", data={"hour": "7"}, follow_redirects=True)
    assert "every day at 07:00" in page.text
    assert [hour for hour in session.scalars(select(UserRow.summary_hour)) if hour is not None] == [7]
    session.commit()
    client.post("/account/summary", data={"hour": ""})
    session.expire_all()
    assert set(session.scalars(select(UserRow.summary_hour))) == {None}
    session.commit()
    assert client.post("/account/summary", data={"hour": "25"}).status_code == 422


def test_of_many_customers_a_search_lists_some_and_keeps_what_is_ticked(
    client: CheckingClient, house: House
) -> None:
    for at in range(60):
        house.add(id=f"9{at:03}", number=f"N-{at}", company_id=f"c{at}", company_name=f"Customer {at:02}")
    name = f"rule-{house.connection_id}-companies"

    def listed(html: str) -> list[str]:
        return [str(box["value"]) for box in read_page(html).select(f"input[name='{name}']")]

    first = client.get("/settings/rules")
    assert 0 < len(listed(first.text)) <= 25
    assert "c57" not in listed(first.text)

    asked = fields(house, who="named") | {name: "c3", f"find-{house.connection_id}": "57", "search": "1"}
    found = client.post(path(house), data=asked)
    assert listed(found.text) == ["c3", "c57"]
    assert [box["value"] for box in read_page(found.text).select(f"input[name='{name}'][checked]")] == ["c3"]
    assert house.session.scalars(select(RuleRow)).all() == []

    client.post(path(house), data=fields(house, who="named") | {name: ["c3", "c57"]})
    house.session.expire_all()
    assert house.session.scalars(select(RuleRow)).one().companies == ["c3", "c57"]
