"""The reply of a renewal is lost: said at once on every page, mended by one click that keeps everything."""

import re
from typing import NamedTuple

from tests.furnishing.waits import until
from tests.journeys.desk import Desk
from tests.journeys.person import Person

TOKEN = "/api/oauth2/token"
SINCE = re.compile(r"Since from .*? on ")
# Exact knows nobody of this name, so only the link of an earlier copy can propose a customer.
LINKED = "Drukkerij Zoekgeraakt B.V."

# What Desk.connect chose: numbering, division, journals, from when on, and the payments.
SET_UP = {
    "number_source": "productive",
    "division": "1001",
    "default_journal": "70",
    "credit_journal": "75",
    "copy_from": "2020-01-01",
    "payments_on": "y",
}


class Kept(NamedTuple):
    """What a sign-in must keep, as a person reads it; only when the last pull was moves on by itself."""

    set_up: dict[str, str]
    since: list[str]
    mappings: str
    linked_customer: str


def test_a_lost_renewal_is_recognised_and_one_click_keeps_everything(desk: Desk) -> None:
    first, invoice, third = desk.invoices(3, LINKED)
    assert desk.open_dialog(first).hidden("customer") == ""
    assert "Invoice copied." in desk.copy(first)
    before = read_kept(desk, third)
    assert before.set_up.items() >= SET_UP.items()
    assert all((before.since, before.mappings, before.linked_customer)), before
    desk.exact.post("clock", advance=700)
    desk.exact.delete("calls")
    desk.exact.fail("POST", TOKEN, "drop-after")
    desk.submit(invoice)
    until(lambda: "was used up" in desk.person.open("/mappings").text, "the sentence on every page")
    assert len(desk.exact.calls(under=TOKEN)) == 2
    assert desk.entries(invoice) == []
    desk.go_to_exact(desk.person, "Sign in at Exact again").press("Allow")
    assert "The sign-in at Exact works again." in desk.person.text
    until(lambda: len(desk.entries(invoice)) == 1, "the entry, by itself")
    assert read_kept(desk, third) == before


def read_kept(desk: Desk, invoice: str) -> Kept:
    """Read the set-up, since when payments are synchronised, the mappings, and the customer of a company."""
    person = desk.person
    set_up = edited(person.open("/settings/apps")).fields("set-up")
    del set_up["csrf_token"]
    return Kept(
        set_up,
        SINCE.findall(person.open("/payments").text),
        person.open("/mappings").text,
        desk.open_dialog(invoice).hidden("customer"),
    )


def edited(person: Person) -> Person:
    """Press the pencil of the first subsidiary."""
    pencil = person.page.select_one("a[aria-label^='Edit integration: ']")
    assert pencil is not None
    return person.open(str(pencil["href"]))
