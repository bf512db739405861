"""What another link did before the portal came: which entry in Exact it says it booked for an invoice."""

from datetime import date, timedelta
from uuid import UUID, uuid5

_NAMESPACE = UUID("b7f7a0b4-6a0e-4a52-8a54-0f9b7a6f3c21")


def entry_of(number: str) -> str:
    """Return the id of the entry that the other link booked under a number."""
    return str(uuid5(_NAMESPACE, number))


def long_ago(today: date) -> tuple[str, str]:
    """Return the numbers of two invoices that were copied long ago: of the year that last month was in."""
    last_month = today.replace(day=1) - timedelta(days=1)
    return f"K-{last_month.year}-0003", f"K-{last_month.year}-0004"
