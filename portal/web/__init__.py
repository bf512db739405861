"""HTTP in, HTML out: one folder per feature."""
