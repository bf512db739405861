"""Settings and Settings › Productive."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.remote.errors import LostReplyError, UnreachableError
from portal.store.connections import ProductiveRow, SubsidiaryRow
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.vault import place_of_productive
from tests.conftest import SignedIn
from tests.fakes import FakeWiring
from tests.pages import CheckingClient, read_page
from tests.web.connected import wire_fakes

URL = "/settings/productive"
GOOD = {"organization_id": "703", "token": "demo-token"}


@pytest.fixture
def fakes(app: Flask) -> FakeWiring:
    return wire_fakes(app)


@pytest.fixture
def client(fakes: FakeWiring, signed_in: SignedIn) -> CheckingClient:
    return signed_in()


def test_the_settings_lead_everywhere(client: CheckingClient) -> None:
    page = read_page(client.get("/settings").text)
    assert [link.text for link in page.select("h2 a")] == [
        "App Marketplace",
        "Rules",
        "Productive",
        "Limits",
        "Users",
    ]


def test_a_viewer_sees_only_what_a_viewer_may(fakes: FakeWiring, signed_in: SignedIn) -> None:
    viewer = signed_in("viewer")
    assert [link.text for link in read_page(viewer.get("/settings").text).select("h2 a")] == [
        "App Marketplace",
        "Rules",
    ]
    assert viewer.get(URL).status_code == 403
    assert viewer.post(URL, data=GOOD).status_code == 403


def test_a_token_that_works_is_kept_sealed_and_pulls_what_there_is(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    assert client.post(URL, data=GOOD).status_code == 302
    row = session.get_one(ProductiveRow, 1)
    assert row.organization_name == "Bright Studio"
    assert fakes.vault.open(row.token_sealed, place_of_productive("703")) == "demo-token"
    assert session.query(SubsidiaryRow).count() == 1
    assert session.query(ServiceTypeRow).count() == 3
    assert session.query(TaxRateRow).count() == 3
    assert "demo-token" not in client.get(URL).text


def test_a_wrong_token_is_said_and_the_old_one_stays(client: CheckingClient, session: Session) -> None:
    client.post(URL, data=GOOD)
    answer = client.post(URL, data={**GOOD, "token": "wrong"})
    assert answer.status_code == 422
    assert "does not accept this organisation id and token" in answer.text
    field = read_page(answer.text).find(id="organization_id")
    assert field is not None
    assert field["value"] == "703"  # type: ignore[index]
    assert session.get_one(ProductiveRow, 1).organization_name == "Bright Studio"


def test_a_token_of_another_organisation_is_named(client: CheckingClient, session: Session) -> None:
    answer = client.post(URL, data={**GOOD, "organization_id": "999"})
    assert answer.status_code == 422
    assert "belongs to Bright Studio" in answer.text
    assert session.get(ProductiveRow, 1) is None


def test_an_unreachable_productive_changes_nothing(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    fakes.fake_billing.fail("read_organization", UnreachableError("No route."))
    answer = client.post(URL, data=GOOD)
    assert answer.status_code == 422
    assert "could not be reached" in answer.text
    assert (session.query(SubsidiaryRow).count(), session.get(ProductiveRow, 1)) == (0, None)


def test_a_token_that_works_is_kept_though_the_rest_takes_longer_than_a_person_waits(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    fakes.fake_billing.fail("each_tax_rate", LostReplyError("No answer came in time."))
    assert client.post(URL, data=GOOD).status_code == 302
    assert session.get_one(ProductiveRow, 1).organization_id == "703"
    assert session.query(SubsidiaryRow).count() == 0
    assert ("jobs.invoices.pull_invoices", "") in fakes.nudge.woken
    assert "goes on reading subsidiaries" in client.get(URL).text


def test_an_id_that_is_no_number_is_refused(client: CheckingClient) -> None:
    answer = client.post(URL, data={**GOOD, "organization_id": "abc"})
    assert answer.status_code == 422
    assert "An organisation id is a number." in answer.text


def test_what_left_productive_stays_archived(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    client.post(URL, data=GOOD)
    fakes.fake_billing.service_types = fakes.fake_billing.service_types[1:]
    assert client.post(f"{URL}/refresh").status_code == 302
    assert session.get_one(ServiceTypeRow, "21").archived
