"""A small client of the sandbox for its tests; it shares nothing with the portal's own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Books

REDIRECT = "http://localhost:8000/connections/exact/callback"
TERMS = (
    "ID,Timestamp,LineType,Status,AmountFC,AmountDC,TransactionType,TransactionEntryID,TransactionID,YourRef,"
    "InvoiceNumber,EntryID,LastPaymentDate,EndDate,IsFullyPaid,DueDate,TransactionAmountFC,Account"
)


def consent_path(**changes: str) -> str:
    """The consent page's path and query."""
    query = {"client_id": "demo-client", "redirect_uri": REDIRECT, "response_type": "code", "state": "xyz"}
    return f"/api/oauth2/auth?{urlencode(query | changes)}"


def answer_of(response: TestResponse) -> dict[str, str]:
    """What the redirect after consent carries."""
    query = urlsplit(response.headers["Location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


@dataclass
class Exact:
    """Signed in as one user, working in one division."""

    app: Flask
    user: str = "finance"
    division: int = 1001
    access: str = ""
    refresh: str = ""
    http: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.app.test_client()

    @property
    def state(self) -> ExactState:
        """The sandbox's state."""
        state = self.app.extensions["sandbox"]
        assert isinstance(state, ExactState)
        return state

    @property
    def books(self) -> Books:
        """The division's books."""
        return self.state.books[self.division]

    def code(self) -> str:
        """A code from the consent page."""
        return answer_of(self.http.post(consent_path(), data={"user": self.user, "answer": "allow"}))["code"]

    def token(self, **form: str) -> TestResponse:
        """One call of the token endpoint."""
        client = {"client_id": "demo-client", "client_secret": "demo-secret"}
        return self.http.post("/api/oauth2/token", data=client | form)

    def sign_in(self) -> "Exact":
        """Consent and keep the tokens."""
        answer = self.token(grant_type="authorization_code", code=self.code(), redirect_uri=REDIRECT).json
        assert answer
        self.access = answer["access_token"]
        self.refresh = answer["refresh_token"]
        return self

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """One call below the division (or of current/Me)."""
        root = "/api/v1" if path.startswith("current/") else f"/api/v1/{self.division}"
        sent = {"Authorization": f"Bearer {self.access}", "Accept": "application/json"}
        return self.http.open(
            f"{root}/{path}", method=method, json=body, query_string=query, headers=sent | (headers or {})
        )

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        """The rows of one page of a list."""
        response = self.call("GET", path, query={f"${name}": value for name, value in query.items()})
        assert response.status_code == 200, response.text
        assert response.json
        found = response.json["d"]
        return list(found if isinstance(found, list) else found["results"])

    def only(self, path: str, **query: str) -> dict[str, Any]:
        """The one row of a list."""
        rows = self.rows(path, **query)
        assert len(rows) == 1, rows
        return rows[0]

    def customer(self, name: str = "Fietsfabriek Noord B.V.") -> str:
        """A customer's GUID."""
        return str(self.only("crm/Accounts", filter=f"Name eq '{name}'", select="ID")["ID"])

    def ledger(self, code: str = "8000") -> str:
        """A ledger account's GUID."""
        return str(self.only("financial/GLAccounts", filter=f"Code eq '{code}'", select="ID")["ID"])

    def draft(self, net: str = "100.00", **changes: object) -> dict[str, Any]:
        """A sales entry to send."""
        line = {"GLAccount": self.ledger(), "AmountFC": net, "VATCode": "2  ", "Notes": "ABCD2345"}
        entry = {
            "Customer": self.customer(),
            "Journal": "70",
            "EntryDate": self.day(),
            "YourRef": "T-1",
            "SalesEntryLines": [line],
        }
        return entry | changes

    def day(self) -> str:
        """Today, as the books have it."""
        return self.books.today().date().isoformat()

    def post_entry(self, net: str = "100.00", **changes: object) -> dict[str, Any]:
        """Book a sales entry and give all of it."""
        response = self.call(
            "POST",
            "salesentry/SalesEntries",
            self.draft(net, **changes),
            headers={"Prefer": "return=representation"},
        )
        assert response.status_code == 201, response.text
        assert response.json
        return dict(response.json["d"])

    def terms(self, entry: str | None = None) -> list[dict[str, Any]]:
        """The terms from sync, all or those of an entry."""
        rows = self.rows("sync/Cashflow/PaymentTerms", select=TERMS, filter="Timestamp gt 1L")
        return [row for row in rows if entry in (None, row["TransactionEntryID"])]

    def deleted(self, kind: int = 10) -> list[dict[str, Any]]:
        """The log of deletions for a kind of entity."""
        rows = self.rows("sync/Deleted", select="Timestamp,EntityKey,EntityType", filter="Timestamp gt 1L")
        return [row for row in rows if row["EntityType"] == kind]

    def door(self, method: str, path: str, body: object = None) -> Any:
        """A back door that must open."""
        response = self.http.open(f"/_sandbox/{path}", method=method, json=body)
        assert response.status_code == 200, response.text
        return response.json

    def receive(self, amount: str, *allocations: tuple[str, str], split: str = "same-row") -> str:
        """Receive a bank payment for entries."""
        listed = [{"entry": entry, "amount": part} for entry, part in allocations]
        body = {"division": self.division, "amount": amount, "split": split, "allocations": listed}
        return str(self.door("POST", "receipts", body)["id"])

    def settle(self, entry: str, kind: str, amount: str) -> str:
        """Settle an entry without money."""
        body = {"division": self.division, "entry": entry, "kind": kind, "amount": amount}
        return str(self.door("POST", "settle", body)["id"])

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on."""
        self.door("POST", "clock", {"advance": seconds})


def fault_of(response: TestResponse) -> str:
    """The text of Exact's error body."""
    assert response.json
    return str(response.json["error"]["message"]["value"])


def day_of(literal: str) -> str:
    """A date that came as ``/Date(ms)/``."""
    return datetime.fromtimestamp(int(literal[6:-2]) / 1000, UTC).date().isoformat()
