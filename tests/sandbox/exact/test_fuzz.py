"""Thousands of odd requests, seeded: never a fault of the sandbox's own, always an error body of its kind."""

from random import Random
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.entities import ENTITIES, Entity
from portal.sandbox.exact.fields import Field
from tests.sandbox.exact.client import Exact, consent_path
from tests.sandbox.oddities import BODIES, VALUES, pick_headers

SEEDS = (1, 2, 3)
REQUESTS = 900
EACH_SWEEP = 150
DIVISIONS = ("1001",) * 60 + ("1002", "0", "00", "-1", "999", "²", "١٠٠١", "9" * 30, "9" * 5000, "abc", "%00")
SEGMENTS = (
    "SalesEntryLines",
    "BankAccounts",
    "VATPercentages",
    "BankEntryLines",
    "$count",
    "$value",
    "x",
    "²",
)
OPTIONS = (
    "$select",
    "$filter",
    "$top",
    "$orderby",
    "$expand",
    "$skiptoken",
    "$skip",
    "$inlinecount",
    "$format",
    "$²",
)
OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le", "has", "²")
LITERALS = (
    "1",
    "1.5",
    "-1.5",
    "1L",
    "99999999999999999999999999999L",
    "1e5",
    "null",
    "true",
    "²",
    "'a'",
    "'O''Brien'",
    "'",
    "guid'x'",
    "guid'6f9619ff-8b86-d011-b42d-00cf4fc964ff'",
    "datetime'2026-01-31T00:00:00'",
    "datetime'9999-99-99'",
    "datetime'0001-01-01T00:00:00+14:00'",
    "ID",
    "a/b",
)
LINES_OF = {"SalesEntryLines": ("salesentry/SalesEntryLines",)}
# What each back door and form is told.
DOORS = {
    "/_sandbox/receipts": "division date amount split allocations account",
    "/_sandbox/receipts/<key>": "date amount allocations",
    "/_sandbox/settle": "division entry kind amount date split credit",
    "/_sandbox/odd": "division entity key fields without times",
    "/_sandbox/close-period": "division year period open",
    "/_sandbox/revoke": "user",
    "/_sandbox/scopes": "missing readonly",
    "/_sandbox/faults": "method path times do seconds body applied",
    "/_sandbox/clock": "advance",
    "/_sandbox/limits": "minute day",
    "/api/oauth2/token": "grant_type code refresh_token client_id client_secret redirect_uri",
    "/receipts": "division date amount split entry",
    "/receipts/<key>": "do date amount division",
    "/entries/<key>/settle": "division kind amount date split",
}
PLAUSIBLE = (
    1001,
    "1001",
    "2026-03-01",
    "12.10",
    "-12.10",
    "0",
    "999999999999999.99",
    "same-row",
    "2",
    "writeoff",
    "credit",
    "discount",
    "status:429",
    "garbage",
    "finance",
    2026,
    "70",
)


