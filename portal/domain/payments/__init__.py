"""From Exact's receivable terms to Productive's payments."""
