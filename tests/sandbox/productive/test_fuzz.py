"""Thousands of odd requests, seeded: never a fault of the sandbox's own, always an error body of its kind."""

from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.sandbox.productive import create_productive_app
from portal.sandbox.productive.resources import RESOURCES
from tests.sandbox.oddities import BODIES, VALUES, pick_headers
from tests.sandbox.productive.conftest import HEADERS, Caller, a_line, pointers

SEEDS = (1, 2, 3)
REQUESTS = 700
EACH_SWEEP = 140
OPERATORS = (
    "eq",
    "not_eq",
    "gt",
    "gt_eq",
    "lt",
    "lt_eq",
    "contains",
    "not_contain",
    "any_of",
    "",
    "0",
    "²",
    "$op",
)
# What each write and door is told.
WRITES = {
    "invoices": (
        "company_id currency invoiced_on subsidiary_id invoice_type_id parent_invoice_id number "
        "subject pay_on delivery_on discount note exported export_id export_invoice_url sent_on "
        "tag_list custom_fields"
    ),
    "payments": "invoice_id amount paid_on written_off_on note",
    "comments": "body invoice_id",
    "attachments": "name content_type size attachable_type temp_url invoice_id",
    "webhooks": "name event_id target_url type_id custom_headers",
}
RELATIONS = ["company", "invoice", "parent_invoice", "subsidiary"]
WISHES = (
    "company lines invoiced_on pay_on currency number subject amount amount_tax amount_with_tax "
    "invoice_type_id exchange_rate rounding discount tag_list custom_fields subsidiary bill_to "
    "parent_invoice finalized_on sent_on payment_terms_days deleted_at created_at last_activity_at "
    "exported export_integration_type_id"
)
LINES = "description quantity unit_price discount unit_id position service_type tax_rate expense amount id"
DOORS = {
    "/_sandbox/invoices/<int:id_>": WISHES,
    "/_sandbox/payments": "invoice amount paid_on written_off_on note",
    "/_sandbox/payments/<int:id_>": "amount paid_on written_off_on note",
    "/_sandbox/webhooks": "event_id target_url",
    "/_sandbox/odd": "type id attributes relationships without times",
    "/_sandbox/limits": "minute day ten_seconds half_hour",
    "/_sandbox/faults": "method path times do seconds body applied",
    "/_sandbox/clock": "advance",
    "/invoices/<int:id_>/payments": "amount day kind note",
    "/payments/<int:id_>": "amount day kind note",
    "/invoices/<int:id_>/lines/<int:line_id>": "unit_price quantity",
}


