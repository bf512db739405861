"""Tests of the two sandboxes."""
