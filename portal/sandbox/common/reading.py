"""Reads what comes from outside, however odd it is: JSON and whole numbers."""

import re

import msgspec

MOST_LEVELS = 64
_WHOLE = re.compile(r"[0-9]{1,18}")


def parse_json(data: bytes) -> object:
    """The value that the text stands for. Raises ``ValueError`` if it is no JSON or nested beyond reason.

    There is no NaN, no number that no machine holds, and no half of a character in it.
    """
    try:
        value: object = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError("This is no JSON.") from None

    if not _is_shallow(value):
        raise ValueError("This is nested too deeply.")

    return value


def parse_whole(text: object) -> int | None:
    """The number that 1 to 18 plain digits stand for, else nothing: other scripts have digits too."""
    found = _WHOLE.fullmatch(text) if isinstance(text, str) else None
    return int(found[0]) if found else None


def parse_id(value: object) -> int | None:
    """A number, or a text of plain digits, else nothing."""
    if isinstance(value, bool) or not isinstance(value, int):
        return parse_whole(value)
    return value


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [member for each in level for member in _members_of(each)]
        if not level:
            return True
    return False


def _members_of(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
