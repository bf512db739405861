"""Settings › Rules: what is copied by itself."""
