"""Exact's webhooks: whether one is genuine, and what it is about. Nothing else of it is believed."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated

import msgspec

from portal.domain.connections.hints import ExactHint

# A division is a number of 32 bits.
LARGEST = 2**31 - 1
BEGIN = b'{"Content":'
BETWEEN = b',"HashCode":"'
END = b'"}'


class _Content(msgspec.Struct):
    """The part of a webhook that is read."""

    topic: str = msgspec.field(name="Topic")
    division: Annotated[int, msgspec.Meta(ge=0, le=LARGEST)] = msgspec.field(name="Division")


def read_hook(body: bytes, secrets: Mapping[str, str]) -> ExactHint | None:
    """Return what a genuine webhook points at, by the country whose secret signed it, or None for any other.

    Exact signs the bytes of ``Content`` as they stand. So they are cut out, and not read and written again.
    """
    body = body.strip()
    content, found, code = body.removeprefix(BEGIN).rpartition(BETWEEN)
    if not (body.startswith(BEGIN) and found and code.endswith(END)):
        return None

    given = code.removesuffix(END)
    # All are compared, so that the time tells nothing.
    signed_by = [
        locale for locale, secret in secrets.items() if hmac.compare_digest(_sign(content, secret), given)
    ]
    if not signed_by:
        return None

    try:
        told = msgspec.json.decode(content, type=_Content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None

    return ExactHint(tuple(signed_by), told.division, told.topic)


def _sign(content: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest().upper().encode()
