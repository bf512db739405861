"""Your account, and the switch between subsidiaries."""
