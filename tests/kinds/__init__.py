"""Kinds of input that went wrong elsewhere, as plain data that a reader can extend."""
