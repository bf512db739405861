"""A person whose copy comes after somebody else's is told whose goes on, and what of theirs is not used."""

from typing import Any

import pytest

from portal.actions.copies.request import Wish, request_copy
from portal.domain.booking.mapping import Choices
from portal.domain.copies.rules import RULE
from portal.domain.copies.states import CopyState
from portal.store.copies import CopyRow
from portal.store.runs import RunItemRow, RunRow
from tests.conftest import SignedIn
from tests.fakes import NOW, FakeNudge
from tests.pages import CheckingClient, seen
from tests.web.invoices import House, form_of

COPY = "/invoices/105/copy"
ANOTHER_DAY = "2026-03-09"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    house.add()
    return signed_in("finance")


def open_form(client: CheckingClient) -> dict[str, str]:
    return form_of(seen(client.htmx(COPY)))


def asked_before(
    house: House, form: dict[str, str], by: str, *, run: bool = False, **changes: Any
) -> CopyRow:
    """Let somebody else ask for the same invoice after the dialog was opened."""
    row = house.row()
    choices = Choices(customer_id=house.customer_id, journal=form["journal"], **changes)
    if run:
        house.session.add(RunRow(id="run", requested_by=by, requested_at=NOW, total=1))
        house.session.flush()
        house.session.add(
            RunItemRow(run_id="run", invoice_id=row.id, position=0, seen="", fingerprint=row.fingerprint)
        )
        house.session.commit()

    wish = Wish(choices, row.fingerprint, row.latest_copy_id, batch=run, run_id="run" if run else None)
    made = request_copy(house.session, FakeNudge(), row.id, wish=wish, requested_by=by, now=NOW)
    assert isinstance(made, CopyRow), made
    return made


@pytest.mark.parametrize(
    ("by", "run", "said"),
    [
        ("Bo", False, "Bo asked for this invoice first, at"),
        ("Bo", True, "Bo asked for this invoice first, together with others, at"),
        (RULE, True, "A rule asked for this invoice first, at"),
    ],
)
def test_it_is_said_who_asked_first_and_which_choices_are_not_used(
    client: CheckingClient, house: House, by: str, run: bool, said: str
) -> None:
    form = open_form(client)
    asked_before(house, form, by, run=run, booking_date=ANOTHER_DAY)

    answer = client.htmx(COPY, "POST", data=form)

    text = " ".join(seen(answer).text.split())
    assert said in text
    assert "Your choices were not used: Booking date is" in text
    assert "bring yours in with Update existing" in text
    assert len(house.session.query(CopyRow).all()) == 1


def test_where_the_choices_are_the_same_there_is_nothing_to_do(client: CheckingClient, house: House) -> None:
    form = open_form(client)
    asked_before(house, form, "Bo")
    text = " ".join(seen(client.htmx(COPY, "POST", data=form)).text.split())
    assert "Bo asked for this invoice first" in text
    assert "Your choices are the same, so there is nothing to do." in text


def test_without_scripts_it_is_said_above_the_progress(client: CheckingClient, house: House) -> None:
    form = open_form(client)
    asked_before(house, form, "Bo", booking_date=ANOTHER_DAY)
    page = seen(client.post(COPY, data=form, follow_redirects=True))
    assert "Your choices were not used" in page.text


def test_a_copy_that_ended_meanwhile_says_what_to_do_next(client: CheckingClient, house: House) -> None:
    form = open_form(client)
    asked_before(house, form, "Bo", booking_date=ANOTHER_DAY)
    assert house.work().state == CopyState.COPIED
    text = " ".join(seen(client.htmx(COPY, "POST", data=form)).text.split())
    assert "bring yours in with Update existing" in text
    assert len(house.ledger.entries) == 1


def test_two_clicks_of_one_person_say_nothing(client: CheckingClient, house: House) -> None:
    form = open_form(client)
    first = client.htmx(COPY, "POST", data=form)
    second = client.htmx(COPY, "POST", data=form)
    assert first.status_code == second.status_code == 200
    assert "first" not in seen(second).select_one(".dialog-body").text  # type: ignore[union-attr]  # it is there
    assert len(house.session.query(CopyRow).all()) == 1
