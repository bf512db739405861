"""Finance rules in plain Python: no I/O, no clock, no framework."""
