"""The client over real sockets against the sandbox: from consent to deleted terms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from portal.domain.booking.catalogue import Catalogue, Customer, for_sales, is_revenue, takes_sales
from portal.domain.booking.sales_entry import SalesEntry
from portal.domain.here import day_here
from portal.domain.ids import find_marker, marker_of, new_id, tag_of
from portal.domain.unreadable import readable
from portal.exact.auth import ExactAuth
from portal.exact.client import ExactClient
from portal.exact.limits import PACE, read_limits
from portal.remote.errors import (
    HeldBackError,
    LostReplyError,
    MisconfiguredError,
    RefusedError,
    SignInLostError,
    TooEarlyError,
)
from portal.remote.tokens import TokenPair
from portal.remote.transport import Transport
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app
from portal.settings import AppRegistration
from tests.exact.wire import a_new_customer, a_sales_entry, a_sales_line
from tests.lane import LocalLane

CALLBACK = "http://localhost:8000/connections/exact/callback"


class Site:
    """A sandbox that somebody consented at."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.auth = ExactAuth(AppRegistration(base, "demo-client", "demo-secret"), CALLBACK)
        self.tokens = self.consent()
        self.lane = LocalLane(PACE, read_limits)

    def consent(self) -> TokenPair:
        url, state = self.auth.authorization_url()
        page = requests.get(url, timeout=5)
        assert ">Allow<" in page.text
        redirect = requests.post(url, allow_redirects=False, timeout=5)
        told = parse_qs(urlsplit(redirect.headers["Location"]).query)
        assert told["state"] == [state]
        return self.auth.exchange_code(told["code"][0])

    def renew(self) -> str:
        self.tokens = self.auth.renew(self.tokens.refresh)
        return self.tokens.access

    def client(self, division: int | None) -> ExactClient:
        return ExactClient(
            self.base,
            division,
            access=lambda: self.tokens.access,
            on_expired=self.renew,
            lane=self.lane,
            transport=Transport(read_timeout=5, clock=self.auth.clock),
        )

    def door(self, name: str, **body: Any) -> Any:
        reply = requests.post(f"{self.base}/_sandbox/{name}", json=body, timeout=5)
        assert reply.ok, reply.text
        return reply.json() if reply.content else None

    def calls(self) -> list[Any]:
        found: list[Any] = requests.get(f"{self.base}/_sandbox/calls", timeout=5).json()
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(create_exact_app()) as base:
        yield Site(base)


@pytest.fixture
def division(site: Site) -> int:
    return site.client(None).find_divisions()[0].code


@pytest.fixture
def client(site: Site, division: int) -> ExactClient:
    return site.client(division)


@pytest.fixture
def offer(client: ExactClient) -> Catalogue:
    return client.read_catalogue()


@pytest.fixture
def customer(client: ExactClient) -> Customer:
    return client.create_customer(a_new_customer())


def an_entry(site: Site, offer: Catalogue, customer: Customer) -> SalesEntry:
    """An entry of one line that this division should take."""
    journal = next(each for each in offer.journals if takes_sales(each))
    ledger = next(each for each in offer.accounts if is_revenue(each) and each.cost_center != 1)
    vat = next(each for each in offer.vat_codes if for_sales(each) and each.percentage == 21)
    today = day_here(site.auth.clock.now())
    line = a_sales_line(ledger_id=ledger.id, vat_code=vat.code)
    return a_sales_entry(
        customer_id=customer.id,
        journal=journal.code,
        entry_date=today,
        due_date=today + timedelta(days=14),
        lines=(line, replace(line, amount=5000, vat_amount=1050, description="Print")),
    )


def test_tokens_are_renewed_when_it_is_time_and_only_then(site: Site) -> None:
    first = site.tokens
    assert first.expires_in == 600
    with pytest.raises(TooEarlyError):
        site.auth.renew(first.refresh)
    site.door("clock", advance=601)
    assert site.client(None).read_user().division
    assert site.tokens.access != first.access
    assert site.tokens.obtained_at - first.obtained_at >= timedelta(seconds=600)
    with pytest.raises(SignInLostError):
        site.auth.renew(first.refresh)


def test_a_second_consent_ends_the_first(site: Site) -> None:
    first = site.tokens
    site.tokens = site.consent()
    assert site.client(None).read_user().name
    site.tokens = first
    with pytest.raises(SignInLostError):
        site.client(None).read_user()


