"""Copies of invoices: wished, made, updated, credited, undone and held."""
