"""The attributes we read, by their names on the wire. One without a default must be there."""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class OrganizationShape(msgspec.Struct):
    """The organisation's attributes."""

    name: str
    currency: str


class SubsidiaryShape(msgspec.Struct):
    """A subsidiary's attributes."""

    name: str
    export_integration_type_id: int | None = None
    archived_at: datetime | None = None


class ServiceTypeShape(msgspec.Struct):
    """A service type's attributes."""

    name: str
    archived_at: datetime | None = None


class TaxRateShape(msgspec.Struct):
    """The attributes of a tax rate. Components are percentages."""

    name: str
    primary_component_value: Decimal | None
    secondary_component_value: Decimal | None
    archived_at: datetime | None = None


class CompanyShape(msgspec.Struct):
    """A customer's attributes."""

    name: str
    billing_name: str | None = None


class BillToShape(msgspec.Struct):
    """A contact entry's attributes: the buyer as printed."""

    name: str | None = None
    vat: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zipcode: str | None = None
    country: str | None = None


class InvoiceShape(msgspec.Struct):
    """The attributes of an invoice. Amounts are in cents."""

    number: str | None
    subject: str | None
    invoice_type_id: int
    invoiced_on: date
    pay_on: date | None
    sent_on: date | None
    finalized_on: date | None
    deleted_at: datetime | None
    sample_data: bool | None
    currency: str
    currency_default: str
    exchange_rate: Decimal | None
    discount: Decimal | None
    amount: int
    amount_tax: int
    amount_with_tax: int
    amount_paid: int
    amount_unpaid: int
    amount_written_off: int
    credited: bool | None
    exported: bool | None
    export_id: str | None
    export_invoice_url: str | None
    export_integration_type_id: int | None
    last_activity_at: datetime
    purchase_order_number: str | None = None


class LineShape(msgspec.Struct):
    """A line's attributes. The amounts in cents, and the price too, which may have parts of one."""

    position: int | None
    quantity: Decimal
    unit_price: int | Decimal
    amount: int
    amount_tax: int
    description: str | None = None
    tax_name: str | None = None
    tax_value: Decimal | None = None


class PaymentShape(msgspec.Struct):
    """The attributes of a payment. One of both dates is set."""

    amount: int
    paid_on: date | None
    written_off_on: date | None
    note: str | None = None
