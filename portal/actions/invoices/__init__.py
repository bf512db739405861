"""Invoices as Productive has them."""
