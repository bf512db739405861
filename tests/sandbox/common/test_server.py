"""What comes over the wire: one ``Date``, the sandbox's own."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from portal.sandbox.common.faults import Fault
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app


def test_only_the_clock_of_the_sandbox_dates_an_answer() -> None:
    with serving(create_exact_app()) as base:
        requests.post(f"{base}/_sandbox/clock", json={"advance": 86400}, timeout=5)
        answers = [
            requests.get(f"{base}/{path}", timeout=5) for path in ("api/v1/current/Me", "_sandbox/clock")
        ]
        now = datetime.fromisoformat(answers[-1].json()["now"])
    for answer in answers:
        dates = answer.raw.headers.getlist("Date")
        assert len(dates) == 1
        assert abs((parsedate_to_datetime(dates[0]) - now).total_seconds()) < 5


@pytest.mark.parametrize(
    ("do", "applied"),
    [
        ("drop-before", False),
        ("drop-after", True),
        ("twice", True),
        ("slow", True),
        ("truncate", True),
        ("garbage", True),
        ("status:503", False),
    ],
)
def test_a_fault_says_whether_the_work_is_done(do: str, applied: bool) -> None:
    assert Fault("*", "/", 1, do).is_applied is applied


def test_only_garbage_and_a_status_can_be_turned_round() -> None:
    assert Fault("*", "/", 1, "status:500", applied=True).is_applied
    assert not Fault("*", "/", 1, "garbage", applied=False).is_applied
    assert Fault("*", "/", 1, "truncate", applied=False).is_applied
