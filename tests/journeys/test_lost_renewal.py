"""The reply of a renewal is lost: said at once on every page, mended by one click that keeps everything."""

from tests.journeys.desk import Desk
from tests.journeys.world import until

TOKEN = "/api/oauth2/token"
KEPT = ("/mappings", "/payments")


def test_a_lost_renewal_is_recognised_and_one_click_keeps_everything(desk: Desk) -> None:
    invoice = desk.invoice()
    before = [desk.person.open(path).text for path in KEPT]
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
    until(lambda: [desk.person.open(path).text for path in KEPT] == before, "every page as it was")
