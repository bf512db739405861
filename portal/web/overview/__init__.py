"""Overview: one month in five lines, its sign-off, and the way to the first entry."""
