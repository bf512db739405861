"""Settings › Limits: what is left of the limits of both services."""
