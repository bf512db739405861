"""Many copies at once, with the worker killed, the page reloaded, Stop, and going on: each is booked once."""

import pytest

from tests.journeys.desk import Desk
from tests.journeys.long_run import LongRun


# Each killed worker is waited for until its lease is over.
@pytest.mark.timeout(900)
def test_a_run_that_is_killed_stopped_and_gone_on_with_books_every_invoice_once(desk: Desk) -> None:
    proof = LongRun(desk, 40, kills=2, stop_at=16).prove()
    assert (proof.entries, proof.twice, proof.booked_after_stop) == (40, 0, 0), str(proof)
    assert proof.kills == 2
    assert proof.wrong == [], str(proof)
    # Five of forty are looks and questions after a kill, which five hundred have not more of.
    assert proof.per_copy <= 1.25, str(proof)
