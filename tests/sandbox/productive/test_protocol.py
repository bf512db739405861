"""Tokens, media types, errors, limits, headers."""

import time_machine

from tests.sandbox.productive.conftest import HEADERS, Caller, a_line


def test_a_wrong_token_is_not_authenticated(call: Caller) -> None:
    answer = call.get("/invoices", **{"X-Auth-Token": "other"})
    assert answer.status_code == 401
    assert answer.json == {
        "errors": [
            {
                "status": "401",
                "code": "unauthenticated",
                "title": "Unauthenticated",
                "detail": "You are not authenticated",
                "meta": {},
                "source": {},
            }
        ]
    }


def test_another_organisation_is_denied(call: Caller) -> None:
    answer = call.get("/invoices", **{"X-Organization-Id": "704"})
    assert answer.status_code == 403
    assert answer.json
    assert answer.json["errors"][0]["title"] == "Access Denied"


def test_a_write_needs_the_media_type(call: Caller) -> None:
    headers = {**HEADERS, "Content-Type": "application/json"}
    answer = call.client.post("/api/v2/payments", data="{}", headers=headers)
    assert answer.status_code == 415


def test_an_accept_header_that_fits_nothing_is_refused(call: Caller) -> None:
    assert call.get("/invoices", Accept="text/html").status_code == 406
    assert call.get("/invoices", Accept="application/vnd.api+json; ext=bulk").status_code == 200


def test_what_does_not_exist_is_not_found_in_json_api(call: Caller) -> None:
    for path in ("/invoices/999", "/invoices/abc", "/nothing", "/a/b/c/d", "/people"):
        answer = call.get(path)
        assert answer.status_code == 404
        assert answer.json
        assert answer.json["errors"][0]["code"] == "record_not_found"


def test_every_answer_carries_the_headers_of_productive(call: Caller) -> None:
    answer = call.get("/invoices")
    assert answer.headers["Content-Type"] == "application/vnd.api+json; charset=utf-8"
    assert len(answer.headers["X-Request-Id"]) == 36
    call.door("POST", "/clock", {"advance": 86400 * 400})
    assert call.get("/invoices").headers["Date"][:16] != answer.headers["Date"][:16]


@time_machine.travel("2026-05-01T12:00:01Z", tick=False)
def test_one_call_too_many_within_ten_seconds_is_told_how_long_to_wait(call: Caller) -> None:
    call.door("POST", "/limits", {"minute": 3})
    answers = [call.get("/invoices") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].json
    error = answers[-1].json["errors"][0]
    assert (error["title"], error["limit"], error["period"]) == ("Too many requests", 3, 10)
    assert answers[-1].headers["X-RateLimit-Reset"] == "9"
    call.door("POST", "/clock", {"advance": 9})
    assert call.get("/invoices").status_code == 200


@time_machine.travel("2026-05-01T12:00:01Z", tick=False)
def test_the_limit_of_the_half_hour_is_told_by_its_period(call: Caller) -> None:
    call.door("POST", "/limits", {"half_hour": 1})
    call.get("/invoices")
    answer = call.get("/invoices")
    assert answer.json
    assert answer.json["errors"][0]["period"] == 1800


def test_a_fault_loses_the_reply_but_not_the_work(call: Caller) -> None:
    id_ = call.make(lines=[a_line()])
    call.door(
        "POST",
        "/faults",
        {"method": "PATCH", "path": "/api/v2/invoices", "times": 1, "do": "garbage"},
    )
    assert call.write("PATCH", f"/invoices/{id_}", exported=True).mimetype == "text/html"
    assert call.glance(id_)["exported"] is True
    assert [each["status"] for each in call.door("GET", "/calls")] == [200]


def test_reset_restores_the_demo(demo: Caller) -> None:
    before = demo.door("GET", "/invoices")
    id_ = demo.make()
    demo.get("/invoices")
    demo.door("POST", "/reset")
    assert demo.get(f"/invoices/{id_}").status_code == 404
    assert len(demo.door("GET", "/calls")) == 1
    after = demo.door("GET", "/invoices")
    assert [each["number"] for each in after["invoices"]] == [each["number"] for each in before["invoices"]]
