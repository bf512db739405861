"""What the portal assumes of Exact and Productive, and how a trial finds out."""
