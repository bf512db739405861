"""How much needs somebody, for the navigation: counted in one query with the rest of the frame."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select

from portal.domain.copies.standing import STUCK, Standing
from portal.domain.payments.states import PaymentView
from portal.store.invoice_tallies import BY_STANDING
from portal.store.needs import KEPT_NEEDS
from portal.store.payment_tallies import BY_VIEW, of_subsidiaries
from portal.store.runs import needing_runs
from portal.store.tallies import Tally, add_up

Scope = tuple[str, ...] | None
NEEDS_SOMEBODY = (*STUCK, Standing.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Signals:
    """How many invoices, mappings and payments need somebody, and runs that ended with some that do."""

    invoices: int
    mappings: int
    payments: int
    runs: int = 0

    @property
    def by_page(self) -> dict[str, int]:
        """Return what stands beside each page's name."""
        return {
            "invoices": self.invoices,
            "mappings": self.mappings,
            "payments": self.payments,
            "activity": self.runs,
        }

    @property
    def total(self) -> int:
        """Return how much there is in all. What lacks a mapping, or a run left, is an invoice."""
        return self.invoices + self.payments


def counts_of(scope: Scope) -> tuple[ScalarSelect[int], ...]:
    """Count in SQL what needs somebody in these subsidiaries, None for all, in the order of ``Signals``."""
    return _invoices(scope), _mappings(scope), _payments(scope), needing_runs(scope)


def _within(tally: Tally, scope: Scope) -> list[ColumnElement[bool]]:
    """Narrow a kept count to some subsidiaries."""
    return [] if scope is None else [tally.c.subsidiary_id.in_(scope)]


def _invoices(scope: Scope) -> ScalarSelect[int]:
    mine = (BY_STANDING.c.standing.in_(NEEDS_SOMEBODY), *_within(BY_STANDING, scope))
    return select(add_up(BY_STANDING.c["rows"])).where(*mine).scalar_subquery()


def _mappings(scope: Scope) -> ScalarSelect[int]:
    """Count the service types and tax rates that keep an invoice from being copied."""
    kinds = (KEPT_NEEDS.c.subject.startswith(f"{kind}:") for kind in ("service", "tax"))
    lacking = KEPT_NEEDS.read("subject", where=(or_(*kinds), *_within(KEPT_NEEDS, scope))).subquery()
    return select(func.count()).select_from(lacking).scalar_subquery()


def _payments(scope: Scope) -> ScalarSelect[int]:
    # What waits for its invoice to be marked as sent goes on by itself, and has no month to decide in.
    needs_somebody = or_(BY_VIEW.c.decide_month.is_not(None), BY_VIEW.c.view == PaymentView.REFUSED)
    mine = of_subsidiaries(BY_VIEW, scope)
    return select(add_up(BY_VIEW.c["rows"])).where(needs_somebody, *mine).scalar_subquery()
