"""Payments: what Exact received, recorded in Productive."""
