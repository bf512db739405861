"""From an invoice to a sales entry."""
