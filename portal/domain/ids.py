"""Ids that outlive a crash: a copy's id and the marker its remote writes carry."""

import base64
import re
import uuid

MARKER = re.compile(r"\[([A-Z2-7]{8})\]")


def new_id() -> str:
    """Return a fresh random id, 32 hex characters."""
    return uuid.uuid4().hex


def marker_of(copy_id: str) -> str:
    """Return the 8 base32 characters by which a copy's remote writes are found again."""
    return base64.b32encode(bytes.fromhex(copy_id)[:5]).decode()


def tag_of(marker: str) -> str:
    """Spell a marker as it stands in a note: ``[ABCDEFGH]``."""
    return f"[{marker}]"


def find_marker(text: str | None) -> str | None:
    """Return the first marker in a note, None without one."""
    found = MARKER.search(text or "")
    return found.group(1) if found else None
