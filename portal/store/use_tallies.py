"""The kept counts of what invoices use: service types, tax rates, and whose they are."""

from sqlalchemy import and_

from portal.domain.booking.mapping import MappingKind
from portal.store.invoices import NOT_COPIED, InvoiceRow, LineUseRow
from portal.store.tallies import Tally

IS_OPEN = and_(
    InvoiceRow.copy_state == NOT_COPIED,
    InvoiceRow.deleted.is_(False),
    InvoiceRow.sample.is_(False),
    InvoiceRow.exclude_reason.is_(None),
)

# How many lines use a service type or a tax rate.
USES = Tally(
    "line_use",
    LineUseRow,
    keys={
        "subsidiary_id": InvoiceRow.subsidiary_id,
        "kind": LineUseRow.kind,
        "source_id": LineUseRow.source_id,
    },
    sums={"lines": LineUseRow.lines},
    where=(InvoiceRow.deleted.is_(False),),
    parent=(InvoiceRow, LineUseRow.invoice_id),
    indexes=[("subsidiary_id", "kind", "source_id")],
)
# The same of tax rates by company, for where a customer is decides about its VAT code.
RATES_BY_COMPANY = Tally(
    "rate_use",
    LineUseRow,
    keys={
        "subsidiary_id": InvoiceRow.subsidiary_id,
        "source_id": LineUseRow.source_id,
        "company_id": InvoiceRow.company_id,
    },
    sums={"lines": LineUseRow.lines},
    where=(
        LineUseRow.kind == MappingKind.TAX,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.sample.is_(False),
    ),
    parent=(InvoiceRow, LineUseRow.invoice_id),
    indexes=[("subsidiary_id", "source_id")],
)
# The companies of invoices by name, and how many of theirs are still to be copied.
COMPANIES = Tally(
    "company",
    InvoiceRow,
    keys={
        "subsidiary_id": InvoiceRow.subsidiary_id,
        "company_id": InvoiceRow.company_id,
        "company_name": InvoiceRow.company_name,
        "standing": InvoiceRow.standing,
        "is_open": IS_OPEN,
    },
    sums={},
    indexes=[("subsidiary_id", "company_id")],
)
