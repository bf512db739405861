"""Webhooks of Exact and Productive."""
