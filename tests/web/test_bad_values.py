"""Values that no database takes, in every address and field that reaches a query: never a fault of ours."""

from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.actions.payments.paying import a_till
from tests.conftest import SignedIn
from tests.furnishing.apps import an_app, settings_in
from tests.furnishing.connections import add_subsidiaries
from tests.pages import CheckingClient, read_page
from tests.web.connected import wire_fakes
from tests.web.invoices import House, form_of, only
from tests.web.test_strangers import OTHERS, named_rows, some_rows

NUL = "%00"
HUGE = "9" * 30
LONG = "x" * 5000
NO_TEXT = "%FF%FE"
HALF_AN_EMOJI = "%ED%A0%BD"
BELOW = f"-{HUGE}"
OTHER_DIGITS = "%D9%A1%D9%A2"
BAD = {
    "nul": f"a{NUL}b",
    "huge": HUGE,
    "long": LONG,
    "no text": f"{NO_TEXT}{HALF_AN_EMOJI}",
    "far below nought": BELOW,
    "below nought": "-1",
    "other digits": OTHER_DIGITS,
    "the last day": "9999-12-31",
}
each_bad = pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
ASKED = {
    *(
        "q",
        "customer",
        "customer_search",
        "from",
        "to",
        "sort",
        "view",
        "since",
        "subsidiary",
        "kind",
        "period",
    ),
    *("period", "differs", "connection", "for", "action", "saved", "edit", "next", "state", "code", "error"),
}
PLACES = ("after", "before")
# The tests' portal has no queue, and these say so.
UNWELL = {"/healthz", "/readyz"}
GONE = {404, 405, 308}
FORMS = {
    "/sign-in": "email password",
    "/subsidiary": "subsidiary next",
    "/account/language": "language",
    "/account/password": "old new",
    "/activity/retry": "cause words copy",
    "/settings/users/new": "name email password role subsidiaries",
    "/settings/users/1": "name password role subsidiaries",
    "/settings/productive": "organization_id token",
    "/connections/new": "subsidiary locale",
    "/connections/1/set-up": "number_source division default_journal credit_journal copy_from payments_mode",
    "/connections/1/division": "division",
    "/connections/1/mappings": "default_ledger",
    "/connections/1/reuse": "grant",
    "/mappings/1/service": "ids_service target",
    "/mappings/1/service/design": "target",
    "/reconciliation/read": "period whole",
    "/reconciliation/rows/i-105/accept": "content reason",
    "/invoices/105/exclude": "reason",
    "/invoices/105/link": "entry",
    "/invoices/105/undo": "fingerprint latest",
    "/invoices/105/credit": "fingerprint latest journal booking_date",
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on either kind of database."""
    settings = settings_in(tmp_path_factory.mktemp("portal"))
    if request.param == "postgres":
        settings = msgspec.structs.replace(settings, database_url=request.getfixturevalue("postgres_url"))
    yield from an_app(settings)


@pytest.fixture
def client(app: Flask, session: Session, signed_in: SignedIn) -> CheckingClient:
    """An administrator where a row of every kind is known."""
    wire_fakes(app)
    with Session(session.get_bind(), expire_on_commit=False) as own:
        some_rows(a_till(own))
    add_subsidiaries(session)
    return signed_in()


def asked(value: str) -> str:
    return "&".join(f"{name}={value}" for name in ASKED)


@each_bad
def test_no_address_breaks_whatever_is_asked_of_it(app: Flask, client: CheckingClient, bad: str) -> None:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.rule not in UNWELL:
            for place in PLACES:
                answer = client.get(f"{rule.rule}?{asked(bad)}&{place}={bad}")
                assert answer.status_code < 500, (rule.rule, place)


@each_bad
def test_no_row_has_such_a_name(app: Flask, client: CheckingClient, bad: str) -> None:
    for rule in named_rows(app):
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(spell(rule, bad), method=method)
            assert answer.status_code in GONE, (method, rule.rule, answer.status_code)


def spell(rule: Rule, bad: str) -> str:
    """Write an address with a bad name for its first row."""
    first, *_rest = sorted(rule.arguments - OTHERS - {"kind"}, key=lambda name: name != "connection_id")
    parts = (part for part in rule.rule.split("/") if part)
    named = (part if not part.startswith("<") else bad if first in part else "1" for part in parts)
    return "/" + "/".join(named)


@each_bad
def test_no_form_breaks_whatever_is_written_in_it(client: CheckingClient, bad: str) -> None:
    for address, fields in FORMS.items():
        for name in fields.split():
            body = f"{name}={bad}"
            answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, (address, name, answer.status_code)


@pytest.mark.parametrize("bad", [BAD["nul"], BAD["no text"]], ids=["nul", "no text"])
def test_the_copy_dialog_takes_no_such_value(house: House, signed_in: SignedIn, bad: str) -> None:
    house.add()
    client = signed_in()
    form = form_of(read_page(client.get("/invoices/105/copy").text))
    form |= {"line-ledger-1": "", "cost-center-1": "", "new_customer": "", "new-name": "", "linked": ""}
    for name in form:
        body = "&".join(f"{each}={bad if each == name else quote(form[each])}" for each in form)
        answer = client.post(
            "/invoices/105/copy", data=body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code in (302, 422), (name, answer.status_code)


def test_a_search_for_such_a_value_finds_nothing(house: House, signed_in: SignedIn) -> None:
    house.add()
    client = signed_in()
    page = read_page(client.get(f"/invoices?q=2026{NUL}").text)
    assert not page.select("tbody tr")
    assert only(page, ".empty")
    assert client.get("/invoices", environ_overrides={"QUERY_STRING": "q=\xff"}).status_code == 200
