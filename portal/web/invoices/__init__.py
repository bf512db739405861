"""The invoice list and the invoice page."""
