"""The stories as a person sees them, in Chromium."""
