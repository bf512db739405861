"""Productive's JSON:API: its client and its spelling."""