def test_a_division_offers_what_a_sale_needs(client: ExactClient, offer: Catalogue) -> None:
    assert client.find_missing_rights() == []
    assert any(takes_sales(each) for each in offer.journals)
    assert any(is_revenue(each) for each in offer.accounts)
    assert any(for_sales(each) and each.percentage == 21 for each in offer.vat_codes)
    assert offer.periods
    assert "EUR" in offer.currencies
    pages = list(client.each_customer_page(0))
    assert pages
    assert list(client.each_customer_page(pages[-1][1])) == []


def test_a_customer_is_created_and_found_again(client: ExactClient, customer: Customer) -> None:
    assert customer.status == "C"
    ((found, remarks),) = client.find_customers("O'Brien & Zn.")
    assert found == customer
    assert remarks == "[ABCDEFGH]"


def test_a_deleted_customer_is_told_by_the_log_and_by_asking(
    site: Site, client: ExactClient, division: int, customer: Customer
) -> None:
    graves = max((highest for _, highest in client.each_tombstone_page(0)), default=0)
    other = next(
        each for page, _ in client.each_customer_page(0) for each in readable(page) if each.id != customer.id
    )
    assert client.find_living_customers([customer.id, other.id]) == {customer.id, other.id}
    reply = requests.delete(f"{site.base}/_sandbox/{division}/Accounts/{customer.id}", timeout=5)
    assert reply.ok, reply.text
    assert client.find_living_customers([customer.id, other.id]) == {other.id}
    stones = [stone for page, _ in client.each_tombstone_page(graves) for stone in readable(page)]
    assert [stone.key for stone in stones if stone.entity_type == 2] == [customer.id]


def test_an_entry_is_booked_with_one_call_and_found_by_its_marker(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer
) -> None:
    entry = an_entry(site, offer, customer)
    marker = marker_of(new_id())
    before = len(site.calls())
    booked = client.create_entry(entry, marker=marker)
    assert len(site.calls()) == before + 1
    assert (booked.gross, booked.vat) == (entry.gross, entry.vat)
    (found,) = client.find_entries(entry.your_ref, customer_id=customer.id, journal=entry.journal)
    assert found.id == booked.id
    assert [find_marker(line.notes) for line in found.lines] == [marker, marker]
    assert (found.entry_date, found.due_date) == (entry.entry_date, entry.due_date)
    assert found.rate == 1
    assert client.find_entries("another") == []


def test_an_entry_under_a_number_in_another_case_is_held(
    client: ExactClient, site: Site, offer: Catalogue, customer: Customer
) -> None:
    entry = replace(an_entry(site, offer, customer), your_ref="fac-2026/07")
    booked = client.create_entry(entry, marker=marker_of(new_id()))
    assert [held.id for held in client.find_held(["FAC-2026/07"])] == [booked.id]
    client.delete_entry(booked.id)


def test_an_entry_is_changed_line_by_line_and_deleted_once(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer
) -> None:
    entry = an_entry(site, offer, customer)
    booked = client.create_entry(entry, marker="ABCDEFGH")
    lines = booked.lines or (client.read_entry(booked.id) or booked).lines
    client.change_line(
        lines[0].id, replace(entry.lines[0], amount=90000, vat_amount=18900), marker="ABCDEFGH"
    )
    added = client.create_line(booked.id, replace(entry.lines[0], amount=1, vat_amount=0), marker="ABCDEFGH")
    client.delete_line(lines[1].id)
    client.delete_line(lines[1].id)
    client.change_entry(booked.id, {"description": "Changed", "due_date": entry.entry_date})
    changed = client.read_entry(booked.id)
    assert changed is not None
    assert changed.gross == 108901
    assert {line.id for line in changed.lines} == {lines[0].id, added}
    assert (changed.description, changed.due_date) == ("Changed", entry.entry_date)
    client.delete_entry(booked.id)
    client.delete_entry(booked.id)
    assert client.read_entry(booked.id) is None


def test_terms_and_deletions_come_through_the_feeds(
    site: Site, client: ExactClient, division: int, offer: Catalogue, customer: Customer
) -> None:
    cursor = max((highest for _, highest in client.each_term_page(0)), default=0)
    graves = max((highest for _, highest in client.each_tombstone_page(0)), default=0)
    entry = an_entry(site, offer, customer)
    booked = client.create_entry(entry, marker="ABCDEFGH")
    ((terms, cursor),) = client.each_term_page(cursor)
    assert [(term.entry_id, term.amount, term.status) for term in readable(terms)] == [
        (booked.id, -entry.gross, 20)
    ]
    allocation = {"entry": booked.id, "amount": "100.00"}
    today = day_here(site.auth.clock.now()).isoformat()
    site.door("receipts", division=division, date=today, amount="100.00", allocations=[allocation])
    assert list(client.each_term_page(cursor))
    ours = client.read_terms(booked.id)
    assert sum(term.amount for term in ours) == -entry.gross
    assert sum(term.amount for term in ours if term.status == 50) == -10000
    other = client.create_entry(replace(entry, your_ref="INV-2026-0043"), marker="ABCDEFGH")
    gone = {term.id for term in client.read_terms(other.id)}
    client.delete_entry(other.id)
    stones = [stone for page, _ in client.each_tombstone_page(graves) for stone in readable(page)]
    assert gone <= {stone.key for stone in stones if stone.entity_type == 10}


