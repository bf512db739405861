"""What runs in the worker: each job is one call to one action."""
