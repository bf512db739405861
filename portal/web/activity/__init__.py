"""Activity: what needs attention, and everything that happened."""
