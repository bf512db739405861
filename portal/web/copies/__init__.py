"""The copy dialog and its progress."""
