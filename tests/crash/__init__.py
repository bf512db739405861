"""Kill the worker everywhere, drop every answer, click fifty times: what both sides hold after it."""
