"""Exact Online's REST API: its client, its OAuth and its spelling."""
