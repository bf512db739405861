"""Entries of somebody else's under an invoice's number: seen in the dialog and on the page, and settled."""
