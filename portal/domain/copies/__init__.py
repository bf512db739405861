"""What a copy may do: change, credit, undo, fail."""
