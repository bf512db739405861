"""The kept counts of invoices: by where they stand, by month, and what is unpaid by due date."""

from sqlalchemy import case, null

from portal.store.invoices import InvoiceRow
from portal.store.tallies import Tally, month_of

LISTED = (InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False))
# Of what is owed, the month in which it is due. Nothing is due of what is paid, or is owed to the customer.
DUE_MONTH = case((InvoiceRow.amount_unpaid > 0, month_of(InvoiceRow.pay_on)), else_=null())
STANDS = {
    "subsidiary_id": InvoiceRow.subsidiary_id,
    "standing": InvoiceRow.standing,
    "currency": InvoiceRow.currency,
}
SUMS = {"total": InvoiceRow.amount_with_tax, "unpaid": InvoiceRow.amount_unpaid}
OWED = {"is_unpaid": InvoiceRow.amount_unpaid != 0, "due_month": DUE_MONTH}

BY_STANDING = Tally("invoice_standing", InvoiceRow, keys={**STANDS, **OWED}, sums=SUMS, where=LISTED)
BY_MONTH = Tally(
    "invoice_month",
    InvoiceRow,
    keys={"month": month_of(InvoiceRow.invoiced_on), **STANDS, **OWED},
    sums=SUMS,
    where=LISTED,
    indexes=[("month", "subsidiary_id")],
)
# Days of months that are not over yet are added up one by one.
BY_DUE_DAY = Tally(
    "invoice_due",
    InvoiceRow,
    keys={"pay_on": InvoiceRow.pay_on, "month": month_of(InvoiceRow.invoiced_on), **STANDS},
    sums=SUMS,
    where=(*LISTED, InvoiceRow.amount_unpaid > 0),
    indexes=[("pay_on",)],
)
