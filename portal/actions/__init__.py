"""What the finance team does: one module per verb, each owning its transaction."""
