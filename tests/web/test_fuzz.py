"""Odd requests to every address, with every argument and field that the views know: no fault of ours, no
other subsidiary's rows, and no memory that grows.

The addresses come from the route map; the names of arguments and fields from the views, forms and templates.
Every address gets each name of its own feature in turn. The values are random with a fixed seed, so that a
failure can be repeated. ``make fuzz`` sends 10,000.
"""

import os
import random
import re
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.domain.house.states import Role
from portal.settings import ROOT
from tests.pages import CheckingClient
from tests.web.test_access import rules
from tests.web.test_bad_values import UNWELL
from tests.web.test_matrix import CANARY, World, world

__all__ = ["world"]

REQUESTS = int(os.environ.get("FUZZ", "2000"))
PARTS = 8
AT_ONCE = 12
# Of each five requests to an address that takes a body one has a body that is no form.
ODD_BODY_EVERY = 5
RESTORED_EVERY = 10
LARGEST_ANSWER = 2 * 1024 * 1024
GROWTH = 1.4
COOKIE = "portal_session"
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


def names_in(paths: Sequence[Path]) -> set[str]:
    """Return the names of arguments and fields that these files spell."""
    found: set[str] = set()
    for path in paths:
        text = path.read_text()
        found.update(name for pair in NAMES.findall(text) for name in pair if name)
        if path.name == "forms.py":
            found.update(FIELDS.findall(text))
    return found - {"csrf_token"}


@cache
def known_names() -> list[str]:
    """Return the names of all arguments and fields, as the views, forms and templates spell them."""
    return sorted(names_in([*(ROOT / "portal/web").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]))


@cache
def names_of_feature(feature: str) -> list[str]:
    """Return the names of one feature, and those that any page may have."""
    python = [ROOT / "portal/web" / feature, ROOT / "portal/web/common"]
    files = [path for folder in python for path in folder.rglob("*.py")]
    return sorted(names_in([*files, *(ROOT / "templates" / feature).rglob("*.html")]))


@dataclass(frozen=True)
class Planned:
    """One request to come: where to, and with which names, none for a body that is no form."""

    rule: Rule
    method: str
    names: Sequence[str]


def plan(app: Flask, count: int) -> list[Planned]:
    """Plan requests to every address and method in turn, each time with the next names of its feature."""
    cells = list(rules(app))
    cells.sort(key=lambda cell: (cell[0].rule, cell[0].endpoint, cell[1]))
    random.Random(0).shuffle(cells)
    return [planned(app, *cells[number % len(cells)], number // len(cells)) for number in range(count)]


def planned(app: Flask, rule: Rule, method: str, turn: int) -> Planned:
    """Choose the names of the next turn."""
    odd = method == "POST" and turn % ODD_BODY_EVERY == ODD_BODY_EVERY - 1
    if odd:
        return Planned(rule, method, ())

    own = names_of_feature(
        app.view_functions[rule.endpoint].__module__.removeprefix("portal.web.").split(".")[0]
    )
    turn -= turn // ODD_BODY_EVERY if method == "POST" else 0
    return Planned(rule, method, [own[(turn * AT_ONCE + at) % len(own)] for at in range(AT_ONCE)])


def test_the_names_of_fields_and_arguments_are_found() -> None:
    assert {"q", "from", "to", "sort", "email", "password", "reason", "entry", "target"} <= set(known_names())


def test_every_address_is_asked_with_every_name_of_its_feature(app: Flask) -> None:
    asked: dict[tuple[str, str], set[str]] = {}
    for one in plan(app, REQUESTS):
        asked.setdefault((one.rule.endpoint, one.method), set()).update(one.names)

    for rule, method in rules(app):
        module = app.view_functions[rule.endpoint].__module__
        own = set(names_of_feature(module.removeprefix("portal.web.").split(".")[0]))
        assert own == asked[rule.endpoint, method], (rule.rule, method)


class Fuzz:
    """Makes odd requests at random."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)

    def send(self, client: CheckingClient, one: Planned) -> tuple[str, int, bytes, str]:
        """Send one request. Return what was asked, the status, the body and where it leads."""
        given: dict[str, object] = {"headers": self.random.choice(HEADERS)}
        pairs = self.pairs(one.names)
        address = self.address(one.rule)

        if one.method == "POST":
            given |= self.form(pairs) if one.names else self.odd_body()
            pairs = self.pairs(self.random.choices(known_names(), k=3)) if self.random.random() < 0.5 else ""

        if pairs:
            address = f"{address}?{pairs}"

        answer = client.open(address, method=one.method, **given)
        return (
            f"{one.method} {address} {given!r}",
            answer.status_code,
            answer.get_data(),
            answer.headers.get("Location", ""),
        )

    def address(self, rule: Rule) -> str:
        """Fill an address with rows that are there, sometimes with odd names instead."""
        if self.random.random() < 0.6:
            return self.world.address(rule)
        odd = {name: self.random.choice(ODD) for name in rule.arguments}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: spell(odd[found[1]]), rule.rule)
        return path or "/"

    def pairs(self, names: Sequence[str]) -> str:
        """Write names with odd values, one of them sometimes twice."""
        twice = names[:1] if self.random.random() < 0.2 else ()
        return "&".join(f"{spell(name)}={spell(self.random.choice(ODD))}" for name in (*names, *twice))

    def form(self, pairs: str) -> dict[str, object]:
        """Send a form."""
        return {"data": pairs, "content_type": "application/x-www-form-urlencoded"}

    def odd_body(self) -> dict[str, object]:
        """Write something that is no form, or not whole."""
        return self.random.choice(
            [
                {"data": b"\xff\xfe\x00", "content_type": "application/octet-stream"},
                {"data": b'{"a": [1, {"b": null}]}', "content_type": "application/json"},
                {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
                {"data": b"=&&=%&%%=;", "content_type": "application/x-www-form-urlencoded"},
            ]
        )


def spell(text: str) -> str:
    """Spell a value for an address or a form, half letters too."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def memory() -> int:
    """Return the most memory that the process had until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("part", range(PARTS))
def test_no_odd_request_breaks_the_portal_or_shows_what_is_hidden(world: World, part: int) -> None:
    fuzz = Fuzz(world, seed=part)
    everything = world.people[Role.ADMINISTRATOR, "everything"]
    elsewhere = world.people[Role.ADMINISTRATOR, "other books"]
    tokens = {client: cookie_of(client) for client in (everything, elsewhere)}
    each = REQUESTS // PARTS
    half = turned_away = 0

    for number, one in enumerate(plan(world.app, REQUESTS)[part * each : (part + 1) * each]):
        client = fuzz.random.choice((everything, elsewhere))
        asked, status, body, leads = fuzz.send(client, one)
        assert status < 500 or UNWELL.intersection(re.split("[ ?]", asked)), (asked, status)
        assert client is everything or CANARY.encode() not in body, asked
        assert len(body) < LARGEST_ANSWER, asked

        # Somebody who signed out would see nothing any more.
        out = leads.startswith("/sign-in")
        turned_away += out
        if out or number % RESTORED_EVERY == 0:
            world.restore()
            for person, token in tokens.items():
                person.set_cookie(COOKIE, token)

        half = memory() if number == each // 2 else half

    assert turned_away < each / 10
    assert memory() < half * GROWTH


def cookie_of(client: CheckingClient) -> str:
    """Return what a person's browser holds."""
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value
