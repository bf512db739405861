"""The links of a connection as their page shows them, and the filters above it."""

from dataclasses import dataclass
from enum import StrEnum

from flask import request
from flask_babel import gettext as _

from portal.actions.customers.finder import read_signs
from portal.domain.customers.evidence import CUSTOMER_STATUS
from portal.domain.customers.signs import Sign
from portal.domain.customers.states import LinkOrigin
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import CompanyLink
from portal.web.common.clock import today
from portal.web.common.texts import row_number

LINKS_PER_PAGE = 25


class LinkFilter(StrEnum):
    """Which links are shown."""

    ALL = "all"
    BY_PORTAL = "portal"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which links the address asks for."""

    only: LinkFilter
    query: str
    page: int

    def cut(self, lines: "list[LinkLine]") -> "list[LinkLine]":
        """Return the lines of the page."""
        return lines[(self.page - 1) * LINKS_PER_PAGE : self.page * LINKS_PER_PAGE]


def read_asked() -> Asked:
    """Read the filter, the search and the page from the address."""
    page = max(request.args.get("page", 1, type=row_number), 1)
    return Asked(read_filter(request.args.get("show")), request.args.get("q", "").strip(), page)


def read_filter(text: str | None) -> LinkFilter:
    """Read a filter. What is none shows all."""
    return LinkFilter(text) if text in list(LinkFilter) else LinkFilter.ALL


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link as the page shows it. ``problem`` says why its customer cannot be used."""

    found: CompanyLink
    signs: tuple[Sign, ...]
    problem: str | None

    @property
    def by_portal(self) -> bool:
        """Say whether the portal decided it."""
        return self.found.link.how is LinkOrigin.CERTAIN

    def is_shown(self, asked: Asked) -> bool:
        """Say whether the filter and the search leave it in the list."""
        if asked.only is LinkFilter.BY_PORTAL and not self.by_portal:
            return False
        if asked.only is LinkFilter.OPEN and self.problem is None:
            return False

        customer = self.found.customer
        text = f"{self.found.company} {customer.name} {customer.code}" if customer else self.found.company
        return asked.query.casefold() in text.casefold()


def read_line(found: CompanyLink) -> LinkLine:
    """Prepare a link for the page."""
    return LinkLine(found, read_signs(found.link.evidence), say_problem(found.customer))


def say_problem(customer: CustomerRow | None) -> str | None:
    """Say why a customer cannot be used. None where it can."""
    if customer is None or customer.deleted:
        return str(_("No longer in Exact. Choose another."))
    if customer.blocked:
        return str(_("Blocked in Exact. Unblock it there, or choose another."))
    if customer.status.strip() != CUSTOMER_STATUS:
        return str(_("Not a customer in Exact. Give it the status Customer there, or choose another."))
    if customer.ended_on and customer.ended_on < today():
        return str(_("Ended in Exact. Clear the end date there, or choose another."))

    return None
