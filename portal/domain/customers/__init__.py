"""When a customer is taken for the same."""
