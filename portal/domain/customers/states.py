"""How the customer of a company was decided."""

from enum import StrEnum


class LinkOrigin(StrEnum):
    """How it was decided which customer a company is."""

    CERTAIN = "certain"
    CHOSEN = "chosen"
    CREATED = "created"
    ENTRY = "entry"
    UNKNOWN = "unknown"
