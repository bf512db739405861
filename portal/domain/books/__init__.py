"""Both books side by side."""
