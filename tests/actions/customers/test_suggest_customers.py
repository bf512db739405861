"""Which customer is suggested for a company, by the evidence, and what accepting it does."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from portal.actions.copies.customer import customer_row
from portal.actions.customers.change_link import CannotLinkError, LinkedCompany
from portal.actions.customers.suggest import (
    CustomerSuggestion,
    accept_customer,
    accept_customers,
    read_suggestions,
    suggest_customer,
)
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.suggest import Because, Reason, Suggested, Tie
from portal.domain.customers.signs import Sign
from portal.domain.customers.states import LinkOrigin
from portal.store.catalogue import keep_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow, find_link
from portal.store.invoices import keep_invoice
from portal.store.proposals import Proposed, keep_proposals
from portal.store.unlinked import unlinked_companies
from tests.actions.office import Office
from tests.fakes import a_customer

VAT = "NL004495445B01"
KLANT = BillTo("Klant B.V.", vat=VAT, country="Netherlands")


@pytest.fixture
def connection(office: Office) -> ConnectionRow:
    office.session.query(CustomerLinkRow).delete()
    office.session.commit()
    return office.session.get_one(ConnectionRow, office.connection_id)


def in_exact(office: Office, name: str, **given: object) -> Customer:
    customer = a_customer(name, **({"vat_number": None, "country": "NL"} | given))
    office.session.add(customer_row(office.connection_id, customer))
    office.session.commit()
    return customer


def made_out_to(office: Office, bill_to: BillTo) -> str:
    invoice = replace(office.billing.invoices["105"], bill_to=bill_to)
    keep_invoice(office.session, invoice, office.now)
    office.session.commit()
    return invoice.company_id


def who(office: Office, company_id: str) -> LinkedCompany:
    return LinkedCompany(office.connection_id, company_id, "Anna", office.now)


def test_a_certain_customer_is_suggested_with_its_evidence(office: Office, connection: ConnectionRow) -> None:
    klant = in_exact(office, "Klant B.V.", vat_number=VAT)
    company = made_out_to(office, KLANT)
    found = suggest_customer(office.session, connection, company, today=office.now.date())
    assert found is not None
    assert isinstance(found.suggestion, Suggested)
    assert (found.suggestion.target, found.is_certain) == (klant.id, True)
    assert Sign.SAME_VAT in found.signs


def test_a_likely_customer_is_suggested_but_not_certain(office: Office, connection: ConnectionRow) -> None:
    klant = in_exact(office, "Klant Nederland B.V.")
    company = made_out_to(office, replace(KLANT, vat=None))
    found = suggest_customer(office.session, connection, company, today=office.now.date())
    assert found is not None
    assert (found.customer.id, found.is_certain) == (klant.id, False)


def test_two_of_one_name_are_a_question(office: Office, connection: ConnectionRow) -> None:
    both = {in_exact(office, "Klant B.V.").id, in_exact(office, "Klant BV").id}
    company = made_out_to(office, replace(KLANT, vat=None))
    found = suggest_customer(office.session, connection, company, today=office.now.date())
    assert found is not None
    assert isinstance(found.suggestion, Tie)
    assert set(found.suggestion.targets) == both


def test_a_blocked_customer_is_not_suggested(office: Office, connection: ConnectionRow) -> None:
    in_exact(office, "Klant B.V.", blocked=True)
    company = made_out_to(office, replace(KLANT, vat=None))
    assert suggest_customer(office.session, connection, company, today=office.now.date()) is None


def test_accepting_links_the_company_by_a_persons_choice(office: Office, connection: ConnectionRow) -> None:
    klant = in_exact(office, "Klant B.V.", vat_number=VAT)
    company = made_out_to(office, KLANT)
    assert [each.company_id for each in unlinked_companies(office.session, connection)] == [company]
    accept_customer(office.session, who(office, company), klant.id)
    link = find_link(office.session, connection.id, company)
    assert link is not None
    assert (link.customer_id, link.how, link.linked_by) == (klant.id, LinkOrigin.CHOSEN, "Anna")
    assert unlinked_companies(office.session, connection) == []
    assert suggest_customer(office.session, connection, company, today=office.now.date()) is None


def test_a_company_that_was_linked_meanwhile_stays_as_it_is(
    office: Office, connection: ConnectionRow
) -> None:
    klant = in_exact(office, "Klant B.V.", vat_number=VAT)
    other = in_exact(office, "Other B.V.")
    company = made_out_to(office, KLANT)
    accept_customer(office.session, who(office, company), klant.id)
    with pytest.raises(CannotLinkError):
        accept_customer(office.session, who(office, company), other.id)
    wanted = {company: other.id}
    assert accept_customers(office.session, connection.id, wanted, who(office, "")) == []
    link = find_link(office.session, connection.id, company)
    assert link is not None
    assert link.customer_id == klant.id


def test_what_was_weighed_beforehand_is_read_and_what_was_not_is_left_out_where_there_are_many(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = office.connection()
    customers = [a_customer(f"Acme Studio {at}") for at in range(3)]
    keep_customers(office.session, connection.id, customers)
    office.session.query(CustomerLinkRow).delete()
    office.session.commit()
    companies = unlinked_companies(office.session, connection)
    company_id = companies[0].company_id
    monkeypatch.setattr("portal.actions.customers.suggest.certain_match", lambda *_given, **_more: None)

    def read() -> Mapping[str, CustomerSuggestion | None]:
        return read_suggestions(office.session, connection, companies, today=office.now.date())

    assert company_id in read()
    monkeypatch.setattr("portal.actions.customers.suggest.MOST_WEIGHED", 1)
    assert company_id not in read()

    because = Because(Reason.EVIDENCE, (("signs", "same-name"),))
    kept = Proposed(f"company:{company_id}", ("Acme",), (customers[1].id,), because)
    keep_proposals(office.session, connection.id, [kept])
    found = read_suggestions(office.session, connection, companies, today=office.now.date())[company_id]
    assert found is not None
    assert (found.customer.id, found.suggestion.because, found.is_certain) == (
        customers[1].id,
        because,
        False,
    )
