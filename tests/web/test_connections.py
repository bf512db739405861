"""The App Marketplace and the wizard, as a browser sees them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from msgspec import structs
from sqlalchemy.orm import Session

from portal.actions.connections.productive import save_productive
from portal.domain.booking.invoice import Subsidiary
from portal.domain.connections.states import ConnectionState, GrantState, SignInCause
from portal.remote.errors import (
    LostReplyError,
    MisconfiguredError,
    MissingRightError,
    TemporaryError,
    UnreachableError,
)
from portal.settings import AppRegistration
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from tests.conftest import SignedIn
from tests.fakes import NOW, REVENUE, FakeWiring, a_division
from tests.furnishing.said import quote
from tests.pages import CheckingClient, read_page, seen
from tests.web.connected import find_named, wire_fakes

APPS = "/settings/apps"
OVERVIEW = "/overview"
STEP = {"number_source": "productive", "division": "101", "default_journal": "70", "copy_from": "2026-01-01"}


@pytest.fixture
def fakes(app: Flask, session: Session) -> FakeWiring:
    fakes = wire_fakes(app)
    fakes.fake_billing.subsidiaries = [
        Subsidiary("11", "Bright Studio BV", None, False),
        Subsidiary("12", "Bright Studio NV", 4, False),
    ]
    save_productive(
        session, fakes.fake_billing, fakes.vault, organization_id="703", token="t", actor="x", now=NOW
    )
    return fakes


@pytest.fixture
def client(fakes: FakeWiring, signed_in: SignedIn) -> CheckingClient:
    return signed_in()


def begin(client: CheckingClient, subsidiary: str = "11", locale: str = "NL") -> str:
    """Start a set-up and return the state that Exact was given."""
    answer = client.post("/connections/new", data={"subsidiary": subsidiary, "locale": locale})
    if "/sign-in" in answer.location:
        answer = client.post(answer.location)
    return parse_qs(urlsplit(answer.location).query)["state"][0]


def come_back(client: CheckingClient, state: str, code: str = "c1") -> str:
    return client.get(f"/connections/exact/callback?code={code}&state={state}").location


def connect(client: CheckingClient, subsidiary: str = "11", division: str = "101") -> str:
    """Go through the whole wizard and return where the last step stood."""
    step_b = come_back(client, begin(client, subsidiary), f"code-{subsidiary}")
    if division != "101":
        client.post(step_b.replace("set-up", "division"), data={**STEP, "division": division})
    step_c = client.post(step_b, data={**STEP, "division": division}).location
    assert client.post(step_c, data={"default_ledger": ""}).location == OVERVIEW
    return step_c


def page_of(client: CheckingClient, url: str) -> BeautifulSoup:
    return seen(client.get(url))


def options(page: BeautifulSoup, name: str) -> list[str]:
    return [one.text for one in page.select(f"main select[name={name}] option")]


def test_each_subsidiary_can_be_connected(client: CheckingClient) -> None:
    page = page_of(client, APPS)
    assert [one.text for one in page.select("a.btn-primary")] == ["Connect App", "Connect App"]
    assert page.find("h2", string="Exact")


@pytest.mark.parametrize(("asked", "found"), [("exa", True), ("productive", False), ("sap", False)])
def test_apps_are_searched(client: CheckingClient, asked: str, found: bool) -> None:
    assert bool(page_of(client, f"{APPS}?q={asked}").find("h2", string="Exact")) == found


def test_the_first_step_asks_for_subsidiary_and_country(client: CheckingClient) -> None:
    page = page_of(client, "/connections/new?for=12")
    assert options(page, "subsidiary") == ["Bright Studio BV", "Bright Studio NV"]
    labels = [label.text for label in page.select("fieldset label")]
    assert labels == ["Belgium", "Netherlands", "Germany"]
    assert "both would copy" in page.text


def test_nothing_chosen_is_said_in_the_form(client: CheckingClient) -> None:
    answer = client.post("/connections/new", data={"subsidiary": "11"})
    assert answer.status_code == 422
    assert "Choose the country" in answer.text


def test_a_country_without_registration_is_said_before_anyone_goes_to_exact(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    registrations = {**fakes.settings.exact, "DE": AppRegistration("https://x", "", "")}
    fakes.settings = structs.replace(fakes.settings, exact=registrations)
    answer = client.post("/connections/new", data={"subsidiary": "11", "locale": "DE"})
    assert answer.status_code == 422
    assert "not registered with Exact in Germany" in answer.text
    assert session.query(ConnectionRow).count() == 0


def test_the_wizard_connects(client: CheckingClient, session: Session) -> None:
    step_b = come_back(client, begin(client))
    page = page_of(client, step_b)
    assert options(page, "division") == ["Bright Studio 101 (101)", "Bright Studio 102 (102)"]
    assert options(page, "default_journal")[1:] == ["70 · Sales", "71 · Credit notes"]
    step_c = client.post(step_b, data={**STEP, "payments_on": "y", "payments_mode": "all"}).location
    page = page_of(client, step_c)
    assert "8000 · Revenue design" in options(page, "default_ledger")
    assert not [one for one in options(page, "default_ledger") if "Debtors" in one or "VAT" in one]
    assert client.post(step_c, data={"default_ledger": REVENUE}).location == OVERVIEW
    row = session.query(ConnectionRow).one()
    assert (row.state, row.default_ledger, row.default_journal) == (ConnectionState.LIVE, REVENUE, "70")
    assert (row.payments.on, row.payments.mode) == (True, "all")
    card = page_of(client, APPS).select_one(f"#connection-card-{row.id}")
    assert card
    assert "Healthy" in card.text
    assert "Anna de Boer" in card.text


def test_the_division_called_like_the_subsidiary_comes_first(
    client: CheckingClient, fakes: FakeWiring
) -> None:
    fakes.fake_ledger.divisions[1] = a_division(102, name="Bright Studio B.V.")
    page = page_of(client, come_back(client, begin(client)))
    assert [one["value"] for one in page.select("#division option[selected]")] == ["102"]


def test_one_division_is_no_question(client: CheckingClient, fakes: FakeWiring) -> None:
    fakes.fake_ledger.divisions = fakes.fake_ledger.divisions[:1]
    page = page_of(client, come_back(client, begin(client)))
    assert not page.select("select[name=division]")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("code=c1&state=wrong", "was not started here"),
        ("code=c1", "was not started here"),
        ("error=access_denied&state=STATE", "was not allowed"),
        ("code=expired&state=STATE", "no longer accepts this sign-in"),
    ],
)
def test_a_failed_consent_leads_back_with_everything_kept(
    client: CheckingClient, session: Session, query: str, text: str
) -> None:
    state = begin(client)
    answer = client.get(f"/connections/exact/callback?{query.replace('STATE', state)}")
    row = session.query(ConnectionRow).one()
    assert answer.location == f"/connections/{row.id}/sign-in"
    assert text in client.get(answer.location).text
    assert (row.state, row.locale) == (ConnectionState.DRAFT, "NL")


def test_a_state_works_once_and_only_in_its_own_browser(
    client: CheckingClient, signed_in: SignedIn, session: Session
) -> None:
    state = begin(client)
    assert come_back(signed_in(), state) == APPS
    assert "set-up" in come_back(client, state)
    assert "sign-in" in come_back(client, state, "c2")


@pytest.mark.parametrize("locale", ["NL", "BE"])
def test_a_further_subsidiary_is_offered_the_sign_in_that_works(
    client: CheckingClient, session: Session, locale: str
) -> None:
    connect(client)
    answer = client.post("/connections/new", data={"subsidiary": "12", "locale": locale})
    page = page_of(client, answer.location)
    assert [one.text for one in page.select("main button")] == [
        "Continue as Anna de Boer",
        "Sign in at Exact",
    ]
    grant = session.query(GrantRow).one()
    where = client.post(answer.location.replace("sign-in", "reuse"), data={"grant": grant.id}).location
    page = page_of(client, where)
    assert "Bright Studio 101 (101) (already connected)" in options(page, "division")
    assert session.query(GrantRow).count() == 1


def test_a_division_that_is_taken_is_refused(client: CheckingClient) -> None:
    connect(client)
    step_b = come_back(client, begin(client, "12"), "c2")
    answer = client.post(step_b, data=STEP)
    assert answer.status_code == 422
    assert "already connected to Bright Studio BV" in answer.text


def test_choosing_a_division_keeps_what_was_entered(client: CheckingClient) -> None:
    step_b = come_back(client, begin(client))
    url = step_b.replace("set-up", "division")
    answer = client.htmx(url, "POST", data={**STEP, "division": "102", "copy_from": "2026-02-02"})
    form = read_page(answer.text).select_one("form#set-up")
    assert form
    assert not read_page(answer.text).find("html")
    assert [one["value"] for one in form.select("select[name=division] option[selected]")] == ["102"]
    assert form.select_one("input[name=copy_from]")["value"] == "2026-02-02"  # type: ignore[index]
    assert answer.headers["HX-Replace-Url"] == step_b


def test_without_scripts_next_on_another_division_shows_its_journals_first(client: CheckingClient) -> None:
    step_b = come_back(client, begin(client))
    answer = client.post(step_b, data={**STEP, "division": "102"})
    assert answer.status_code == 200
    assert read_page(answer.text).find("html")
    assert client.post(step_b, data={**STEP, "division": "102"}).status_code == 302


def test_an_unreadable_catalogue_keeps_the_sign_in(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    fakes.fake_ledger.fail("read_catalogue", UnreachableError("No route."))
    page = page_of(client, come_back(client, begin(client)))
    assert "could not be reached" in page.text
    assert session.query(ConnectionRow).one().grant_id
    assert find_named(page, "button", "Reload")


def test_missing_rights_are_named_in_the_wizard(client: CheckingClient, fakes: FakeWiring) -> None:
    fakes.fake_ledger.missing_rights = ["Cash flow"]
    step_b = come_back(client, begin(client))
    step_c = client.post(step_b, data=STEP).location
    assert "lacks rights in Exact that copying needs: Cash flow" in client.get(step_c).text
    assert "lacks rights" in client.get(step_b).text


def test_where_the_offer_cannot_be_read_all_missing_rights_are_named(
    client: CheckingClient, fakes: FakeWiring
) -> None:
    fakes.fake_ledger.missing_rights = ["General ledger", "Cash flow"]
    fakes.fake_ledger.fail("read_catalogue", MissingRightError("Forbidden", status=403))
    text = client.get(come_back(client, begin(client))).text
    assert "General ledger, Cash flow" in text
    assert "no journals can be chosen" in text


def test_while_payments_run_their_beginning_is_not_asked_again(
    client: CheckingClient, session: Session
) -> None:
    step_b = connect(client).replace("mappings", "set-up")
    client.post(step_b, data={**STEP, "payments_on": "y", "payments_mode": "all"})
    assert not page_of(client, step_b).select("input[name=payments_mode]")
    client.post(step_b, data=STEP)
    assert page_of(client, step_b).select("input[name=payments_mode]")
    assert not session.query(ConnectionRow).one().payments.on


def test_a_set_up_that_was_left_goes_on(client: CheckingClient) -> None:
    step_b = come_back(client, begin(client))
    link = find_named(page_of(client, APPS), "a", "Continue set-up")
    assert link is not None
    assert link["href"] == step_b


def test_editing_shows_more_and_saves_at_once(client: CheckingClient, session: Session) -> None:
    step_b = connect(client).replace("mappings", "set-up")
    assert page_of(client, step_b).select("input[name=books_closed_until]")
    client.post(step_b, data={**STEP, "books_closed_until": "2026-02-28", "send_credit_type": "y"})
    row = session.query(ConnectionRow).one()
    assert str(row.books_closed_until) == "2026-02-28"
    assert row.send_credit_type
    assert not row.payments.write_off_differences


def test_disconnect_asks_once_and_says_what_stays(client: CheckingClient, session: Session) -> None:
    url = connect(client).replace("mappings", "disconnect")
    dialog = read_page(client.htmx(url).text).select_one("dialog")
    assert dialog
    assert "What stays:" in dialog.text
    assert "the sign-in of Anna de Boer" in dialog.text
    assert page_of(client, url).select_one("dialog[open]")
    assert client.post(url).location == APPS
    assert session.query(ConnectionRow).one().state == ConnectionState.DISCONNECTED
    assert session.query(GrantRow).one().refresh_sealed is None


def test_a_lost_sign_in_comes_back_by_one_click_and_all_goes_on(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    connect(client)
    before = [session.query(ConnectionRow).one().id, *mapped(session)]
    session.query(GrantRow).one().state = GrantState.LOST
    page = page_of(client, APPS)
    assert "Sign-in lost" in page.text
    button = find_named(page, "button", "Sign in again")
    assert button is not None
    assert button.parent is not None
    answer = client.post(str(button.parent["action"]))
    state = parse_qs(urlsplit(answer.location).query)["state"][0]
    assert come_back(client, state, "again") == APPS
    assert "Healthy" in client.get(APPS).text
    assert [session.query(ConnectionRow).one().id, *mapped(session)] == before
    connection = str(before[0])
    assert ("jobs.catalogue.refresh_catalogue", connection) in fakes.nudge.woken
    assert ("jobs.copies.sweep", "") in fakes.nudge.woken


def mapped(session: Session) -> list[object]:
    """What a new sign-in must not touch."""
    row = session.query(ConnectionRow).one()
    return [row.division, row.default_journal, row.payments.term_cursor, row.customers.cursor, row.copy_from]


def test_a_sign_in_says_who_holds_it_how_it_is_and_when_it_would_lapse(client: CheckingClient) -> None:
    connect(client)
    card = page_of(client, APPS).select_one(".connection .facts")
    assert card
    assert "Anna de Boer" in card.text
    assert "Valid to 1 Apr 2026" in card.text
    assert "by Exact’s documentation it lasts 30 days" in card.text


def test_a_wrong_app_secret_is_tried_again_at_a_click(
    client: CheckingClient, session: Session, fakes: FakeWiring
) -> None:
    connect(client)
    grant = session.query(GrantRow).one()
    grant.cause = SignInCause.APP_REFUSED
    grant.trouble = quote("invalid_client")
    grant.failing_since = NOW
    grant.next_renewal_at = NOW + timedelta(minutes=10)
    button = find_named(page_of(client, APPS), "button", "Try again now")
    assert button is not None
    assert button.parent is not None
    fakes.fake_ledger.fail("read_user", MisconfiguredError("Exact does not accept this portal."))
    client.post(str(button.parent["action"]))
    page = page_of(client, APPS)
    assert "A setting of this portal is not right: “Exact does not accept this portal.”" in page.text
    assert session.query(GrantRow).one().next_renewal_at is None
    client.post(str(button.parent["action"]))
    assert "The sign-in at Exact works again." in client.get(APPS).text


def test_a_country_that_lost_its_registration_is_said_before_anyone_goes_to_exact(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    url = connect(client).replace("mappings", "sign-in")
    registrations = {**fakes.settings.exact, "NL": AppRegistration("https://x", "", "")}
    fakes.settings = structs.replace(fakes.settings, exact=registrations)
    assert client.post(url).location == url
    assert "EXACT_NL_CLIENT_ID" in client.get(url).text


def test_the_catalogue_is_refreshed_by_hand(client: CheckingClient, fakes: FakeWiring) -> None:
    url = connect(client).replace("mappings", "catalogue")
    fakes.fake_ledger.fail("read_catalogue", UnreachableError("No route."))
    assert client.post(url).location == APPS
    assert "Journals, ledgers and VAT codes could not be read" in client.get(APPS).text
    client.post(url)
    assert "Healthy" in client.get(APPS).text


@pytest.mark.parametrize("role", ["viewer", "finance"])
def test_only_administrators_change_connections(
    client: CheckingClient, signed_in: SignedIn, role: str
) -> None:
    step_c = connect(client)
    other = signed_in(role)
    page = page_of(other, APPS)
    assert not page.select("a[aria-label^='Edit integration'], button[aria-label^=Disconnect]")
    mine = page_of(client, APPS)
    names = {tag["aria-label"] for tag in mine.select(".panel [aria-label]")}
    assert not names & {"Edit integration", "Disconnect"}
    assert any(name.startswith("Disconnect: ") for name in map(str, names))
    for part in ("set-up", "mappings", "disconnect", "sign-in"):
        assert other.get(step_c.replace("mappings", part)).status_code == 403
    assert bool(find_named(page, "button", "Refresh from Exact")) == (role == "finance")


def test_other_subsidiaries_are_not_seen(client: CheckingClient, signed_in: SignedIn) -> None:
    connect(client)
    assert "Bright Studio BV" not in signed_in("finance", subsidiaries=["12"]).get(APPS).text


@pytest.mark.parametrize("where", ["read_user", "find_divisions"])
def test_a_consent_goes_on_once_exact_says_whose_it_is(
    client: CheckingClient, fakes: FakeWiring, session: Session, where: str
) -> None:
    state = begin(client)
    fakes.fake_ledger.fail(where, TemporaryError("Exact failed.", status=500))
    step = come_back(client, state)
    row = session.query(ConnectionRow).one()
    kept = session.query(GrantRow).one()
    assert step == f"/connections/{row.id}/sign-in"
    assert fakes.nudge.woken[-1] == ("jobs.grants.settle_consents", str(kept.id))
    page = page_of(client, step)
    assert "You are signed in at Exact, and that is kept" in page.text
    part = page.select_one(f"#consent-{row.id}")
    assert part is not None
    assert (part["hx-trigger"], part["hx-get"]) == ("every 3s", f"/connections/{row.id}/consent")
    again = client.get(f"/connections/{row.id}/consent", headers={"HX-Request": "true"})
    assert "hx-trigger" in again.text
    assert client.post(f"/connections/{row.id}/consent").location == f"/connections/{row.id}/signed-in"
    assert client.get(f"/connections/{row.id}/signed-in").location == f"/connections/{row.id}/set-up"
    done = client.get(f"/connections/{row.id}/consent", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/connections/{row.id}/signed-in"


def test_a_consent_that_exact_still_does_not_name_stays_kept(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    state = begin(client)
    fakes.fake_ledger.fail("read_user", TemporaryError("Exact failed.", status=500), times=2)
    step = come_back(client, state)
    row = session.query(ConnectionRow).one()
    assert client.post(f"/connections/{row.id}/consent").location == step
    assert session.query(GrantRow).one().consent_for == row.id
    assert client.get(f"/connections/{row.id}/signed-in").location == step


def test_an_exchange_without_an_answer_says_to_sign_in_again(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    state = begin(client)
    fakes.fake_sign_in.fail("exchange", LostReplyError("No answer came in time."))
    step = come_back(client, state)
    assert "works only once. Sign in again" in page_of(client, step).text
    assert session.query(GrantRow).count() == 0


def test_a_division_that_takes_long_to_read_is_read_on_by_the_worker(
    client: CheckingClient, fakes: FakeWiring, session: Session
) -> None:
    fakes.fake_ledger.fail("read_catalogue", LostReplyError("No answer came in time."))
    step = come_back(client, begin(client))
    row = session.query(ConnectionRow).one()
    assert ("jobs.catalogue.refresh_catalogue", str(row.id)) in fakes.nudge.woken
    asks = page_of(client, step).select_one("#set-up-reading")
    assert asks is not None
    assert (asks["hx-get"], asks["hx-trigger"]) == (f"/connections/{row.id}/reading", "every 3s")
    assert "every 3s" in client.get(f"/connections/{row.id}/reading", headers={"HX-Request": "true"}).text
    row.catalogue_at = NOW
    session.commit()
    done = client.get(f"/connections/{row.id}/reading", headers={"HX-Request": "true"}).text
    assert f'hx-post="/connections/{row.id}/division"' in done
    asked = fakes.fake_ledger.count("read_catalogue")
    client.post(f"/connections/{row.id}/division", data={**STEP, "read": "1"})
    assert fakes.fake_ledger.count("read_catalogue") == asked
    client.post(f"/connections/{row.id}/division", data=STEP)
    assert fakes.fake_ledger.count("read_catalogue") == asked + 1