class Fuzzer:
    """One signed-in person who sends nonsense."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.app = create_exact_app()
        # A fault of the sandbox itself comes out as the exception that it is.
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.exact = Exact(self.app).sign_in()
        self.rules = [
            rule for rule in self.app.url_map.iter_rules() if rule.endpoint not in ("static", "api.serve")
        ]

    def value(self) -> object:
        """Something odd, plausible or live."""
        kind = self.random.random()
        if kind < 0.6:
            return self.random.choice(VALUES)
        return self.random.choice(PLAUSIBLE) if kind < 0.7 else self.live_key()

    def live_key(self, table: str | None = None) -> str:
        """The key of a row that is there."""
        tables = self.exact.books.tables
        rows = tables[table or self.random.choice(list(tables))].rows
        keys = [*rows, *self.exact.books.matchings]
        return str(self.random.choice(keys)) if keys else "none"

    def field_value(self, field: Field) -> object:
        """A value for a field, which mostly fits it."""
        if self.random.random() < 0.1:
            return self.value()
        references = {
            "Customer": "Accounts",
            "Account": "Accounts",
            "GLAccount": "GLAccounts",
            "EntryID": "SalesEntries",
        }
        if field.name in references:
            return self.live_key(references[field.name])
        if field.kind == "c":
            lines = ENTITIES[self.random.choice(LINES_OF.get(field.name, tuple(ENTITIES)))]
            return [self.row(lines) for _ in range(self.random.randint(0, 2))]
        fitting: dict[str, tuple[object, ...]] = {
            "s": ("70", "2", "90", "EUR", "USD", "a", "C", "20"),
            "d": ("12.34", -5, 0, 10**20, "1e25", 0.005),
            "t": ("2026-03-01", "9999-12-31", "0001-01-01", "/Date(0)/"),
            "g": (self.live_key(),),
            "b": (True, False),
        }
        return self.random.choice(fitting.get(field.kind, (0, 1, 20, 50, 2**30)))

    def row(self, entity: Entity) -> dict[str, object]:
        """The fields of an entity, what is mandatory mostly among them."""
        chosen = [
            field
            for field in entity.fields.values()
            if (field.mandatory and self.random.random() < 0.9)
            or (field.writable and self.random.random() < 0.06)
            or self.random.random() < 0.002
        ]
        return {field.name: self.field_value(field) for field in chosen}

    def condition(self, entity: Entity, depth: int = 0) -> str:
        """A filter, sometimes one that can be read."""
        kind = self.random.random()
        if depth < 4 and kind < 0.3:
            inner = self.condition(entity, depth + 1)
            return self.random.choice(
                (f"({inner})", f"not {inner}", f"{inner} and {inner}", f"{inner} or {inner}")
            )
        if kind < 0.33:
            return self.random.choice(
                ("(" * 3000, "not " * 3000 + "true", "trim(" * 3000, "(" * 150 + "1 eq 1" + ")" * 150)
            )
        name = self.random.choice(list(entity.fields))
        literal = self.random.choice(LITERALS)
        if kind < 0.45:
            function = self.random.choice(
                ("substringof", "startswith", "endswith", "trim", "tolower", "length")
            )
            return f"{function}({literal},{name}) eq {self.random.choice(LITERALS)}"
        return f"{name} {self.random.choice(OPERATORS)} {literal}"

    def query(self, entity: Entity) -> dict[str, str]:
        """Query options: what is demanded, and sometimes something odd."""
        fields = list(entity.fields)
        found = {"$select": ",".join(self.random.sample(fields, min(3, len(fields))))}
        if entity.needs_filter:
            found["$filter"] = "Name ne 'x'"
        if self.random.random() < 0.4:
            found["$filter"] = self.condition(entity)
        if self.random.random() < 0.4:
            fitting = (
                "1",
                "0",
                "allpages",
                f"{self.random.choice(fields)} desc",
                "'a'",
                "SalesEntryLines",
                "²",
            )
            found[self.random.choice(OPTIONS)] = self.random.choice(fitting)
        if self.random.random() < 0.1:
            found[self.random.choice(OPTIONS)] = str(self.value())
        return found

    def key(self, entity: Entity) -> str:
        """What stands in brackets behind a path."""
        if self.random.random() < 0.6 and not entity.source and entity.table in self.exact.books.tables:
            return f"guid'{self.live_key(entity.table)}'"
        return str(
            self.random.choice(("guid'x'", "'a'", "1L", "1", "²", "", "guid''", "9" * 50, "guid'" + "0" * 40))
        )

    def ask_api(self) -> TestResponse:
        """One call of the API."""
        entity = self.random.choice(list(ENTITIES.values()))
        path = entity.path if self.random.random() < 0.97 else str(self.value())
        methods = sorted(entity.methods) * 5 + ["PATCH", "MERGE", "HEAD", "OPTIONS", "²"]
        method = self.random.choice(methods)
        if method in ("PUT", "DELETE") or self.random.random() < 0.2:
            path += f"({self.key(entity)})"
        if self.random.random() < 0.1:
            path += f"/{self.random.choice(SEGMENTS)}"
        body: Any = self.row(entity) if self.random.random() < 0.85 else self.random.choice(BODIES)
        usual = {"Authorization": f"Bearer {self.exact.access}", "Accept": "application/json"}
        return self.send(
            method, f"/api/v1/{self.random.choice(DIVISIONS)}/{path}", self.query(entity), body, usual
        )

    def ask_door(self) -> TestResponse:
        """One call of anything else: back doors, pages, tokens."""
        rule = self.random.choice(self.rules)
        if rule.rule.startswith("/_sandbox/<int:division>"):
            return self.touch_anything()
        methods = rule.methods or {"GET"}
        method = self.random.choice(sorted(methods - {"HEAD", "OPTIONS"}) * 9 + sorted(methods))
        body: Any = {
            name: self.value() for name in DOORS.get(rule.rule, "").split() if self.random.random() < 0.4
        }
        body = self.meant(rule.rule) | body
        if self.random.random() < 0.1:
            body = self.random.choice(BODIES)
        query = {"division": "1001"} if self.random.random() < 0.7 else {"division": str(self.value())}
        return self.send(method, self.fill(rule), query, body, {}, form=not rule.rule.startswith("/_sandbox"))

    def touch_anything(self) -> TestResponse:
        """Change or delete a row by the back door, as nothing else may."""
        entity = self.random.choice([each for each in ENTITIES.values() if not each.source])
        names = self.random.sample(list(entity.fields), min(2, len(entity.fields)))
        key = self.live_key(entity.table if entity.table in self.exact.books.tables else None)
        path = f"/_sandbox/{self.random.choice(DIVISIONS)}/{entity.path}/{quote(key, safe='')}"
        body = {name: self.random.choice((None, self.field_value(entity.fields[name]))) for name in names}
        return self.send(self.random.choice(("PATCH", "PATCH", "DELETE")), path, {}, body, {})

    def meant(self, rule: str) -> dict[str, object]:
        """What a person who means it would tell a door."""
        entry = self.live_key("SalesEntries")
        names = DOORS.get(rule, "").split()
        meant: dict[str, object] = {
            "division": 1001,
            "date": "2026-03-01",
            "amount": self.random.choice(("10.00", "-10.00", "0.01", "99999999999999999999.99")),
            "allocations": [{"entry": entry, "amount": self.random.choice(("10.00", "-5.00", "0.00"))}],
            "entry": entry,
            "kind": self.random.choice(("credit", "discount", "writeoff", "exchange")),
            "split": self.random.choice(("same-row", "delete-insert", "matched-new")),
            "do": self.random.choice(("status:404", "garbage", "delete")),
            "entity": self.random.choice(list(ENTITIES)),
            "key": self.live_key(),
            "fields": {"Name": self.value()},
            "year": 2026,
            "period": 1,
            "advance": 10,
            "grant_type": "refresh_token",
        }
        return {name: value for name, value in meant.items() if name in names}

    def fill(self, rule: Rule) -> str:
        """The rule's path with something in each place."""
        path = rule.rule
        for name in rule.arguments:
            value = self.value() if self.random.random() < 0.3 else self.live_key()
            for kind in ("int:", "path:", ""):
                part = self.random.choice(list(ENTITIES)) if name in ("name", "path") else str(value)
                if name == "division":
                    part = self.random.choice(DIVISIONS)
                path = path.replace(f"<{kind}{name}>", quote(part, safe="/%"))
        return path

    def send(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: Any,
        usual: dict[str, str],
        *,
        form: bool = False,
    ) -> TestResponse:
        """Send it, and let nothing of it outlast the call but the data."""
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        if form and isinstance(body, dict):
            sent = {"data": urlencode({name: str(value) for name, value in body.items()})}
            usual = usual | {"Content-Type": "application/x-www-form-urlencoded"}
        headers = pick_headers(self.random, usual)
        response = self.exact.http.open(
            path, method=method, query_string=urlencode(query), headers=headers, buffered=True, **sent
        )
        check(response, f"{method} {path[:200]} {str(query)[:300]} {str(sent)[:600]} {headers}")
        state = self.exact.state
        state.errors.clear()
        state.rates.clear()
        state.backstage.faults.clear()
        state.clock.offset = 0.0
        state.missing_scopes.clear()
        state.read_only_scopes.clear()
        if not state.grants.find_user(self.exact.access, state.clock.time())[1]:
            self.exact.sign_in()
        return response

    def sweep(self) -> None:
        """Read everything that is there by now, on every page."""
        usual = {"Authorization": f"Bearer {self.exact.access}", "Accept": "application/json"}
        for entity in ENTITIES.values():
            query = {"$select": ",".join(entity.fields)}
            if entity.needs_filter:
                query["$filter"] = f"{entity.needs_filter[0]} ne guid'00000000-0000-0000-0000-000000000000'"
            for division in (1001, 1002):
                url = f"/api/v1/{division}/{entity.path}"
                response = self.exact.http.get(url, query_string=query, headers=usual)
                check(response, url)
                self.exact.state.rates.clear()
                self.exact.state.errors.clear()
        for page in (
            "/",
            "/?division=1002",
            "/vat-codes",
            "/_sandbox/entries",
            "/_sandbox/accounts?division=1001",
        ):
            check(self.exact.http.get(page), page)
        for key in list(self.exact.books["SalesEntries"].rows)[-5:]:
            check(self.exact.http.get(f"/entries/{key}"), key)


