"""From Productive's objects to ours, strictly, for a guess here would be a wrong booking."""

from decimal import Decimal

from portal.domain.booking.invoice import (
    BillTo,
    Invoice,
    InvoiceLine,
    Organization,
    Payment,
    ServiceType,
    Subsidiary,
    TaxRate,
)
from portal.domain.unreadable import Fault, Kind, Reason
from portal.productive import shapes
from portal.productive.jsonapi import Included, Resource, find_related
from portal.productive.plain_text import read_plain_text
from portal.remote.odd import OddValueError, part


def parse_organization(resource: Resource) -> Organization:
    """Read an organisation."""
    said = resource.read(shapes.OrganizationShape)
    return Organization(resource.id, said.name, said.currency)


def parse_subsidiary(resource: Resource) -> Subsidiary:
    """Read a subsidiary."""
    said = resource.read(shapes.SubsidiaryShape)
    return Subsidiary(resource.id, said.name, said.export_integration_type_id, said.archived_at is not None)


def parse_service_type(resource: Resource) -> ServiceType:
    """Read a service type."""
    said = resource.read(shapes.ServiceTypeShape)
    return ServiceType(resource.id, said.name, said.archived_at is not None)


def parse_tax_rate(resource: Resource) -> TaxRate:
    """Read a tax rate.

    Its percentage is the sum of its components, or None where both are empty.
    """
    said = resource.read(shapes.TaxRateShape)
    subsidiary = resource.find_id("subsidiary")
    return TaxRate(resource.id, said.name, _percentage(said), subsidiary, said.archived_at is not None)


def _percentage(rate: shapes.TaxRateShape) -> Decimal | None:
    parts = [
        part for part in (rate.primary_component_value, rate.secondary_component_value) if part is not None
    ]
    return sum(parts, Decimal(0)) if parts else None


def parse_invoice(resource: Resource, included: Included, lines: tuple[InvoiceLine, ...] = ()) -> Invoice:
    """Read an invoice with its included company, bill_to, subsidiary and parent_invoice.

    An organisation without subsidiaries has invoices with an empty ``subsidiary_id``.
    """
    said = resource.read(shapes.InvoiceShape)
    company_id, company = _parse_company(resource, included)
    return Invoice(
        id=resource.id,
        number=said.number,
        subject=said.subject or "",
        kind=said.invoice_type_id,
        subsidiary_id=pointed_at(resource, "subsidiary") or "",
        company_id=company_id,
        company_name=company.name,
        bill_to=_parse_bill_to(find_related(resource, "bill_to", included), company),
        invoiced_on=said.invoiced_on,
        pay_on=said.pay_on,
        sent_on=said.sent_on,
        finalized_on=said.finalized_on,
        deleted=said.deleted_at is not None,
        sample=bool(said.sample_data),
        currency=said.currency,
        currency_default=said.currency_default,
        exchange_rate=said.exchange_rate,
        discount=said.discount,
        amount=said.amount,
        amount_tax=said.amount_tax,
        amount_with_tax=said.amount_with_tax,
        amount_paid=said.amount_paid,
        amount_unpaid=said.amount_unpaid,
        amount_written_off=said.amount_written_off,
        credited=bool(said.credited),
        parent_invoice_id=pointed_at(resource, "parent_invoice"),
        purchase_order_number=said.purchase_order_number,
        exported=bool(said.exported),
        export_id=said.export_id,
        export_url=said.export_invoice_url,
        export_integration=said.export_integration_type_id,
        last_activity_at=said.last_activity_at,
        lines=lines,
    )


def _parse_company(resource: Resource, included: Included) -> tuple[str, shapes.CompanyShape]:
    company = find_related(resource, "company", included)
    if company is None:
        raise OddValueError(
            Fault(Reason.MISSING, "company"), of=f"Productive sent invoice {resource.id} without its company"
        )

    with part(Kind.COMPANY, company.guess("name") or company.id):
        return company.id, company.read(shapes.CompanyShape)


def _parse_bill_to(resource: Resource | None, company: shapes.CompanyShape) -> BillTo | None:
    """Read the buyer as printed. One without a name of its own bears the company's."""
    if resource is None:
        return None

    with part(Kind.BUYER, resource.guess("name") or resource.id):
        said = resource.read(shapes.BillToShape)

    return BillTo(
        name=said.name or company.billing_name or company.name,
        vat=said.vat,
        email=said.email,
        phone=said.phone,
        website=said.website,
        address=said.address,
        city=said.city,
        state=said.state,
        zipcode=said.zipcode,
        country=said.country,
    )


def pointed_at(resource: Resource, name: str) -> str | None:
    """Return the id behind a relation that must have been included."""
    if not resource.includes(name):
        raise OddValueError(Fault(Reason.LEFT_OUT, name), of=f"Productive sent {resource.kind} {resource.id}")
    return resource.find_id(name)


def parse_line(resource: Resource, included: Included) -> InvoiceLine:
    """Read a line. A line of before 2024 has its tax in ``tax_name`` and ``tax_value``."""
    said = resource.read(shapes.LineShape)
    kind = _find_service_type(resource, included)
    related = find_related(resource, "tax_rate", included)
    rate = None

    if related:
        with part(Kind.TAX_RATE, related.guess("name") or related.id):
            rate = parse_tax_rate(related)

    return InvoiceLine(
        id=resource.id,
        position=said.position or 0,
        description=read_plain_text(said.description),
        quantity=said.quantity,
        unit_price=_whole(said.unit_price),
        amount=said.amount,
        amount_tax=said.amount_tax,
        service_type_id=kind.id if kind else None,
        service_type=kind.name if kind else None,
        tax_rate_id=rate.id if rate else None,
        tax_rate=rate.name if rate else said.tax_name,
        tax_percentage=rate.percentage if rate else said.tax_value,
        is_expense=pointed_at(resource, "expense") is not None,
    )


def _whole(price: int | Decimal) -> int | Decimal:
    """Return a price as a whole number of cents where it is one."""
    return int(price) if price == int(price) else price


def _find_service_type(resource: Resource, included: Included) -> ServiceType | None:
    """Return the line's own service type, else that of its service where the answer tells."""
    related = find_related(resource, "service_type", included)
    service = find_related(resource, "service", included)
    if related is None and service is not None and service.includes("service_type"):
        related = find_related(service, "service_type", included)

    if related is None:
        return None

    with part(Kind.SERVICE_TYPE, related.guess("name") or related.id):
        return parse_service_type(related)


def parse_payment(resource: Resource, invoice_id: str | None = None) -> Payment:
    """Read a payment. Its invoice is told by ``invoice_id`` or by the included relation."""
    said = resource.read(shapes.PaymentShape)
    invoice = invoice_id or resource.find_id("invoice")
    on = said.paid_on or said.written_off_on

    if invoice is None or on is None:
        lacking = Fault(Reason.MISSING, "invoice" if invoice is None else "paid_on")
        raise OddValueError(lacking, of=f"Productive sent payment {resource.id} without its invoice or date")

    return Payment(resource.id, invoice, said.amount, on, said.paid_on is None, said.note or "")
