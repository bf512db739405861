"""How long a request may wait for others, and what its page says then."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.remote.deadline import does_person_wait, persons_seconds_left
from portal.remote.errors import HeldBackError, LostReplyError, RefusedError, RemoteError, SignInLostError
from portal.web.common.waits import PLACES, trouble_of

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (LostReplyError("No answer came in time."), 5),
        (HeldBackError("Busy.", retry_at=NOW - timedelta(hours=1)), 5),
        (HeldBackError("Busy.", retry_at=NOW + timedelta(seconds=0.1)), 2),
        (HeldBackError("Busy.", retry_at=NOW + timedelta(seconds=30)), 31),
        (HeldBackError("Busy.", retry_at=NOW + timedelta(days=1)), 60),
        (RefusedError("No."), 0),
        (SignInLostError("Gone."), 0),
    ],
)
def test_what_could_not_be_read_is_asked_again_in_good_time(
    app: Flask, error: RemoteError, again: int
) -> None:
    with app.test_request_context():
        trouble = trouble_of(error, NOW)
    assert trouble.again == again
    assert trouble.text.startswith(f"“{error.text}”")
    assert ("Busy until" in trouble.text) == (error.retry_at is not None and error.retry_at > NOW)


def test_each_request_waits_for_itself_and_gives_its_place_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[float | None] = []

    def look() -> str:
        left.append(persons_seconds_left())
        return ""

    look.needs = "anyone"  # type: ignore[attr-defined]  # as the guard reads it
    monkeypatch.setitem(app.view_functions, "health.show_health", look)
    client = FlaskClient(app)
    for _ in range(2 * PLACES):
        assert client.get("/healthz").status_code == 200
    assert all(seconds is not None and 1 < seconds <= 2 for seconds in left)
    assert not does_person_wait()
