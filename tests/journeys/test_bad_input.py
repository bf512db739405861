"""Whatever comes in wrong from people, Exact or Productive: a plain sentence, no traceback, nothing lost."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk
from tests.journeys.person import Person

ENTRIES = "/api/v1/1001/salesentry/SalesEntries"

TAMPERED: tuple[dict[str, str], ...] = (
    {"customer": "00000000-0000-0000-0000-000000000000"},
    {"customer": "'); DROP TABLE copy; --"},
    {"journal": "90"},
    {"journal": "nonsense"},
    {"ledger": "not-a-ledger"},
    {"vat-1": "21"},
    {"vat-1": "nonsense"},
    {"booking_date": "the day after tomorrow"},
    {"booking_date": "0001-01-01"},
    {"booking_date": "99999-12-31"},
    {"fingerprint": ""},
    {"latest": "nobody"},
    {"action": "delete"},
    {"csrf_token": "forged"},
    {"new_customer": "1", "new-name": ""},
    {"new_customer": "1", "new-name": "x" * 5000},
    {"line-ledger-999999": "x", "cost-center-999999": "y"},
)


@pytest.fixture(autouse=True)
def no_traceback(desk: Desk) -> Iterator[None]:
    """Whatever a test does, no process writes a traceback, and none may be shown."""
    before = len(desk.world.logs())
    yield
    assert "Traceback (most recent call last)" not in desk.world.logs()[before:]


def test_a_wrong_state_is_refused(desk: Desk) -> None:
    person = desk.person.open("/connections/exact/callback?code=stolen&state=guessed")
    assert "was not started here" in person.text
    assert person.status == 200


def test_a_denied_consent_leads_back(desk: Desk) -> None:
    person = sign_in_again(desk)
    state = parse_qs(urlsplit(person.url).query)["state"][0]
    person.open(f"{desk.world.url}/connections/exact/callback?error=access_denied&state={state}")
    assert "was not allowed" in person.text
    assert_still_connected(desk)


def test_a_made_up_code_is_refused(desk: Desk) -> None:
    person = sign_in_again(desk)
    state = parse_qs(urlsplit(person.url).query)["state"][0]
    person.open(f"{desk.world.url}/connections/exact/callback?code=used-before&state={state}")
    assert "Sign in again" in person.text
    assert_still_connected(desk)


def test_a_callback_opened_twice_changes_nothing(desk: Desk) -> None:
    person = sign_in_again(desk).press("Allow")
    desk.person.open("/connections/exact/callback?code=x&state=")
    assert "was not started here" in person.text
    assert_still_connected(desk)


def test_a_revoked_grant_holds_the_copy_until_somebody_signs_in(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.exact.post("revoke")
    try:
        person = desk.submit(invoice)
        url = person.url
        until(lambda: "sign" in waits_for(person.open(url)), "the sentence about the sign-in", 40)
        assert not desk.entries(invoice)
    finally:
        sign_in_again(desk).press("Allow")
    assert "/copies/" in url
    until(lambda: len(desk.entries(invoice)) == 1, "the entry", 100)


def test_a_division_without_vat_codes_says_so(desk: Desk) -> None:
    invoice = desk.invoice()
    codes = vat_codes(desk)
    try:
        for code in codes:
            desk.exact.patch(f"{DUTCH}/VATCodes/{code}", IsBlocked=True)
        refresh_catalogue(desk)
        wait_for_codes(desk, [])
        person = desk.open_dialog(invoice)
        assert "Exact has no VAT codes in this division" in person.text
        assert desk.submit(invoice).status == 422
        desk.open_dialog(invoice).follow("VAT codes in Exact")
        assert desk.person.url == f"{desk.exact.url}/vat-codes?division={DUTCH}"
        desk.person.open(desk.world.url)
        desk.exact.patch(f"{DUTCH}/VATCodes/2", IsBlocked=False)
        desk.open_dialog(invoice).press("Refresh from Exact")
        wait_for_codes(desk, ["2  "])
        assert desk.open_dialog(invoice).field("VAT code")
    finally:
        for code in codes:
            desk.exact.patch(f"{DUTCH}/VATCodes/{code}", IsBlocked=False)
        refresh_catalogue(desk)
        wait_for_codes(desk, codes)
    assert "Invoice copied." in desk.copy(invoice)


def test_a_ledger_blocked_meanwhile_is_refused_in_words(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.exact.patch(f"{DUTCH}/GLAccounts/8900", IsBlocked=True)
    try:
        said = desk.copy(invoice)
        assert "Invoice copied." not in said
        assert "Open the copy again" in said
    finally:
        desk.exact.patch(f"{DUTCH}/GLAccounts/8900", IsBlocked=False)
    assert "Invoice copied." in desk.copy(invoice)


def test_a_closed_period_is_refused_in_words(desk: Desk) -> None:
    invoice = desk.invoice(invoiced_on="2026-02-10", pay_on="2026-03-10")
    desk.exact.post("close-period", division=DUTCH, year=2026, period=2)
    try:
        said = desk.copy(invoice)
        assert "Invoice copied." not in said
        assert "period" in said.lower()
    finally:
        desk.exact.post("close-period", division=DUTCH, year=2026, period=2, open=True)
    assert "Invoice copied." in desk.copy(invoice)


def test_a_customer_deleted_in_exact_is_refused_in_words(desk: Desk) -> None:
    invoice = desk.invoice("Camping Zeezicht")
    customer = desk.find_customer(invoice, "Camping Zeezicht")
    desk.exact.delete(f"{DUTCH}/Accounts/{customer}")
    said = desk.copy(invoice, customer=customer)
    assert "Invoice copied." not in said
    assert not desk.entries(invoice)


def test_a_spoilt_answer_of_exact_never_books_twice(desk: Desk) -> None:
    spoilt = ("garbage", "truncate", "drop-after", "status:500", "status:503", "drop-before")
    invoices = desk.invoices(len(spoilt))
    for do in spoilt:
        desk.exact.fail("POST", ENTRIES, do)
    progress = [desk.submit(invoice).url for invoice in invoices]
    for invoice, url in zip(invoices, progress, strict=True):
        said = desk.outcome(desk.person.open(url))
        if "Invoice copied." not in said:
            assert "Open the copy again" in said
            assert "Invoice copied." in desk.copy(invoice)
        assert len(desk.entries(invoice)) == 1


def test_a_wrong_productive_token_is_said_and_not_kept(desk: Desk) -> None:
    person = desk.person.open("/settings/productive")
    labels = [one.get_text(" ", strip=True) for one in person.page.find_all("label")]
    token = next(one for one in labels if "oken" in one)
    button = next(name for name in ("Save", "Test and save", "Save access") if person.has(name))
    person.fill(token, "wrong-token").press(button)
    assert person.status == 422
    assert "token" in person.text.lower()
    assert "Invoice copied." in desk.copy(desk.invoice())


def test_an_invoice_deleted_meanwhile_is_not_copied(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.open_dialog(invoice)
    desk.productive.delete(f"invoices/{invoice}")
    said = desk.copy(invoice)
    assert "deleted in Productive" in said
    assert not desk.entries(invoice)


def test_an_invoice_changed_meanwhile_is_asked_about_again(desk: Desk) -> None:
    invoice = desk.invoice()
    person = desk.open_dialog(invoice)
    customer = person.hidden("customer") or desk.find_customer(invoice, "Lantaarn")
    (line,) = desk.seen(invoice)["line_ids"]
    desk.productive.patch(f"invoices/{invoice}", lines=[{"id": line, "quantity": "99"}])
    said = desk.outcome(person.press("Copy invoice", customer=customer))
    assert "changed in Productive" in said
    assert not desk.entries(invoice)
    assert "Invoice copied." in desk.copy(invoice)


def test_tampered_fields_never_break_anything(desk: Desk) -> None:
    invoices = desk.invoices(len(TAMPERED))
    for invoice, tampered in zip(invoices, TAMPERED, strict=True):
        person = desk.open_dialog(invoice)
        fields = {"customer": person.hidden("customer") or desk.find_customer(invoice, "Lantaarn")}
        person.press("Copy invoice", **(fields | tampered))
        assert person.status < 500, f"{tampered}: {person.text}"
        if "/copies/" in person.url:
            desk.outcome(person)
        assert len(desk.entries(invoice)) <= 1
        assert desk.person.open(f"/invoices/{invoice}").status == 200


def sign_in_again(desk: Desk) -> Person:
    """Go to Exact's consent page for the connection that is live."""
    person = desk.person.open("/connections/1/sign-in")
    return desk.go_to_exact(person)


def waits_for(person: Person) -> str:
    """What a progress page says, in small letters."""
    return person.text.lower()


def assert_still_connected(desk: Desk) -> None:
    """The connection works as before."""
    assert "Invoice copied." in desk.copy(desk.invoice())


def vat_codes(desk: Desk) -> list[str]:
    """The codes that can be chosen now."""
    person = desk.person.open("/mappings")
    found = person.page.select("#mapping-several-tax-target option")
    return [f"{one['value']:<3}" for one in found if one["value"]]


def wait_for_codes(desk: Desk, codes: list[str]) -> None:
    """Wait until these can be chosen. Where Exact's minute is used up, the worker reads in the next one."""
    until(lambda: vat_codes(desk) == codes, f"the VAT codes {codes}", 100)


def refresh_catalogue(desk: Desk) -> None:
    """Press Refresh from Exact, and wait until Exact is left alone."""
    desk.person.open("/settings/apps").press("Refresh from Exact")
    until(desk.world.is_at_rest, "quiet")