class Fuzzer:
    """Somebody with the token who sends nonsense."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.app = create_productive_app()
        # A fault of the sandbox itself comes out as the exception that it is.
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.call = Caller(self.app)
        self.state = self.app.extensions["sandbox"]
        self.rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"]

    def chance(self, share: float) -> bool:
        """Whether it shall be, this time."""
        return self.random.random() < share

    def value(self, name: str = "") -> object:
        """Something odd, or something that fits the name."""
        if self.chance(0.3):
            return self.random.choice(VALUES)
        choice = self.random.choice
        if name == "lines":
            return [self.named(LINES, 0.4) for _ in range(self.random.randint(0, 3))]
        fitting: dict[str, object] = {
            "amount": choice((100, "12.10", 10**30)),
            "company": {"name": choice(("Nieuw", "", "Ann"))},
            "tax_rate": choice(("BTW 21%", "9%", 1)),
            "service_type": choice(("Design", 1, None)),
            "currency": choice(("EUR", "USD")),
            "rounding": choice(("line", "subtotal")),
            "target_url": choice(("https://localhost:8000/hook", "http://127.0.0.1:1/x")),
            "event_id": choice((2, 14, 32)),
            "type": choice(list(RESOURCES)),
            "attributes": {"number": self.random.choice(VALUES)},
            "relationships": {"company": self.random.choice(VALUES)},
            "do": choice(("status:404", "garbage")),
        }
        if name in fitting:
            return fitting[name]
        if name.endswith("_on") or name == "day":
            return choice(("2026-03-01", None, "2026-12-31"))
        if name.endswith("id") or name in ("invoice", "parent_invoice"):
            return self.random.randint(1, 31)
        return choice((1, 2, "10", "x", True, ["a"], {"a": 1}))

    def named(self, names: str, share: float) -> dict[str, object]:
        """Some of these names with values."""
        return {name: self.value(name) for name in names.split() if self.chance(share)}

    def query(self, type_: str) -> list[tuple[str, str]]:
        """Filters, sorts, includes and pages."""
        resource = RESOURCES[type_]
        found = []
        for _ in range(self.random.randint(0, 3)):
            name = self.random.choice([*resource.filters, "", "0", "$op", "custom_fields", "²"])
            steps = [name] + [self.random.choice(OPERATORS) for _ in range(self.random.randint(0, 2))]
            found.append(("filter" + "".join(f"[{step}]" for step in steps), str(self.value(name))))
        if self.chance(0.2):
            found.append(("sort", self.random.choice([*resource.sorts, "²", ",,", str(self.value())])))
        if self.chance(0.3):
            found.append(
                ("include", self.random.choice([*resource.relations, "a.b", "company." * 50, ",", "²"]))
            )
        for name in ("page[size]", "page[number]", "page[after]", "page[]", "fields[x]"):
            if self.chance(0.15):
                cursors = ("", "1", "200", "W10", "WyIiLDEsW11d", "WzEsMl0", "eyJhIjoxfQ")
                found.append((name, self.random.choice([*cursors, str(self.value())])))
        return found

    def ask_api(self) -> TestResponse:
        """One call of the API."""
        type_ = self.random.choice(list(RESOURCES))
        writes = [name for name in WRITES if name in RESOURCES]
        method = self.random.choice(
            ("GET",) * 6 + ("POST", "PATCH", "DELETE") * 3 + ("PUT", "HEAD", "OPTIONS", "²")
        )
        if method in ("POST", "PATCH", "DELETE") and self.chance(0.9):
            type_ = self.random.choice(writes)
        path = f"/api/v2/{quote(type_ if self.chance(0.97) else str(self.value()))}"
        if method in ("PATCH", "DELETE") or self.chance(0.2):
            path += f"/{quote(str(self.random.choice((self.random.randint(1, 31), self.value()))), safe='')}"
        if type_ == "invoices" and method == "PATCH" and self.chance(0.2):
            path += self.random.choice(("/finalize", "/export", "/restore", "/²"))
        return self.send(method, path, self.query(type_), self.document(type_), HEADERS)

    def document(self, type_: str) -> Any:
        """A JSON:API document, or none."""
        if self.chance(0.1):
            return self.random.choice(BODIES)
        relations: dict[str, object] = {
            name: {
                "data": {
                    "type": self.random.choice(("invoices", "companies", "²", None)),
                    "id": self.value("id"),
                }
            }
            for name in RELATIONS
            if self.chance(0.3)
        }
        if self.chance(0.1):
            relations |= dict.fromkeys(RELATIONS, self.random.choice(VALUES))
        attributes = self.named(WRITES.get(type_, "name"), 0.8)
        return {"data": {"type": type_, "attributes": attributes, "relationships": relations}}

    def ask_door(self) -> TestResponse:
        """One call of anything else: back doors and pages."""
        rule = self.random.choice(self.rules)
        methods = rule.methods or {"GET"}
        method = self.random.choice(sorted(methods - {"HEAD", "OPTIONS"}) * 9 + sorted(methods))
        body: Any = self.named(DOORS.get(rule.rule, ""), 0.6)
        if rule.rule == "/_sandbox/invoices":
            body = {"invoices": [self.named(WISHES, 0.3), self.random.choice(({}, *VALUES))]}
        if self.chance(0.1):
            body = self.random.choice(BODIES)
        query = [(name, str(self.value(name))) for name in ("q", "page", "id", "number") if self.chance(0.2)]
        is_form = not rule.rule.startswith(("/_sandbox", "/api"))
        return self.send(method, self.fill(rule), query, body, {} if not is_form else {"form": "1"})

    def fill(self, rule: Rule) -> str:
        """The rule's path with something in each place."""
        path = rule.rule
        for name in rule.arguments:
            part = quote(str(self.value("id")), safe="")
            for kind in ("int:", "any(export, export_update):", ""):
                path = path.replace(f"<{kind}{name}>", part)
        return path

    def send(
        self, method: str, path: str, query: list[tuple[str, str]], body: Any, usual: dict[str, str]
    ) -> TestResponse:
        """Send it, and let nothing of it outlast the call but the data."""
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        if usual.get("form") and isinstance(body, dict):
            usual = {"Content-Type": "application/x-www-form-urlencoded"}
            sent = {"data": urlencode({name: str(value) for name, value in body.items()})}
        headers = pick_headers(self.random, usual)
        response = self.call.client.open(
            path, method=method, query_string=urlencode(query), headers=headers, buffered=True, **sent
        )
        check(response, f"{method} {path[:200]} {str(query)[:300]} {str(sent)[:600]} {headers}")
        self.state.forget_calls()
        self.state.backstage.limits.reset()
        self.state.backstage.faults.clear()
        self.state.backstage.clock.offset = 0.0
        return response

    def sweep(self) -> None:
        """Read everything that is there by now, with all that belongs to it, on every page."""
        for type_, resource in RESOURCES.items():
            url = f"/api/v2/{type_}?page[size]=200&include={','.join(resource.relations)}"
            check(self.call.client.get(url, headers=HEADERS), url)
            for sort in resource.sorts:
                url = f"/api/v2/{type_}?page[size]=200&page[after]=&sort=-{sort}"
                check(self.call.client.get(url, headers=HEADERS), url)
            self.state.forget_calls()
        for page in ("/", "/?page=2", "/_sandbox/invoices"):
            check(self.call.client.get(page), page)
        for id_ in list(self.state.tables.invoices)[-8:]:
            check(self.call.client.get(f"/invoices/{id_}"), str(id_))


