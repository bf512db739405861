"""A trial in a person's own test division: wish, steps, and removing again what was made."""
