"""What the portal remembers: one file per table family."""
