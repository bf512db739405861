"""Settings › Users."""
