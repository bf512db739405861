"""A silent, slow or closed service stalls nobody: a portal of 2 x 8 threads, and sixteen dialogs at once."""

from collections.abc import Iterator

import pytest
import requests

from portal.cli.bench.faults import LOOKS, Served, a_served_portal
from portal.factory import create_app

# A person's request waits two seconds; what a busy machine adds is not the subject.
HEALTH = 3.0
DIALOG = 8.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_portal(create_app, tmp_path_factory.mktemp("served")) as served:
        yield served


def page_of(served: Served, path: str) -> str:
    asks = {"HX-Request": "true"}
    return requests.get(served.url + path, cookies=served.cookies, headers=asks, timeout=60).text


@pytest.mark.parametrize("name", ["silent", "one byte a second", "silent in the body", "endless headers"])
def test_sixteen_dialogs_over_a_failing_service_leave_the_portal_usable(served: Served, name: str) -> None:
    served.fail(name)
    served.broken.asked = 0
    served.statuses.clear()
    health, slowest = served.look_everywhere()
    assert served.statuses == [200] * LOOKS
    assert health < HEALTH
    assert slowest < DIALOG
    # Nobody queues: where a lane is taken, a dialog is shown as last read without another call. A read that
    # breaks is repeated once.
    assert served.broken.asked <= 2 * LOOKS


def test_a_dialog_shows_the_invoice_as_last_read_and_asks_again_by_itself(served: Served) -> None:
    served.fail("silent")
    invoice_id = served.dialogs.pop()
    shown = page_of(served, f"/invoices/{invoice_id}/copy")
    assert "This is the invoice as last read" in shown
    assert f'hx-get="/invoices/{invoice_id}/copy/unread"' in shown
    part = page_of(served, f"/invoices/{invoice_id}/copy/unread")
    assert "hx-trigger" in part
    assert "<form" not in part


def test_when_a_limit_is_used_up_every_look_says_until_when(served: Served) -> None:
    served.fail("resets far away")
    page_of(served, f"/invoices/{served.undos.pop()}/undo")
    served.broken.asked = 0
    health, slowest = served.look_everywhere()
    assert health < HEALTH
    assert slowest < DIALOG
    shown = page_of(served, f"/invoices/{served.undos.pop()}/undo")
    assert "Busy until" in shown
    assert 'id="undo-again"' in shown
