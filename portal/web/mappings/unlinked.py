"""The companies without a customer, with who they may be, and the own VAT codes of one company."""

from dataclasses import dataclass

from flask import abort

from portal.actions.customers.suggest import CustomerSuggestion, read_suggestions
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.suggest import Suggested
from portal.domain.customers.signs import Sign
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import TaxRateRow, own_codes_of, tax_rates_of
from portal.store.unlinked import UnlinkedCompany, unlinked_companies
from portal.web.common.clock import today
from portal.web.mappings.targets import Choice, vat_choices

MOST_COMPANIES = 25
BETWEEN = "/"


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """A company without a customer, and who it may be."""

    company: UnlinkedCompany
    found: CustomerSuggestion | None
    is_weighed: bool = True

    @property
    def suggested(self) -> Customer | None:
        """Return the one customer that one click accepts."""
        is_one = self.found is not None and isinstance(self.found.suggestion, Suggested)
        return self.found.customer if self.found and is_one else None

    @property
    def is_certain(self) -> bool:
        """Say whether the evidence leaves no doubt."""
        return self.found is not None and self.found.is_certain

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Return what speaks for and against it."""
        return self.found.signs if self.found else ()

    @property
    def equals(self) -> list[str]:
        """Return the names of those between whom a person must choose."""
        candidates = self.found.candidates if self.found and self.suggested is None else ()
        return [f"{each.customer.code.strip()} {each.customer.name}" for each in candidates]

    @property
    def accepted(self) -> str:
        """Spell the suggestion as a form sends it."""
        return f"{self.company.company_id}{BETWEEN}{self.suggested.id if self.suggested else ''}"


def shown_companies(row: ConnectionRow) -> dict[str, object]:
    """Return the companies of invoices to copy that have no customer, the certain ones first."""
    companies = unlinked_companies(db.session(), row, MOST_COMPANIES)
    found = read_suggestions(db.session(), row, companies, today=today())
    lines = [
        CompanyLine(company, found.get(company.company_id), company.company_id in found)
        for company in companies
    ]
    lines.sort(key=lambda line: (not line.is_certain, line.suggested is None))
    return {"companies": lines, "certain": [line for line in lines if line.is_certain]}


def read_accepted(text: str) -> tuple[str, str]:
    """Read which company is which customer, as a form sends it."""
    company_id, between, customer_id = text.partition(BETWEEN)
    return (company_id, customer_id) if between and customer_id else abort(404)


@dataclass(frozen=True, slots=True)
class OwnRate:
    """A tax rate, and the VAT code that a company has of its own for it."""

    rate: TaxRateRow
    target: str | None
    choices: list[Choice]


def own_rates(row: ConnectionRow, company_id: str) -> list[OwnRate]:
    """Return the tax rates of a connection with the own codes of a company."""
    codes = {
        own.source_id: own.target
        for own in own_codes_of(db.session(), row.id)
        if own.company_id == company_id
    }
    choices = vat_choices(read_stored_catalogue(db.session(), row.id))
    rates = tax_rates_of(db.session(), row.subsidiary_id)
    return [
        OwnRate(rate, codes.get(rate.id), choices) for rate in rates if not rate.archived or rate.id in codes
    ]
