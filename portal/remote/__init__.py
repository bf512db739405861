"""What every remote API shares: errors, transport, pace and tokens."""
