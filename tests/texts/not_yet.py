"""Sentences that are still kept as sentences, so that nobody can say them in another language."""

# Each becomes a code with its values, and then its line goes. None may come: the tests count them.
COLUMNS = ("copy.trouble",)
# What pages say by sentences of the domain, as patterns.
SENTENCES = (
    r"Period closed \(\d+\)",
    r"Sign in at Exact again\.",
    r"This invoice was deleted in Productive\. There is nothing to copy\.",
    r"The tax rate .+ has no VAT code\. Map it, or choose a VAT code here\.",
    r"The service type .+ has no ledger account\. Map it, or choose a ledger code here\.",
    r"The number .+ has \d+ characters, and Exact takes \d+\. Shorten it in Productive\.",
)
MOST_COLUMNS = 1
MOST_SENTENCES = 6
