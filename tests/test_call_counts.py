"""Calls to other systems are counted by kind, and a count that is lost holds nobody up."""

from pathlib import Path

import pytest

from portal.call_counts import CallCounts, Calls, endpoint_of
from portal.remote.transport import CallRecord
from tests.valkey import start_valkey

KEY = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
# What is asked, and by what name it is counted.
PATHS = {
    "/api/v1/current/Me": "/api/v1/current/Me",
    "/api/v1/1234567/salesentry/SalesEntries": "/api/v1/{id}/salesentry/SalesEntries",
    f"/api/v1/12/salesentry/SalesEntries(guid'{KEY}')": "/api/v1/{id}/salesentry/SalesEntries({id})",
    "/api/v1/12/read/financial/Receivables(7)": "/api/v1/{id}/read/financial/Receivables({id})",
    "/api/v2/invoices/98765": "/api/v2/invoices/{id}",
    "/api/v2/invoices/98765/send": "/api/v2/invoices/{id}/send",
    f"/api/v2/people/{KEY}": "/api/v2/people/{id}",
    "/api/v2/invoices": "/api/v2/invoices",
    "": "",
    "/": "/",
}


@pytest.mark.parametrize("path", PATHS)
def test_an_endpoint_names_no_row(path: str) -> None:
    assert endpoint_of(path) == PATHS[path]


def test_all_processes_count_together(tmp_path: Path) -> None:
    with start_valkey(tmp_path) as url:
        one, other = CallCounts(url), CallCounts(url)
        assert list(one.read()) == []
        one.count("exact", CallRecord("GET", "/api/v1/1/crm/Accounts", 200, 0.25))
        other.count("exact", CallRecord("GET", "/api/v1/2/crm/Accounts", 200, 0.5))
        other.count("exact", CallRecord("GET", "/api/v1/2/crm/Accounts", 503, 1))
        one.count("productive", CallRecord("POST", "/api/v2/payments", None, 60, "LostReplyError"))

        assert list(other.read()) == [
            Calls("exact", "GET", "/api/v1/{id}/crm/Accounts", "200", 2, 0.75),
            Calls("exact", "GET", "/api/v1/{id}/crm/Accounts", "503", 1, 1),
            Calls("productive", "POST", "/api/v2/payments", "LostReplyError", 1, 60),
        ]


def test_without_redis_nothing_is_counted_and_it_is_asked_once(caplog: pytest.LogCaptureFixture) -> None:
    counts = CallCounts("redis://127.0.0.1:1/0")
    for _call in range(5):
        counts.count("exact", CallRecord("GET", "/api/v1/1/crm/Accounts", 200, 0.1))
    assert caplog.text.count("calls not counted") == 1
