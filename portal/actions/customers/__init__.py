"""Customers: read from Exact, and linked to companies in Productive."""