def check(response: TestResponse, asked: str) -> None:
    """The answer is one that the service gives: no fault of its own, and its own error body."""
    path = response.request.path
    status = response.status_code
    assert status < 500, asked
    if status < 400 or response.request.method == "HEAD":
        return
    if path.startswith("/api/v2"):
        assert response.mimetype == "application/vnd.api+json", asked
        assert response.json, asked
        assert all(error["title"] and error["detail"] for error in response.json["errors"]), asked
    if path.startswith("/_sandbox"):
        assert response.json, asked
        assert response.json["error"], asked


@pytest.mark.parametrize("seed", SEEDS)
def test_no_request_however_odd_is_a_fault_of_the_sandbox(seed: int) -> None:
    fuzzer = Fuzzer(seed)
    for place in range(REQUESTS):
        fuzzer.ask_api() if fuzzer.chance(0.7) else fuzzer.ask_door()
        if place % EACH_SWEEP == EACH_SWEEP - 1:
            fuzzer.sweep()


# What was once an HTML page with 500, and more of each kind.
READS: list[tuple[str, int]] = [
    ("/invoices?filter[]=x", 400),
    ("/invoices?filter[][]=x", 400),
    ("/invoices?filter[%C2%B2]=1", 400),
    ("/invoices?filter[$op][eq]=and", 400),
    ("/invoices?filter[$op]=xor", 400),
    ("/invoices?filter" + "[0]" * 500 + "[id]=1", 400),
    ("/invoices?filter[0]=1", 400),
    ("/invoices?filter[id][eq][eq]=1", 400),
    ("/invoices?filter[id]=%C2%B2", 400),
    ("/invoices?filter[amount]=NaN", 400),
    ("/invoices?filter[amount][gt]=sNaN", 400),
    ("/invoices?filter[amount][gt]=1e999999", 400),
    ("/invoices?filter[invoiced_on][gt]=2026-99-99", 400),
    ("/invoices?filter[last_activity_at][gt_eq]=0001-01-01T00:00:00%2B14:00", 400),
    ("/invoices?filter[last_activity_at][gt_eq]=0001-01-01", 200),
    ("/invoices?filter[last_activity_at][gt_eq]=20260101", 200),
    ("/invoices?page[size]=%C2%B2&page[number]=%D9%A1", 200),
    ("/invoices?page[number]=" + "9" * 5000, 200),
    ("/invoices?page[after]=" + "A" * 5000, 400),
    ("/invoices?page[after]=WyIiLDEsWzFdXQ", 400),
    ("/invoices?sort=number&page[after]=WyJudW1iZXIiLDEsW1tdXV0", 400),
    ("/invoices?include=" + "parent_invoice." * 500, 400),
    ("/invoices/%C2%B2", 404),
    ("/invoices/" + "9" * 5000, 404),
    ("/%C2%B2", 404),
]