@pytest.mark.parametrize("fault", ["drop-after", "truncate"])
def test_an_entry_whose_reply_was_lost_is_found_by_its_marker(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer, fault: str
) -> None:
    entry = an_entry(site, offer, customer)
    marker = marker_of(new_id())
    site.door("faults", method="POST", path="/salesentry/SalesEntries", times=1, do=fault)
    with pytest.raises(LostReplyError) as failed:
        client.create_entry(entry, marker=marker)
    assert failed.value.may_have_happened
    found = client.find_entries(entry.your_ref, customer_id=customer.id, journal=entry.journal)
    notes = [line.notes for each in found for line in each.lines]
    assert notes == [tag_of(marker)] * 2


def test_exacts_refusal_is_kept_in_its_words(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer
) -> None:
    entry = an_entry(site, offer, customer)
    with pytest.raises(RefusedError) as failed:
        client.create_entry(replace(entry, journal="nope"), marker="ABCDEFGH")
    assert failed.value.text
    assert not failed.value.may_have_happened


def test_the_limit_of_a_minute_is_never_hit(site: Site) -> None:
    site.door("limits", minute=5, day=5000)
    site.lane = LocalLane(PACE, read_limits, patience=0)
    client = site.client(None)
    with pytest.raises(HeldBackError) as held:
        [client.find_divisions() for _ in range(20)]
    assert held.value.retry_at is not None
    assert 429 not in [call["status"] for call in site.calls()]


def test_the_sandbox_keeps_its_own_time(site: Site) -> None:
    site.door("clock", advance=86400)
    with pytest.raises(SignInLostError):
        a_client_without_renewal(site).read_user()
    assert site.auth.clock.now() - datetime.now(UTC) > timedelta(hours=23)


def a_client_without_renewal(site: Site) -> ExactClient:
    return ExactClient(
        site.base,
        None,
        access=lambda: site.tokens.access,
        lane=site.lane,
        transport=Transport(clock=site.auth.clock),
    )


def test_a_wrong_app_secret_is_no_lost_sign_in(site: Site) -> None:
    site.door("clock", advance=700)
    wrong = ExactAuth(AppRegistration(site.base, "demo-client", "wrong-secret"), CALLBACK)
    with pytest.raises(MisconfiguredError, match="invalid_client"):
        wrong.renew(site.tokens.refresh)
    assert site.auth.renew(site.tokens.refresh).access


def test_what_is_held_under_many_numbers_is_one_call(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer
) -> None:
    entry = an_entry(site, offer, customer)
    made = client.create_entry(replace(entry, your_ref="O'Brien 7"), marker="ABCDEFGH")
    client.create_entry(replace(entry, your_ref="O'Brien 70"), marker="ABCDEFGI")
    before = len(site.calls())
    numbers = ["O'Brien 7", "none's", *(f"{at:030}" for at in range(18))]
    (found,) = client.find_held(numbers)
    assert len(site.calls()) == before + 1
    assert (found.id, found.entry_number, found.your_ref) == (made.id, made.entry_number, "O'Brien 7")
    assert (found.journal, found.customer_id, found.gross) == (made.journal, customer.id, made.gross)
    assert (found.entry_date, found.currency, found.markers) == (made.entry_date, "EUR", ("ABCDEFGH",))


def test_a_call_that_the_network_repeats_is_done_twice_and_answered_once(
    site: Site, client: ExactClient, offer: Catalogue, customer: Customer
) -> None:
    entry = an_entry(site, offer, customer)
    marker = marker_of(new_id())
    site.door("faults", method="POST", path="/salesentry/SalesEntries", times=1, do="twice")
    made = client.create_entry(entry, marker=marker)
    found = client.find_held([entry.your_ref])
    assert len(found) == 2
    assert made.id in {each.id for each in found}
    assert {each.markers for each in found} == {(marker,)}
