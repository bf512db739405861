"""What is said about the VAT number of a new customer."""

from flask_babel import gettext as _

from portal.actions.customers.finder import read_buyer_vat
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.vat_numbers import read_vat


def say_vat(buyer: BillTo | None, customer: NewCustomer | None) -> str | None:
    """Say what is odd about the VAT number that an invoice gives."""
    if buyer is None or customer is None:
        return None

    given = read_buyer_vat(buyer)
    if given.is_several:
        several = str(_("“%(text)s” on the invoice holds more than one VAT number, so none is taken."))
        return several % {"text": given.given}

    if given.is_left_out:
        left_out = str(_("“%(text)s” on the invoice is not a VAT number, so it is left out."))
        return left_out % {"text": given.given}

    taken = read_vat(customer.vat_number, iso_country(customer.country))
    if taken and not taken.is_checked:
        wrong = str(_("The check digit of %(number)s is wrong. Check the number with the customer."))
        return wrong % {"number": taken.number}

    return None