def check(response: TestResponse, asked: str) -> None:
    """The answer is one that the service gives: its own error body, and 500 for faults of business alone."""
    path = response.request.path
    status = response.status_code
    if response.mimetype == "application/atom+xml" and response.request.method != "HEAD":
        ElementTree.fromstring(response.data)
    is_api = path.startswith("/api/v1")
    assert status < 500 or (is_api and status == 500), asked
    if response.request.method == "HEAD" or status < 400:
        return
    if is_api and response.mimetype == "text/plain":
        assert status in (401, 403, 404, 405, 406, 429), asked
    elif is_api and response.mimetype == "application/xml":
        assert ElementTree.fromstring(response.data).tag.endswith("error"), asked
    elif is_api:
        assert response.json, asked
        assert response.json["error"]["message"]["value"], asked
    elif path.startswith(("/_sandbox", "/api/oauth2/token")):
        assert response.json, asked
        assert response.json["error"], asked


@pytest.mark.parametrize("seed", SEEDS)
def test_no_request_however_odd_is_a_fault_of_the_sandbox(seed: int) -> None:
    fuzzer = Fuzzer(seed)
    for place in range(REQUESTS):
        fuzzer.ask_api() if fuzzer.random.random() < 0.7 else fuzzer.ask_door()
        if place % EACH_SWEEP == EACH_SWEEP - 1:
            fuzzer.sweep()


