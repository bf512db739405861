"""Rules: what is copied by itself once it is ready."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

# The name under which what a rule asked for stands in lists. What decides is the run's ``rule_id``.
RULE = "Rule"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ready invoice that nobody has touched. ``amount`` is its total in cents."""

    invoice_id: str
    company_id: str
    invoiced_on: date
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule copies: from a day, up to an amount in a currency, of all companies or of these."""

    since: date
    most: int | None
    currency: str
    companies: Collection[str] | None

    def cover(self, invoice: Candidate) -> bool:
        """Say whether the rule copies an invoice."""
        if invoice.invoiced_on < self.since:
            return False

        if self.companies is not None and invoice.company_id not in self.companies:
            return False

        # An amount in another currency cannot be held beside the most, so a person decides.
        return self.most is None or (invoice.currency == self.currency and abs(invoice.amount) <= self.most)
