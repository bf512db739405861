"""Trials in a test division: the wish, how far one is, and what it saw."""
