"""Odd requests to every address, with every argument and field that the views know: no fault of ours, and no
other subsidiary's rows.

The addresses come from the route map; the names of arguments and fields from the views, forms and templates.
The choice is random with a fixed seed, so that a failure can be repeated.
"""

import random
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from portal.domain.house.states import Role
from portal.settings import ROOT
from tests.pages import CheckingClient
from tests.web.test_bad_values import UNWELL
from tests.web.test_matrix import CANARY, World, world

__all__ = ["world"]

REQUESTS = 2000
PARTS = 8
ODD: tuple[str, ...] = (
    "",
    " ",
    "0",
    "-1",
    "-0",
    "1",
    "2",
    "105",
    "²",
    "٣",
    "1e9",
    "NaN",
    "9" * 30,
    "-" + "9" * 30,
    "2147483648",
    "1_000",
    "+1",
    "0x10",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\x1b[31m",
    "\u202eabc",
    "👨‍👩‍👧‍👦" * 50,
    "x" * 5000,
    "' OR 1=1 --",
    "%",
    "_",
    "%%%",
    "\\",
    "{{ 7 * 7 }}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "//evil.example/",
    "http://evil.example/",
    "javascript:alert(1)",
    "\r\nSet-Cookie: x=1",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-13",
    "2026-11",
    "2026-W05",
    "[]",
    "{}",
    "null",
    "true",
    "all",
    "on",
    "NL",
    "xx-yy",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1"},
    {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)"},
    {"HX-Request": "true", "HX-Target": "x" * 3000, "HX-Trigger": "\x7f"},
    {"Accept-Language": "xx-yy-zz, q=2;;;"},
    {"Accept": "application/json"},
    {"Host": "evil.example:99999"},
    {"X-Forwarded-For": "a, b, c", "X-Forwarded-Proto": "gopher"},
    {"If-Modified-Since": "yesterday", "Range": "bytes=5-1"},
    {"Referer": "http://evil.example/\x80"},
    {"Cookie": "portal_session=x.y.z; portal_session="},
)
NAMES = re.compile(r"""(?:args|form|values)(?:\.get|\.getlist)?[(\[]\s*f?"([\w-]+)|\bname="([\w-]+)""")
FIELDS = re.compile(r"^    (\w+) = \w*Field\(", re.M)


def known_names() -> list[str]:
    """Return the names of all arguments and fields, as the views, forms and templates spell them."""
    found: set[str] = set()
    for path in [*(ROOT / "portal/web").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]:
        text = path.read_text()
        found.update(name for pair in NAMES.findall(text) for name in pair if name)
        if path.name == "forms.py":
            found.update(FIELDS.findall(text))
    return sorted(found - {"csrf_token"})


def test_the_names_of_fields_and_arguments_are_found() -> None:
    assert {"q", "from", "to", "sort", "email", "password", "reason", "entry", "target"} <= set(known_names())


class Fuzz:
    """Makes odd requests at random."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.names = known_names()
        self.rules = sorted(world.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))

    def send(self, client: CheckingClient) -> Iterator[tuple[str, int, str]]:
        """Send one request. Yield what was asked, the status and the text."""
        rule = self.random.choice(self.rules)
        method = self.random.choice(sorted((rule.methods or set()) - {"OPTIONS"}))
        address = f"{self.address(rule)}?{self.pairs()}" if self.random.random() < 0.7 else self.address(rule)
        given: dict[str, object] = {"headers": self.random.choice(HEADERS)}
        if method == "POST":
            given |= self.body()
        answer = client.open(address, method=method, **given)
        yield (
            f"{method} {address} {given!r}",
            answer.status_code,
            answer.get_data(as_text=False).decode(errors="replace"),
        )

    def address(self, rule: Rule) -> str:
        """Fill an address with rows that are there, sometimes with odd names instead."""
        if self.random.random() < 0.6:
            return self.world.address(rule)
        odd = {name: self.random.choice(ODD) for name in rule.arguments}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: spell(odd[found[1]]), rule.rule)
        return path or "/"

    def pairs(self) -> str:
        """Write some names with odd values, one of them perhaps twice."""
        chosen = self.random.choices(self.names, k=self.random.randint(1, 6))
        return "&".join(f"{spell(name)}={spell(self.random.choice(ODD))}" for name in chosen)

    def body(self) -> dict[str, object]:
        """Write a body: mostly a form, sometimes something else."""
        kind = self.random.randrange(8)
        if kind == 0:
            return {"data": b"\xff\xfe\x00", "content_type": "application/octet-stream"}
        if kind == 1:
            return {"data": b'{"a": [1, {"b": null}]}', "content_type": "application/json"}
        if kind == 2:
            return {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"}
        return {"data": self.pairs(), "content_type": "application/x-www-form-urlencoded"}


def spell(text: str) -> str:
    """Spell a value for an address or a form, half letters too."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("part", range(PARTS))
def test_no_odd_request_breaks_the_portal_or_shows_what_is_hidden(world: World, part: int) -> None:
    fuzz = Fuzz(world, seed=part)
    everything = world.people[Role.ADMINISTRATOR, "everything"]
    elsewhere = world.people[Role.ADMINISTRATOR, "other books"]
    for number in range(REQUESTS // PARTS):
        client = elsewhere if number % 2 else everything
        for asked, status, text in fuzz.send(client):
            assert status < 500 or UNWELL.intersection(re.split("[ ?]", asked)), (asked, status)
            assert client is everything or CANARY not in text, asked
        if number % 10 == 0:
            world.restore()
