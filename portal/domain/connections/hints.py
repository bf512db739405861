"""What a webhook may hint at: look there earlier. No hint is needed, and none is believed further."""

from dataclasses import dataclass

ACCOUNTS = "Accounts"
SALES_ENTRIES = "SalesEntries"
RECEIPTS = ("BankEntries", "CashEntries", "GeneralJournalEntries")
# Exact has no topic for matching; these are booked when money comes, or when somebody edits an entry.
TOPICS = (ACCOUNTS, SALES_ENTRIES, *RECEIPTS)


@dataclass(frozen=True, slots=True)
class ExactHint:
    """Something changed in a division of these country sites."""

    locales: tuple[str, ...]
    division: int
    topic: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that Exact sends: its id, topic and address."""

    id: str
    topic: str
    url: str
