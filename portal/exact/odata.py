"""Exact's OData dialect: how values and queries are spelt, and how its envelopes are read."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import cast
from urllib.parse import quote, urljoin, urlsplit
from uuid import UUID

import msgspec

from portal.domain.characters import clean
from portal.remote.bodies import MOST_INTEGER_DIGITS
from portal.remote.errors import BadAnswerError

Json = Mapping[str, object]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where something else stands among the rows, it becomes a row with this field alone, which nobody can read.
NO_ROW = "no row"
_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Page(msgspec.Struct, frozen=True):
    """The rows of one answer and the link to the next."""

    rows: list[Json]
    next: str | None = None


def quote_text(value: str) -> str:
    """Spell a string literal, its quotes doubled."""
    return "'" + value.replace("'", "''") + "'"


def quote_guid(value: str) -> str:
    """Spell a GUID literal. Raise ValueError for any other text."""
    return f"guid'{UUID(value)}'"


def quote_int64(value: int) -> str:
    """Spell an Int64 literal."""
    return f"{value}L"


def all_of(*conditions: str) -> str:
    """Join conditions by ``and``, without the empty ones."""
    return " and ".join(condition for condition in conditions if condition)


def spell_query(path: str, options: Mapping[str, str]) -> str:
    """Put ``$``-options behind a path, percent-encoded, and leave out the empty ones."""
    told = [f"${name}={quote(value, safe='/,()')}" for name, value in options.items() if value]
    return f"{path}?{'&'.join(told)}" if told else path


def spell_key(path: str, guid: str) -> str:
    """Address one row by its GUID."""
    return f"{path}({quote_guid(guid)})"


def spell_date(value: date) -> str:
    """Spell a day as bodies want it: no zone."""
    return value.isoformat()


def spell_body(body: Json) -> bytes:
    """Spell a JSON body, its texts clean. Decimals become numbers with the digits they have."""
    return _ENCODER.encode(_cleaned(body))


def _cleaned(value: object) -> object:
    """Clean what people typed, too: nothing that nobody sees goes into the books."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _cleaned(each) for name, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def quote_moment(value: datetime) -> str:
    """Spell a moment literal. It has no zone, as Exact's own clock has none."""
    return f"datetime'{value.replace(microsecond=0, tzinfo=None).isoformat()}'"


def read_date(value: object) -> date:
    """Read the day of ``/Date(ms)/``. Days are midnight in UTC and are never shifted."""
    return read_moment(value).date()


def read_moment(value: object) -> datetime:
    """Read ``/Date(ms)/`` as the wall clock it shows, without a zone. Raise BadAnswerError."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadAnswerError(f"{value!r} is not a date.")

    try:
        return (EPOCH + timedelta(milliseconds=int(found.group(1)))).replace(tzinfo=None)
    except OverflowError:
        raise BadAnswerError(f"{value!r} is not a date.") from None


def read_integer(value: object) -> int:
    """Read a number that may come as text, as Int64 does. Raise BadAnswerError otherwise."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value.strip()):
        return int(value)

    whole = isinstance(value, int) or (
        isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()
    )
    huge = isinstance(value, Decimal) and value.adjusted() > MOST_INTEGER_DIGITS
    if isinstance(value, bool) or not whole or huge:
        raise BadAnswerError(f"{value!r} is not a whole number.")

    return int(cast(int, value))


def read_page(body: object) -> Page:
    """Open any envelope: a list with or without ``results``, or a single row. Raise BadAnswerError."""
    if not isinstance(body, Mapping) or "d" not in body:
        raise BadAnswerError("The answer has no envelope.")
    return read_collection(body["d"])


def read_collection(content: object) -> Page:
    """Read the inside of an envelope or of an expanded property."""
    link: object = None
    rows: object = [content] if isinstance(content, Mapping) else None

    if isinstance(content, list):
        rows = content
    elif isinstance(content, Mapping) and "results" in content:
        rows = content["results"]
        link = content.get("__next")

    if not isinstance(rows, list):
        raise BadAnswerError("The answer holds something else than rows.")
    if not isinstance(link, str | None):
        raise BadAnswerError("The link to the next page is no link.")

    return Page([row if isinstance(row, Mapping) else {NO_ROW: row} for row in rows], link)


def find_expanded(content: object) -> Sequence[Json] | None:
    """Return the rows of an expanded property, or None if it is deferred, absent or cut off at a page."""
    if content is None or (isinstance(content, Mapping) and "__deferred" in content):
        return None
    page = read_collection(content)
    return None if page.next else page.rows


def follow(url: str, link: str) -> str:
    """Return the address of the next page, which must be another one at the same site: it gets our token."""
    target = urljoin(url, link)
    here = urlsplit(url)
    there = urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise BadAnswerError(f"The next page is at another site: {there.netloc}.")
    if target == url:
        raise BadAnswerError("The next page is the same page.")

    return target
