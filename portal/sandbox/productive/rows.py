"""What the sandbox stores: one class per kind of record. Money is integer cents, other decimals are strings.

Dates are ``YYYY-MM-DD`` and moments ISO 8601 with milliseconds in the organisation's zone: both sort as text.
``gc=False`` keeps a hundred thousand invoices out of the collector's sight. No row refers back to another.
"""

from decimal import Decimal

import msgspec

from portal.sandbox.common.odd import Odd

AMOUNTS = (
    "amount",
    "amount_tax",
    "amount_with_tax",
    "amount_paid",
    "amount_written_off",
    "amount_unpaid",
    "amount_credited",
    "amount_credited_with_tax",
)
LINE_AMOUNTS = AMOUNTS[:3]


class Row(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True):
    """A record with an id."""

    id: int


class Organization(Row):
    """The organisation that the token belongs to."""

    name: str
    currency: str = "EUR"


class Person(Row):
    """Someone who works there."""

    first_name: str
    last_name: str
    email: str


class ContactEntry(Row):
    """An address as it is printed, of a company, a subsidiary or one invoice."""

    contactable_type: str
    contactable_id: int
    type: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zipcode: str | None = None
    country: str | None = None
    vat: str | None = None


class Subsidiary(Row):
    """A legal entity of the organisation."""

    name: str
    number_prefix: str
    number_digits: int
    bill_from_id: int
    default_tax_rate_id: int | None = None
    export_integration_type_id: int | None = None
    archived_at: str | None = None


class DocumentType(Row):
    """How a kind of document looks."""

    name: str
    locale: str
    subsidiary_id: int


class ServiceType(Row):
    """What is sold."""

    name: str
    description: str | None = None
    archived_at: str | None = None


class TaxRate(Row):
    """A VAT rate of one subsidiary. "no tax" has no component at all."""

    name: str
    subsidiary_id: int
    primary_component_name: str | None = None
    primary_component_value: str | None = None
    secondary_component_name: str | None = None
    secondary_component_value: str | None = None
    archived_at: str | None = None


class Company(Row):
    """A customer. Its address is the contact entry ``address_id``."""

    name: str
    address_id: int
    company_code: str
    created_at: str
    last_activity_at: str
    billing_name: str | None = None
    vat: str | None = None
    default_currency: str = "EUR"
    domain: str | None = None
    default_subsidiary_id: int | None = None
    default_tax_rate_id: int | None = None
    due_days: int | None = 30
    tag_list: list[str] = []
    custom_fields: dict[str, str] | None = None
    archived_at: str | None = None
    sample_data: bool = False


class Expense(Row):
    """A cost that a line bills on."""

    name: str
    date: str
    amount: int
    currency: str


class LineItem(Row):
    """A line of an invoice. The amounts are derived and leave the invoice's own discount out.

    A price may have parts of a cent. What is in ``given`` stands in the place of a derived amount.
    """

    invoice_id: int
    position: int
    quantity: str
    unit_price: int | Decimal
    tax_rate_id: int
    description: str | None = None
    discount: str | None = None
    unit_id: int = 1
    service_type_id: int | None = None
    expense_id: int | None = None
    amount: int = 0
    amount_tax: int = 0
    given: dict[str, int] = {}


class Payment(Row):
    """Money received for an invoice, or a part of it that was written off."""

    invoice_id: int
    amount: int
    created_at: str
    paid_on: str | None = None
    written_off_on: str | None = None
    note: str | None = None


class Comment(Row):
    """A remark on an invoice."""

    body: str
    invoice_id: int
    created_at: str


class Webhook(Row):
    """An address that is told of one kind of event."""

    name: str
    event_id: int
    target_url: str
    signature_token: str
    type_id: int = 1
    state_id: int = 1
    retry_attempts: int = 0
    deactivated_at: str | None = None
    custom_headers: dict[str, str] | None = None


class Attachment(Row):
    """What is told of a file. Its bytes are kept beside the tables."""

    name: str
    content_type: str
    size: int
    attachable_type: str
    key: str
    created_at: str
    temp_url: str | None = None
    deleted_at: str | None = None


class Invoice(Row):
    """An invoice or credit note. Lines, payments and credit notes are ids, the amounts derived.

    What is in ``given`` stands in the place of a derived amount.
    """

    company_id: int
    subsidiary_id: int
    bill_to_id: int
    currency: str
    created_at: str
    updated_at: str
    last_activity_at: str
    document_type_id: int | None = None
    parent_invoice_id: int | None = None
    attachment_id: int | None = None
    number: str | None = None
    subject: str | None = None
    invoiced_on: str | None = None
    pay_on: str | None = None
    delivery_on: str | None = None
    sent_on: str | None = None
    paid_on: str | None = None
    finalized_on: str | None = None
    finalized_at: str | None = None
    discount: str | None = None
    deleted_at: str | None = None
    tag_list: list[str] = []
    note: str | None = None
    footer: str | None = None
    exported: bool = False
    exported_at: str | None = None
    export_integration_type_id: int | None = None
    export_id: str | None = None
    export_invoice_url: str | None = None
    company_reference_id: str | None = None
    purchase_order_number: str | None = None
    exchange_rate: str = "1.0"
    exchange_date: str | None = None
    custom_fields: dict[str, object] | None = None
    sample_data: bool = False
    invoice_type_id: int = 1
    payment_terms_type: str = "days_after_invoice_date"
    rounding: str = "line"
    lines: list[int] = []
    payments: list[int] = []
    credit_notes: list[int] = []
    amount: int = 0
    amount_tax: int = 0
    amount_with_tax: int = 0
    amount_paid: int = 0
    amount_written_off: int = 0
    amount_unpaid: int = 0
    amount_credited: int = 0
    amount_credited_with_tax: int = 0
    given: dict[str, int] = {}
    credited: bool = False

    @property
    def is_live(self) -> bool:
        """Not in the recycle bin."""
        return self.deleted_at is None

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes back another invoice."""
        return self.invoice_type_id == 2


class Tables(msgspec.Struct):
    """Everything that is stored, by id."""

    organizations: dict[int, Organization] = {}
    people: dict[int, Person] = {}
    contact_entries: dict[int, ContactEntry] = {}
    subsidiaries: dict[int, Subsidiary] = {}
    document_types: dict[int, DocumentType] = {}
    service_types: dict[int, ServiceType] = {}
    tax_rates: dict[int, TaxRate] = {}
    companies: dict[int, Company] = {}
    expenses: dict[int, Expense] = {}
    invoices: dict[int, Invoice] = {}
    line_items: dict[int, LineItem] = {}
    payments: dict[int, Payment] = {}
    comments: dict[int, Comment] = {}
    webhooks: dict[int, Webhook] = {}
    attachments: dict[int, Attachment] = {}
    last_ids: dict[str, int] = {}
    last_numbers: dict[str, int] = {}
    odd: dict[str, Odd] = {}
    clock_offset: float = 0.0
