"""Productive's webhooks: whether one is genuine. What it says is not read, for it is only a hint."""

import hashlib
import hmac
import re
from collections.abc import Sequence

_SIGNATURE = re.compile(r"t=(\d{1,20}),\s*s=([0-9a-f]{64})")


def is_genuine(body: bytes, header: str, tokens: Sequence[str]) -> bool:
    """Say whether the ``Productive-Signature`` is that of one of our webhooks over the raw bytes.

    Its age is not looked at: a replay only lets the portal look once more.
    """
    found = _SIGNATURE.fullmatch(header.strip())
    if found is None:
        return False

    signed = found.group(1).encode() + b"." + body
    given = found.group(2)
    # All are compared, so that the time tells nothing.
    fits = [
        hmac.compare_digest(hmac.new(token.encode(), signed, hashlib.sha256).hexdigest(), given)
        for token in tokens
    ]

    return any(fits)
