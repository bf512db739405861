"""What is taken over after a database was restored."""