@pytest.mark.parametrize(("path", "status"), READS, ids=lambda each: str(each)[:60])
def test_an_odd_read_is_refused_as_the_service_refuses(call: Caller, path: str, status: int) -> None:
    call.make()
    answer = call.get(path)
    check(answer, path)
    assert answer.status_code == status


@pytest.mark.parametrize("amount", [10**30, "1e30", 10**300, "1e999999", "NaN", True, [], {}, "²", -(10**30)])
def test_an_amount_beyond_reason_is_an_invalid_attribute(call: Caller, amount: object) -> None:
    id_ = call.make(lines=[a_line()])
    answer = call.write("POST", "/payments", invoice_id=int(id_), amount=amount, paid_on="2026-05-01")
    assert set(pointers(answer)) == {"data/attributes/amount"}


@pytest.mark.parametrize(
    "relation",
    [
        {"data": {"type": "companies", "id": "1"}},
        {"data": {"type": "payments", "id": "1"}},
        {"data": {"type": "invoice", "id": "1"}},
        {"data": {"id": "1"}},
        {"data": {"type": "invoices", "id": "999"}},
        {"data": {"type": "invoices", "id": "²"}},
        {"data": {"type": "invoices", "id": [1]}},
        {"data": {"type": ["invoices"], "id": "1"}},
        {"data": [{"type": "invoices", "id": "1"}]},
        {"data": None},
        {"meta": {}},
        "1",
        None,
    ],
)
def test_a_payment_is_booked_on_nothing_but_an_invoice(call: Caller, relation: object) -> None:
    assert call.make(lines=[a_line()]) == "1"
    body = {
        "data": {
            "type": "payments",
            "attributes": {"amount": 100, "paid_on": "2026-05-01"},
            "relationships": {"invoice": relation},
        }
    }
    answer = call.client.post("/api/v2/payments", json=body, headers=HEADERS)
    assert pointers(answer) == {"data/attributes/invoice": "can't be blank"}
    assert call.glance("1")["payments"] == []


@pytest.mark.parametrize(
    ("name", "type_", "id_"),
    [
        ("company", "invoices", "1"),
        ("company", "companies", "999"),
        ("subsidiary", "companies", "1"),
        ("subsidiary", "subsidiaries", "99"),
        ("parent_invoice", "companies", "1"),
        ("parent_invoice", "invoices", "999"),
    ],
)
def test_a_draft_is_made_of_nothing_but_what_fits(call: Caller, name: str, type_: str, id_: str) -> None:
    call.make()
    relations = {
        "company": {"data": {"type": "companies", "id": "1"}},
        name: {"data": {"type": type_, "id": id_}},
    }
    body = {
        "data": {
            "type": "invoices",
            "attributes": {"currency": "EUR", "invoiced_on": "2026-05-01"},
            "relationships": relations,
        }
    }
    answer = call.client.post("/api/v2/invoices", json=body, headers=HEADERS)
    assert pointers(answer) == {f"data/attributes/{name}": "can't be blank"}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body)[:30])
def test_a_body_that_is_no_document_is_a_bad_request(call: Caller, body: bytes) -> None:
    for path in ("/api/v2/payments", "/api/v2/invoices", "/api/v2/comments", "/_sandbox/payments"):
        answer = call.client.post(path, data=body, headers=HEADERS)
        check(answer, path)
        assert 400 <= answer.status_code < 500
