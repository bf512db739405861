"""Tests of the Productive sandbox."""
