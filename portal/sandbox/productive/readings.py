"""The other readings of Productive: what the real one may do where nobody has confirmed it."""

from collections.abc import Mapping

READINGS: Mapping[str, str] = {
    "productive-rights": "the token may not read tax rates",
    "productive-fields": "lines come without amount_tax",
    "productive-changes": "a payment does not move last_activity_at of its invoice",
    "productive-mark": "a sent invoice takes no mark as exported",
    "productive-unmark": "an export_id that is set stays",
    "payment-made": "the note of a new payment is dropped",
    "payment-changed": "the amount and note of a payment stay, unless it becomes a write-off",
    "payment-written-off": "a payment does not become a write-off",
    "payment-removed": "a payment cannot be removed",
}
