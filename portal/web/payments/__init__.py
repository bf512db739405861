"""Payments: what came back from Exact."""
