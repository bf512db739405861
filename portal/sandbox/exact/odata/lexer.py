"""Cuts a ``$filter`` into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.sandbox.exact.errors import bad_request
from portal.sandbox.exact.store import Value

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<guid>guid'[^']*') | (?P<moment>datetime'[^']*') | (?P<text>'(?:[^']|'')*')
    | (?P<long>-?[0-9]{1,30}L) | (?P<number>-?[0-9]{1,30}(?:\.[0-9]{1,30})?[dDmM]?(?![\w-]))
    | (?P<name>[A-Za-z_][\w/]*)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a filter. ``kind`` is a field's kind for literals, else ``name`` or ``mark``."""

    kind: str
    text: str
    value: Value = None


def syntax_error(text: str) -> Exception:
    """The filter cannot be read: 400."""
    return bad_request(f"Syntax error in the $filter: {text}")


def each_token(text: str) -> Iterator[Token]:
    """The tokens of a filter."""
    place = 0
    text = text.strip()

    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise syntax_error(f"unexpected character at position {place}")

        place = found.end()
        yield _read_token(str(found.lastgroup), found.group(str(found.lastgroup)))


def _read_token(kind: str, text: str) -> Token:
    try:
        match kind:
            case "guid":
                return Token("g", text, str(UUID(text[5:-1])))
            case "moment":
                return Token("t", text, datetime.fromisoformat(text[9:-1]).replace(tzinfo=None))
            case "text":
                return Token("s", text, text[1:-1].replace("''", "'"))
            case "long":
                return Token("l", text, int(text[:-1]))
            case "number":
                return Token("d", text, Decimal(text.rstrip("dDmM")))
    except ValueError:
        raise syntax_error(f"{text} is no valid literal") from None

    if text in ("true", "false"):
        return Token("b", text, text == "true")

    return Token("null", text) if text == "null" else Token(kind, text)
