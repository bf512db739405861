"""Another moment than now for a whole test run."""
