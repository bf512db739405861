"""The reply of a renewal is lost: said at once on every page, mended by one click that keeps everything."""

import re

from tests.journeys.desk import Desk
from tests.journeys.world import until

TOKEN = "/api/oauth2/token"
SINCE = re.compile(r"Since from .*? on ")


def test_a_lost_renewal_is_recognised_and_one_click_keeps_everything(desk: Desk) -> None:
    invoice = desk.invoice()
    before = kept(desk)
    desk.exact.post("clock", advance=700)
    desk.exact.delete("calls")
    desk.exact.fail("POST", TOKEN, "drop-after")
    desk.submit(invoice)
    until(lambda: "was used up" in desk.person.open("/mappings").text, "the sentence on every page")
    assert len(desk.exact.calls(under=TOKEN)) == 2
    assert desk.entries(invoice) == []
    desk.person.press("Sign in at Exact again").press("Allow")
    assert "The sign-in at Exact works again." in desk.person.text
    until(lambda: len(desk.entries(invoice)) == 1, "the entry, by itself")
    assert kept(desk) == before


def kept(desk: Desk) -> tuple[str, list[str]]:
    """The mappings, and since when payments are synchronised; the pulls themselves go on."""
    since: list[str] = SINCE.findall(desk.person.open("/payments").text)
    assert since
    return desk.person.open("/mappings").text, since
