"""Services that say aloud what they were told, and code that fails with a secret on its lips."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import text

from portal.cli.work import worker
from portal.extensions import db
from portal.factory import create_app
from portal.queue import BATCH, KINDS, Kind
from portal.store.grants import GrantRow
from portal.store.vault import ACCESS, REFRESH
from portal.wiring import current

JSON = "application/json"
# No process knows this one to be secret; a traceback shows the line that uses it, by its name.
UNKNOWN = "canary-in-a-statement"
LEAK = "tests.journeys.loud.leak"


def allow_leaks() -> None:
    """Let this process ask for, or run, the job that leaks."""
    KINDS[LEAK] = Kind(BATCH, 60)


class Loud:
    """Stands before a service and answers the calls it was told to with everything they carried."""

    def __init__(self) -> None:
        self.app: Any = None
        self.rules: list[tuple[str, str, int]] = []
        self.said = 0

    def answer(self, method: str, path: str, status: int) -> None:
        """Let the next such call be answered like that."""
        self.rules.append((method, path, status))

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call."""
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"]
        rule = next((one for one in self.rules if one[0] == method and one[1] in path), None)
        if rule is None:
            answer: Iterable[bytes] = self.app(environ, start)
            return answer
        self.rules.remove(rule)
        self.said += 1
        told = heard(environ)
        start(f"{rule[2]} Loud", [("Content-Type", JSON), ("Reason", told), ("WWW-Authenticate", told)])
        return [json.dumps(everywhere(told)).encode()]


def heard(environ: dict[str, Any]) -> str:
    """Everything a call carried, in one line: headers, the raw body, and its fields as they were meant."""
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    headers = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    return f"I was told {headers}, {parse_qs(raw)}, {raw}".replace("\n", " ")


def everywhere(told: str) -> dict[str, Any]:
    """The error shapes of OAuth, of Exact and of Productive in one body."""
    return {
        "error": {"code": "", "message": {"lang": "", "value": told}},
        "error_description": told,
        "errors": [{"status": "422", "title": "Loud", "detail": told}],
    }


class LoudTokens(Loud):
    """Speaks OAuth's errors, whose ``error`` is a word."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call; the token endpoint's shape differs from the API's."""
        body = b"".join(super().__call__(environ, start))
        if "/oauth2/token" in environ["PATH_INFO"] and b"I was told" in body:
            told = json.loads(body)["error_description"]
            return [json.dumps({"error": "invalid_request", "error_description": told}).encode()]
        return [body]


def leak() -> None:
    """A job with a bug: its exception holds a token, and so does its cause."""
    wiring = current()
    with wiring.sessions() as session:
        grant = session.query(GrantRow).one()
    access = wiring.vault.open(grant.access_sealed or "", grant.place_of(ACCESS))
    refresh = wiring.vault.open(grant.refresh_sealed or "", grant.place_of(REFRESH))
    try:
        raise KeyError(refresh)
    except KeyError as error:
        raise ValueError(f"Authorization: Bearer {access}, secret {wiring.settings.secret_key}") from error


def leak_in_a_view() -> str:
    """A view with the same bug."""
    leak()
    return ""


def leak_by_the_database() -> str:
    """A statement that fails with a value nobody knows to be secret."""
    db.session.execute(text("INSERT INTO nowhere VALUES (:password)"), {"password": UNKNOWN})
    return ""


if __name__ == "__main__":
    allow_leaks()
    with create_app().app_context():
        worker.main([])
