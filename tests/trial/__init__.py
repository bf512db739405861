"""A trial against both sandboxes, each turned to every other reading."""
