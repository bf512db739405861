"""Limits, the budget of errors, scopes, divisions."""

import pytest

from portal.sandbox.exact.entities import ENTITIES, ME
from tests.sandbox.exact.client import Exact

JOURNALS = "financial/Journals"


def test_every_answer_tells_both_limits_in_milliseconds(exact: Exact) -> None:
    headers = exact.call("GET", JOURNALS).headers
    assert headers["X-RateLimit-Limit"] == "5000"
    assert headers["X-RateLimit-Minutely-Limit"] == "60"
    assert headers["X-RateLimit-Minutely-Remaining"] == "59"
    now = exact.state.clock.time() * 1000
    assert 0 < int(headers["X-RateLimit-Minutely-Reset"]) - now <= 60_000
    assert int(headers["X-RateLimit-Reset"]) % 86_400_000 == 0


def test_over_the_minute_there_is_an_empty_429_with_only_its_own_headers(exact: Exact) -> None:
    exact.door("POST", "limits", {"minute": 2})
    for _ in range(2):
        assert exact.call("GET", JOURNALS).status_code == 200
    response = exact.call("GET", JOURNALS)
    assert (response.status_code, response.data) == (429, b"")
    assert response.headers["X-RateLimit-Minutely-Remaining"] == "0"
    assert "X-RateLimit-Remaining" not in response.headers
    assert "Retry-After" not in response.headers
    exact.advance(60)
    assert exact.call("GET", JOURNALS).status_code == 200


def test_over_the_day_only_the_daily_headers_are_there(exact: Exact) -> None:
    exact.door("POST", "limits", {"day": 1})
    exact.call("GET", JOURNALS)
    response = exact.call("GET", JOURNALS)
    assert response.status_code == 429
    assert "X-RateLimit-Remaining" in response.headers
    assert "X-RateLimit-Minutely-Remaining" not in response.headers


def test_divisions_have_limits_of_their_own(exact: Exact) -> None:
    exact.door("POST", "limits", {"minute": 1})
    assert exact.call("GET", JOURNALS).status_code == 200
    assert exact.call("GET", JOURNALS).status_code == 429
    exact.division = 1002
    assert exact.call("GET", JOURNALS).status_code == 200


def test_more_than_ten_errors_block_the_endpoint_for_an_hour(exact: Exact) -> None:
    for _ in range(11):
        assert exact.call("GET", JOURNALS, query={"$select": "Nonsense"}).status_code == 400
    assert exact.call("GET", JOURNALS).status_code == 403
    assert exact.call("GET", "financial/GLAccounts").status_code == 200
    exact.advance(3601)
    assert Exact(exact.app).sign_in().call("GET", JOURNALS).status_code == 200


def test_a_missing_scope_is_named(exact: Exact) -> None:
    exact.door("POST", "scopes", {"missing": ["organization.administration"]})
    response = exact.call("GET", "sync/Deleted", query={"$select": "Timestamp"})
    assert response.status_code == 403
    assert response.text == (
        "Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope."
    )
    assert exact.call("GET", "hrm/Divisions").status_code == 200


def test_a_division_that_the_user_may_not_enter_is_forbidden(exact: Exact) -> None:
    controller = Exact(exact.app, user="controller", division=1002).sign_in()
    assert controller.call("GET", JOURNALS).status_code == 403
    exact.division = 4711
    assert exact.call("GET", JOURNALS).status_code == 403


def test_paths_are_case_sensitive(exact: Exact) -> None:
    assert exact.call("GET", "hrm/Costcenters").status_code == 200
    assert exact.call("GET", "hrm/CostCenters").status_code == 404


def test_the_date_header_follows_the_clock(exact: Exact) -> None:
    before = exact.call("GET", JOURNALS).headers["Date"]
    exact.advance(-86_400 * 400)
    assert exact.call("GET", "current/Me").headers["Date"][12:16] != before[12:16]


@pytest.mark.parametrize("path", [*ENTITIES, ME.path])
def test_what_an_endpoint_does_not_take_is_refused(exact: Exact, path: str) -> None:
    served = ME.methods if path == ME.path else ENTITIES[path].methods
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "MERGE"} - served:
        response = exact.call(method, path, {"Description": "x"})
        name = path.rpartition("/")[2]
        assert (response.status_code, response.text) == (405, f"Method {method} is not allowed on {name}.")
