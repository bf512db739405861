"""The demo: both sandboxes, the portal and its data."""