# What was once an HTML page with 500, and more of each kind: method, path, query, body.
KINDS: list[tuple[str, str, dict[str, str], object, int]] = [
    ("GET", "0/crm/Accounts", {}, None, 403),
    ("GET", "00/financial/Journals", {}, None, 403),
    ("POST", "0/salesentry/SalesEntries", {}, {}, 403),
    ("GET", "999/hrm/Divisions", {}, None, 403),
    ("GET", "abc/crm/Accounts", {}, None, 404),
    ("GET", "9" * 30 + "/crm/Accounts", {}, None, 403),
    ("GET", "1001/financial/Journals", {"$filter": "(" * 200 + "Code eq '1'" + ")" * 200}, None, 400),
    ("GET", "1001/financial/Journals", {"$filter": "(" * 20000}, None, 400),
    ("GET", "1001/financial/Journals", {"$filter": "not " * 200 + "IsBlocked"}, None, 400),
    (
        "GET",
        "1001/financial/Journals",
        {"$filter": "trim(" * 200 + "Code" + ")" * 200 + " eq '1'"},
        None,
        400,
    ),
    ("GET", "1001/financial/Journals", {"$filter": "(" * 90 + "Code eq '70'" + ")" * 90}, None, 200),
    ("GET", "1001/sync/Deleted", {"$select": "ID", "$filter": "Timestamp gt 1.5"}, None, 200),
    ("GET", "1001/sync/Deleted", {"$select": "ID", "$filter": "Timestamp ge -0.5"}, None, 200),
    ("GET", "1001/sync/CRM/Accounts", {"$select": "ID", "$filter": "Timestamp gt '1'"}, None, 400),
    ("GET", "1001/sync/CRM/Accounts", {"$select": "ID", "$filter": "Timestamp gt null"}, None, 200),
    ("GET", "1001/sync/CRM/Accounts", {"$select": "ID", "$filter": "Timestamp gt ²"}, None, 400),
    ("GET", "1001/financial/Journals", {"$top": "²"}, None, 400),
    ("GET", "1001/financial/Journals", {"$top": "١"}, None, 400),
    ("GET", "1001/financial/Journals", {"$skip": "9" * 5000}, None, 400),
    ("GET", "1001/financial/Journals", {"$top": "-1"}, None, 400),
    ("GET", "1001/sync/Deleted", {"$select": "ID", "$skiptoken": "²L"}, None, 400),
    ("GET", "1001/sync/Deleted(²)", {}, None, 400),
    ("GET", "1001/crm/Accounts(guid'²')", {}, None, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "EndDate": "/Date(99999999999999999999)/"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "EndDate": "/Date(253402300800000)/"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "EndDate": "/Date(²)/"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "EndDate": "9999-99-99"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "EndDate": [1]}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": {"a": 1}}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "CreditLineSales": "1e999999"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "CreditLineSales": "NaN"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "InvoicingMethod": "²"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": "A", "Blocked": "yes"}, 400),
    ("POST", "1001/crm/Accounts", {}, {"Name": None}, 500),
    ("POST", "1001/salesentry/SalesEntries", {}, {"SalesEntryLines": {"a": 1}}, 400),
    ("POST", "1001/salesentry/SalesEntries", {}, {"SalesEntryLines": [[]]}, 400),
    ("POST", "1001/salesentry/SalesEntries", {}, [], 400),
    ("PUT", "1001/crm/Accounts(guid'6f9619ff-8b86-d011-b42d-00cf4fc964ff')", {}, {"Name": "A"}, 404),
]


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "status"), KINDS, ids=lambda each: str(each)[:50]
)
def test_what_is_odd_is_refused_as_the_service_refuses(
    exact: Exact, method: str, path: str, query: dict[str, str], body: object, status: int
) -> None:
    headers = {"Authorization": f"Bearer {exact.access}", "Accept": "application/json"}
    response = exact.http.open(
        f"/api/v1/{path}", method=method, query_string=query, json=body, headers=headers
    )
    check(response, path)
    assert response.status_code == status


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body)[:30])
def test_a_body_that_is_no_object_is_a_bad_request(exact: Exact, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {exact.access}", "Accept": "application/json"}
    for path in ("api/v1/1001/crm/Accounts", "api/v1/1001/salesentry/SalesEntries", "_sandbox/receipts"):
        response = exact.http.post(
            f"/{path}", data=body, headers=headers | {"Content-Type": "application/json"}
        )
        check(response, path)
        assert 400 <= response.status_code <= 500


def test_the_consent_page_takes_anything(exact: Exact) -> None:
    for name in ("client_id", "redirect_uri", "response_type", "state"):
        for value in VALUES:
            check(exact.http.get(consent_path(**{name: str(value)})), name)
            check(exact.http.post(consent_path(**{name: str(value)}), data={"user": str(value)}), name)
    for value in VALUES:
        for kind in ("authorization_code", "refresh_token", str(value)):
            check(exact.token(grant_type=kind, code=str(value), refresh_token=str(value)), kind)
