"""Measures what becomes of many invoices at once, without any call."""

from flask import Flask
from sqlalchemy import select

from portal.actions.copies.draft import Basis, read_basis
from portal.cli.bench.figures import milliseconds, say
from portal.cli.bench.seed import SEED
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.booking.translate import translate
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow

AT_ONCE = 1_000
CUSTOMER = Customer("c0", "1", "Studio", "C", False, None, None, None, None, None, "NL", None)


def measure_translate(app: Flask) -> bool:
    """Measure what becomes of 1,000 invoices."""
    with app.app_context():
        basis, invoices = read_invoices()

    def translate_all() -> None:
        for invoice in invoices:
            translate(
                invoice,
                rules=basis.rules,
                choices=Choices(),
                catalogue=basis.catalogue,
                division=basis.division,
                customer=CUSTOMER,
                policy=basis.policy,
            )

    return say("translate, 1,000 invoices", milliseconds(translate_all, 3), "ms", 1000)


def read_invoices() -> tuple[Basis, list[Invoice]]:
    """Return what decides about bookings, and the invoices to translate."""
    row = db.session.scalars(select(ConnectionRow).where(ConnectionRow.subsidiary_id == SEED)).one()
    rows = db.session.scalars(select(InvoiceRow).limit(AT_ONCE))
    return read_basis(db.session(), row), [each.invoice() for each in rows]
