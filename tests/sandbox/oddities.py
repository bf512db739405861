"""Odd values, bodies and headers as data: whoever finds another one adds a line."""

from random import Random

LONG = "x" * 5000


def nested(levels: int) -> object:
    """A list in a list in a list."""
    value: object = "deep"
    for _ in range(levels):
        value = [value]
    return value


VALUES: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    2**63,
    2**64,
    10**30,
    10**300,
    -(10**30),
    0.33,
    -0.0,
    1e22,
    1e300,
    5e-324,
    "",
    " ",
    "0",
    "-5",
    "1.5",
    "²",
    "١٢٣",
    "１２",
    "1_000",
    "0x10",
    "1e999999",
    "-1e-999999",
    "9" * 4400,
    "NaN",
    "sNaN",
    "-Infinity",
    "abc",
    "Null\x00byte",
    "\x1b[31m",
    "🇧🇪" * 20,
    "\ufeff\u202e\u200b",
    "'; DROP TABLE x --",
    "{{ 7 * 7 }}<script>",
    "2026-02-30",
    "2026-01-31T00:00:00+25:00",
    "9999-12-31",
    "9999-12-31T23:59:59.999999-14:00",
    "0001-01-01",
    "0001-01-01T00:00:00+14:00",
    "20260131",
    "/Date(99999999999999999999)/",
    "/Date(-62135596800001)/",
    "/Date(253402300800000)/",
    "/Date(0+9999)/",
    "00000000-0000-0000-0000-000000000000",
    "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
    "not-a-guid",
    LONG,
    [],
    {},
    [None],
    [[1, {"a": []}]],
    {"id": "1", "type": "people"},
    {"__deferred": {"uri": "http://x"}},
    {"results": [1]},
    {"": ""},
    nested(30),
)

# What no client means, and some that are no JSON at all.
BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"5",
    b'"text"',
    b"[]",
    b"[1, 2]",
    b"{}",
    b"{",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": "\\ud800"}',
    b'{"a": 1e400}',
    b'{"a": ' + b"9" * 6000 + b"}",
    b"[" * 5000,
    b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b"\xff\xfe\x00",
    b"a=1&b=2",
    b"<xml/>",
    b'{"data": null}',
    b'{"data": []}',
    b'{"data": {"attributes": [], "relationships": 5}}',
    b'{"data": {"type": "invoices", "attributes": {"x": 1}, "relationships": {"invoice": {"data": [1]}}}}',
    b"\x00" * 100,
)
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/vnd.api+json",
    "application/vnd.api+json; ext=bulk",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "²/²",
    "",
)
ACCEPTS = (
    "application/json",
    "application/vnd.api+json",
    "application/atom+xml",
    "*/*",
    "text/html",
    "",
    ";;;,,,",
    "application/json;q=abc",
    "²",
)
HEADERS = (
    ("Prefer", "return=representation"),
    ("Prefer", "²"),
    ("X-Feature-Flags", "filteringSkipDatetimeCastToDate"),
    ("X-Organization-Id", "²"),
    ("Host", "x y"),
    ("Host", ""),
    ("Content-Length", "abc"),
    ("Content-Encoding", "gzip"),
    ("Authorization", "Bearer"),
    ("Authorization", "Basic ²"),
    ("If-Modified-Since", "yesterday"),
    ("Range", "bytes=a-b"),
    ("Cookie", "=;=;" * 50),
    ("CustomDescriptionLanguage", "²"),
)


def pick_headers(random: Random, usual: dict[str, str]) -> dict[str, str]:
    """Mostly the usual headers, now and then an odd one."""
    headers = dict(usual)
    if random.random() < 0.1:
        headers["Accept"] = random.choice(ACCEPTS)
    if random.random() < 0.1:
        headers["Content-Type"] = random.choice(CONTENT_TYPES)
    if random.random() < 0.1:
        name, value = random.choice(HEADERS)
        headers[name] = value
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}
