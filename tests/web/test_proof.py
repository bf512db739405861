"""The proof on the invoice page: every step with its time, in words and in raw fields, without secrets."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.actions.copies.perform import perform_copy
from portal.actions.engine.desk import Desk
from portal.domain.connections.states import NumberSource
from portal.domain.copies.states import AttemptKind, AttemptState, CopyState
from portal.domain.payments.states import PaymentReason, PaymentState
from portal.remote.errors import LostReplyError, RefusedError
from portal.store.copies import AttemptRow, CopyRow
from portal.store.payments import PaymentRow
from portal.web.invoices.masks import MASK, masked
from tests.conftest import SignedIn
from tests.pages import CheckingClient, read_page
from tests.web.invoices import House
from tests.web.test_undo import copied, opened, processed, submit

PAGE = "/invoices/105"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def proof(client: CheckingClient, copy: CopyRow) -> list[str]:
    """Return the text of each step."""
    page = read_page(client.get(PAGE).text)
    steps = page.select(f"#copy-proof-{copy.id} > .timeline > .event")
    return [re.sub(r"\s+", " ", step.get_text(" ", strip=True)) for step in steps]


def again(house: House, copy: CopyRow, seconds: int = 400) -> CopyRow:
    """Let the worker come back later."""
    later = datetime.now(UTC) + timedelta(days=365)
    perform_copy(
        house.session, Desk(lambda: house.billing, lambda _id: house.ledger, lambda: later, 5), copy.id
    )
    return house.latest()


def test_a_plain_copy_is_wish_booking_end_and_mark(client: CheckingClient, house: House) -> None:
    house.connection.number_source = NumberSource.EXACT
    copy = copied(house)
    steps = proof(client, copy)
    titles = (
        "Copy requested",
        "Book the entry in Exact",
        f"Copied: entry {copy.entry_number} in Exact, equal to the cent",
        "Mark the invoice as exported in Productive",
        "Write Exact’s number into the invoice in Productive",
    )
    assert [step.startswith(title) for step, title in zip(steps, titles, strict=True)] == [True] * 5
    assert "Anna asked for it." in steps[0]
    for part in (
        "Written down before the call",
        copy.marker,
        "2026-0042",
        "8000",
        "€100.00 + €21.00",
        "€121.00",
    ):
        assert part in steps[1], part
    assert '"vat_amount": 2100' in steps[1]


def test_it_needs_no_scripts_and_every_step_has_its_time(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    page = read_page(client.get(PAGE).text)
    details = page.select_one(f"#copy-proof-{copy.id}")
    assert details
    assert details.name == "details"
    assert all(step.select_one("time[datetime]") for step in details.select(".event"))


def test_a_lost_reply_tells_that_it_was_asked_for_and_adopted(client: CheckingClient, house: House) -> None:
    house.ledger.fail("create_entry", LostReplyError("Connection reset"), after=True)
    copy = copied(house)
    assert copy.state == CopyState.UNCERTAIN
    assert "not known yet" in proof(client, copy)[1]
    copy = again(house, copy)
    assert copy.state == CopyState.COPIED
    booking = proof(client, copy)[1]
    assert "Connection reset" in booking
    assert "found by its marker and adopted; nothing was sent twice" in booking


def test_a_lost_reply_without_effect_tells_that_it_was_sent_again(
    client: CheckingClient, house: House
) -> None:
    house.ledger.fail("create_entry", LostReplyError("Connection reset"))
    copy = again(house, copied(house))
    steps = proof(client, copy)
    assert "Exact was asked once whether it took effect." in steps[1]
    assert "no request could be running any more" in steps[1]
    assert "answered with success" in steps[2]


def test_several_found_entries_are_named_with_their_pages(client: CheckingClient, house: House) -> None:
    house.ledger.fail("create_entry", after=True)
    copy = copied(house)
    [entry] = house.ledger.entries.values()
    house.ledger.entries["twin"] = replace(entry, id="twin", entry_number=26799999)
    copy = again(house, copy)
    page = read_page(client.get(PAGE).text)
    text = f"{entry.entry_number}, 26799999. The portal does not guess which one counts."
    assert text in page.get_text()
    assert "choose Ask Exact again" in page.get_text()
    links = {link["href"]: link.text for link in page.select(f"#copy-proof-{copy.id} a")}
    assert links[house.ledger.entry_url("twin")] == "Entry 26799999 in Exact"
    assert len(links) == 2


def test_a_refusal_is_told_in_exacts_words(client: CheckingClient, house: House) -> None:
    house.ledger.fail("create_entry", RefusedError("Verplicht: Klant", status=500))
    copy = copied(house)
    steps = proof(client, copy)
    assert "did not end well (500): Verplicht: Klant" in steps[1]
    assert steps[-1].startswith("Ended without effect")


def test_an_undo_and_a_credit_tell_their_own_story(client: CheckingClient, house: House) -> None:
    copy = processed(house)
    assert submit(client, opened(client, "/invoices/105/undo")).status_code == 200
    credit = house.work()
    steps = proof(client, credit)
    assert steps[0].startswith("Credit requested")
    assert steps[1].startswith("Book the credit entry in Exact")
    assert steps[2].startswith(f"Undone by credit entry {credit.entry_number} in Exact")
    assert steps[3].startswith("Take the mark as exported off in Productive")
    assert f"Was in Exact as entry {copy.entry_number}, and was undone later" in " ".join(proof(client, copy))


def test_the_payments_tell_what_was_written_to_productive(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    copied_row = house.row()
    now = datetime.now(UTC)
    house.session.add(a_payment(copy, now))
    house.session.flush()
    for kind, state, answered in (
        (AttemptKind.CREATE_PAYMENT, AttemptState.DONE, {"found": "9001"}),
        (AttemptKind.CHANGE_PAYMENT, AttemptState.UNSENT, None),
        (AttemptKind.REMOVE_PAYMENT, AttemptState.INTENDED, None),
    ):
        house.session.add(
            AttemptRow(
                id=kind,
                connection_id=copy.connection_id,
                kind=kind,
                marker="PAYMARKS",
                state=state,
                started_at=now,
                sent={"amount": 5000, "on": "2026-03-09", "note": "Exact entry, term [PAYMARKS]"},
                payment_id="p1",
                answered=answered,
                probes=2 if answered else 0,
            )
        )
        now += timedelta(seconds=1)
    page = read_page(client.get(PAGE).text)
    shown = re.sub(r"\s+", " ", page.select(f"#payment-proof-{copied_row.id}")[0].get_text(" ", strip=True))
    for part in (
        "Record the payment in Productive",
        "Productive was asked 2 times whether it took effect.",
        "found by its marker and adopted",
        "€50.00",
        "Change the payment in Productive",
        "It says what shall be and adds nothing",
        "Remove the payment in Productive",
        "PAYMARKS",
    ):
        assert part in shown, part


def a_payment(copy: CopyRow, now: datetime) -> PaymentRow:
    return PaymentRow(
        id="p1",
        connection_id=copy.connection_id,
        invoice_id=copy.invoice_id,
        copy_id=copy.id,
        term_id="t1",
        amount=5000,
        currency="EUR",
        paid_on=now.date(),
        written_off=False,
        marker="PAYMARKS",
        state=PaymentState.MADE,
        reason=PaymentReason.SETTLED,
        created_at=now,
        changed_at=now,
    )


def test_secrets_are_masked_wherever_they_stand(client: CheckingClient, house: House) -> None:
    copy = copied(house)
    row = house.session.query(AttemptRow).filter_by(kind="entry").one()
    row.answered = {"error": "Authorization: Bearer abc.def.ghi refused", "access_token": "canary-1"}
    row.sent = {**row.sent, "password": "canary-2", "description": "refresh_token=canary-3&x=1"}
    house.session.commit()
    text = client.get(PAGE).text
    assert proof(client, copy)
    for secret in ("abc.def.ghi", "canary-1", "canary-2", "canary-3"):
        assert secret not in text
    assert masked({"a": ["Basic dXNlcjpwYXNzd29yZDEyMw=="]}) == {"a": [MASK]}
    assert (
        masked("x Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc y /callback?code=abc&z")
        == f"x {MASK} y /callback{MASK}&z"
    )
    assert masked("Basic hosting 2026, bearer certificates") == "Basic hosting 2026, bearer certificates"
