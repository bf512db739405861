"""What Exact's refusals mean. Its own words are kept, in the language of the user."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from portal.domain.failed import Failed
from portal.domain.said import Said, said
from portal.exact.limits import read_asked_wait, read_retry_at
from portal.remote.answers import error_of
from portal.remote.clock import read_header
from portal.remote.errors import RemoteError, Vendor
from portal.remote.transport import Answer

LONGEST_PLAIN_TEXT = 300
SIGNED_OUT = said(Failed.NOT_ACCEPTED)


def find_words(answer: Answer) -> str | None:
    """Return Exact's reason, or None if the body is not Exact's own. Several faults are several lines."""
    message = _read_message(answer.text)
    lines = [line.strip() for line in (message or "").splitlines()]
    return "\n".join(line for line in lines if line) or None


def _read_message(body: str) -> str | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None

    for key in ("error", "message", "value"):
        parsed = parsed.get(key) if isinstance(parsed, Mapping) else None

    return parsed if isinstance(parsed, str) else None


def find_reason(answer: Answer) -> str | None:
    """Return the reason wherever it stands: the body, a header, or a short plain text."""
    told = find_words(answer) or read_header(answer.headers, "Reason")
    if told or answer.status >= 500:
        return told
    if answer.status == 401:
        return _read_challenge(answer)

    plain = answer.text.strip()
    return plain if 0 < len(plain) <= LONGEST_PLAIN_TEXT and plain[0] not in "<{[" else None


def _read_challenge(answer: Answer) -> str | None:
    """Return the reason in ``WWW-Authenticate``. The name of a scheme alone, or a realm, is none."""
    told = unquote(read_header(answer.headers, "WWW-Authenticate") or "").strip()
    for name in ("error_description", "error"):
        named = re.search(rf'\b{name}="([^"]*)"', told)
        # A code of OAuth, such as invalid_token, says nothing to a person.
        if named and not re.fullmatch(r"[a-z_]*", named[1].strip()):
            return named[1].strip()

    words = re.sub(r'\b\w+="[^"]*",?', "", told)
    words = re.sub(r"^(?:Bearer|Basic|Digest|Negotiate|NTLM)\b", "", words.strip(), flags=re.IGNORECASE)
    return words.strip(" ,") or None


def fault_of(answer: Answer, now: datetime) -> RemoteError | None:
    """Return the failure that an answer stands for, or None for a success. ``now`` is on our clock."""
    words: str | Said | None = find_words(answer) if answer.status >= 500 else find_reason(answer)
    if answer.status == 401:
        words = words or SIGNED_OUT
    return error_of(answer, vendor=Vendor.EXACT, words=words, retry_at=_retry_at(answer, now))


def _retry_at(answer: Answer, now: datetime) -> datetime | None:
    """Return when Exact wants to be asked again, None where it does not say."""
    if answer.status == 429:
        return read_retry_at(answer.headers, now)
    asked = read_asked_wait(answer.headers, answer.status)
    return None if asked is None else now + asked


def says_expired(answer: Answer) -> bool:
    """Say whether a call was refused because its access token is expired, so before any work."""
    told = unquote(read_header(answer.headers, "WWW-Authenticate") or "") + answer.text
    return answer.status == 401 and "expired" in told.lower()
