"""The live request of pages that have no other."""
