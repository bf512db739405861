"""Customer links: how they were decided, when they must be asked anew, and what people do with them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.actions.copies.customer import customer_row
from portal.actions.copies.draft import draft_copy, with_defaults
from portal.actions.customers.change_link import (
    CannotLinkError,
    LinkedCompany,
    change_link,
    confirm_link,
    remove_link,
)
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import Choices
from portal.domain.customers.signs import Sign
from portal.domain.customers.states import LinkOrigin
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.events import EventRow
from portal.store.invoices import keep_invoice
from tests.actions.office import NEW, Office
from tests.fakes import a_customer
from tests.telling import told

VAT = "NL004495445B01"
OTHER_VAT = "NL344240113B01"
KLANT = BillTo("Klant B.V.", vat=VAT, country="Netherlands")


def in_exact(office: Office, name: str, vat: str | None = VAT) -> Customer:
    customer = office.ledger.add_customer(a_customer(name, vat_number=vat, country="NL"))
    office.session.add(customer_row(office.connection_id, customer))
    office.session.commit()
    return customer


def made_out_to(office: Office, bill_to: BillTo, invoice_id: str = "105") -> None:
    """Let an invoice be made out to a buyer, in Productive and here."""
    invoice = replace(office.billing.invoices["105"], id=invoice_id, bill_to=bill_to)
    office.billing.invoices[invoice_id] = invoice
    keep_invoice(office.session, invoice, office.now)
    office.session.commit()


def link_of(office: Office) -> CustomerLinkRow:
    office.session.commit()
    key = (office.connection_id, office.row().company_id)
    return office.session.get_one(CustomerLinkRow, key, populate_existing=True)


def unlink(office: Office) -> None:
    office.session.query(CustomerLinkRow).delete()
    office.session.commit()


def linked(office: Office, name: str = "Klant B.V.") -> Customer:
    """Copy an invoice for a customer, so that its company is linked."""
    unlink(office)
    customer = in_exact(office, name)
    made_out_to(office, KLANT)
    office.copied(office.choices(customer_id=customer.id))
    return customer


def ahead(office: Office, invoice_id: str = "105") -> list[str]:
    """Return the problems that are known before anybody opens a dialog."""
    invoice = office.row(invoice_id).invoice()
    choices = with_defaults(office.session, office.connection(), invoice, Choices())
    found = draft_copy(office.session, office.connection(), invoice, choices).problems
    return [each.code for each in found]


def test_a_link_by_certainty_says_so_with_its_evidence(office: Office) -> None:
    customer = linked(office)
    link = link_of(office)
    assert (link.customer_id, link.how, link.confirmed_by) == (customer.id, LinkOrigin.CERTAIN, None)
    assert {Sign.SAME_VAT, Sign.SAME_NAME} <= set(link.evidence)
    assert (link.seen_name, link.seen_vat) == (KLANT.name, VAT)


def test_a_link_by_a_person_says_what_spoke_against_it(office: Office) -> None:
    linked(office, "Vijverhof Catering")
    link = link_of(office)
    assert (link.how, link.linked_by) == (LinkOrigin.CHOSEN, "Anna")
    assert {Sign.SAME_VAT, Sign.OTHER_NAME} <= set(link.evidence)


def test_a_link_to_a_new_customer_says_that_it_was_created(office: Office) -> None:
    unlink(office)
    office.copied(office.new_choices())
    assert link_of(office).how == LinkOrigin.CREATED


def test_a_later_copy_keeps_how_the_link_was_decided(office: Office) -> None:
    customer = linked(office)
    first = link_of(office).linked_at
    office.pass_time(3600)
    made_out_to(office, KLANT, "106")
    copy = office.wish(office.choices(customer_id=customer.id), invoice_id="106")
    office.perform(copy.id)
    assert (link_of(office).how, link_of(office).linked_at) == (LinkOrigin.CERTAIN, first)


def test_a_copy_asked_for_before_does_not_undo_what_a_person_changed(office: Office) -> None:
    linked(office)
    made_out_to(office, KLANT, "106")
    third = in_exact(office, "Derde", None)
    copy = office.wish(office.choices(customer_id=link_of(office).customer_id), invoice_id="106")
    later = office.now + timedelta(minutes=1)
    change_link(office.session, LinkedCompany(office.connection_id, "7", "Bea", later), third.id)
    office.perform(copy.id)
    assert link_of(office).customer_id == third.id


@pytest.mark.parametrize(
    ("bill_to", "problems"),
    [
        (KLANT, []),
        (replace(KLANT, name="Klant BV"), []),
        (replace(KLANT, vat="nl 0044.95.445 B01"), []),
        (replace(KLANT, vat="N.V.T."), []),
        (replace(KLANT, vat=None), []),
        (replace(KLANT, vat=OTHER_VAT), ["customer_vat_changed"]),
        (replace(KLANT, name="Klant Holding B.V."), ["customer_name_changed"]),
        (replace(KLANT, name="Vijverhof Catering", vat=None), ["customer_name_changed"]),
    ],
)
def test_a_link_is_asked_anew_when_the_buyer_changed(
    office: Office, bill_to: BillTo, problems: list[str]
) -> None:
    linked(office)
    made_out_to(office, bill_to, "106")
    assert ahead(office, "106") == problems


def test_a_buyer_that_changed_along_with_its_customer_is_no_question(office: Office) -> None:
    customer = linked(office)
    row = office.session.get_one(CustomerRow, (office.connection_id, customer.id))
    row.vat_number = OTHER_VAT
    made_out_to(office, replace(KLANT, vat=OTHER_VAT), "106")
    assert ahead(office, "106") == []


def test_choosing_the_customer_again_settles_the_question(office: Office) -> None:
    customer = linked(office)
    made_out_to(office, replace(KLANT, vat=OTHER_VAT), "106")
    copy = office.wish(office.choices(customer_id=customer.id), invoice_id="106")
    office.perform(copy.id)
    assert (link_of(office).how, link_of(office).seen_vat) == (LinkOrigin.CHOSEN, OTHER_VAT)
    made_out_to(office, replace(KLANT, vat=OTHER_VAT), "107")
    assert ahead(office, "107") == []


def test_a_customer_that_is_gone_is_known_beforehand(office: Office) -> None:
    customer = linked(office)
    office.session.get_one(CustomerRow, (office.connection_id, customer.id)).deleted = True
    made_out_to(office, KLANT, "106")
    assert ahead(office, "106") == ["customer_gone"]
    refused = office.wish(office.choices(customer_id=customer.id), invoice_id="106")
    assert [each.code for each in refused] == ["customer_gone"]
    assert "no longer in Exact" in told(refused[0].said)


def test_a_person_confirms_changes_and_removes_a_link(office: Office) -> None:
    linked(office)
    other = in_exact(office, "Andere", None)
    made_out_to(office, replace(KLANT, vat=OTHER_VAT), "106")
    here = (office.session, LinkedCompany(office.connection_id, "7", "Bea", office.now))

    confirm_link(*here)
    assert (link_of(office).confirmed_by, link_of(office).how) == ("Bea", LinkOrigin.CERTAIN)
    assert ahead(office, "106") == []

    change_link(*here, other.id)
    link = link_of(office)
    assert (link.customer_id, link.how, link.linked_by) == (other.id, LinkOrigin.CHOSEN, "Bea")
    assert link.confirmed_by is None

    remove_link(*here)
    assert office.session.query(CustomerLinkRow).count() == 0
    assert ahead(office, "106") == ["customer_missing"]
    remove_link(*here)
    kinds = [each.kind for each in office.session.query(EventRow).filter(EventRow.actor == "Bea")]
    assert kinds == ["customer link confirmed", "customer linked", "customer link removed"]


def test_what_cannot_be_linked_is_said(office: Office) -> None:
    customer = linked(office)
    here = (office.session, LinkedCompany(office.connection_id, "7", "Bea", office.now))
    with pytest.raises(CannotLinkError, match="from the list"):
        change_link(*here, "nobody")
    office.session.get_one(CustomerRow, (office.connection_id, customer.id)).deleted = True
    with pytest.raises(CannotLinkError, match="no longer in Exact"):
        confirm_link(*here)
    remove_link(*here)
    with pytest.raises(CannotLinkError, match="removed meanwhile"):
        confirm_link(*here)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("N.V.T.", "customer_vat_unknown"),
        ("KvK 12345678", "customer_vat_unknown"),
        (f"{VAT} / {OTHER_VAT}", "customer_vat_several"),
    ],
)
def test_what_is_no_vat_number_is_said_at_its_field(office: Office, typed: str, said: str) -> None:
    refused = office.wish(replace(office.new_choices(), customer=replace(NEW, vat_number=typed)))
    assert [(each.code, each.field) for each in refused] == [(said, "vat_number")]


def test_a_new_customer_gets_its_vat_number_in_the_one_spelling(office: Office) -> None:
    typed = replace(NEW, vat_number="btw-nr. 0044.95.445.B.01")
    office.copied(replace(office.new_choices(), customer=typed))
    [made] = [one for one, _, _ in office.ledger.customers.values() if one.name == NEW.name]
    assert made.vat_number == VAT
