"""The invoices of the months before, which another link copied before the portal came."""

from collections.abc import Iterator
from random import Random

from portal.sandbox.productive.demo import customers as who
from portal.sandbox.productive.make import Wish
from portal.sandbox.productive.rows import Invoice

COUNT = 40
# The days before the present month that they are spread over.
_DAYS = 92
_EXACT = 4
_SUBJECTS = (
    (who.LANTAARN, "Webshop proeverijen, beheer"),
    (who.FESTIVAL, "Campagnesite"),
    (who.HOTEL, "Website, sprint 3"),
    (who.FIETSFABRIEK, "Dealerportaal"),
    (who.UITGEVERIJ, "Najaarscatalogus"),
    (who.ORKEST, "Abonnementenactie"),
    (who.MUSEUM, "Online ticketverkoop"),
    (who.ZORGGROEP, "Intranet, onderzoek"),
    (who.WIJNHANDEL, "Webshop, sprint 2"),
    (who.REDERIJ, "Dienstregeling online"),
    (who.MAKELAARDIJ, "Fotografie aanbod"),
    (who.BOEKHANDEL, "Nieuwsbrief"),
    (who.ENERGIEK, "Positionering"),
)
_WORK = (
    ("Design", "Ontwerp", 9500, ("7", "9", "11.5", "14.25", "18", "22")),
    ("Development", "Bouw", 10500, ("9", "12.5", "15.25", "20", "26")),
    ("Project management", "Projectleiding", 8750, ("2.5", "3.25", "4", "5.5")),
)


def each_former() -> Iterator[Wish]:
    """Wish for what the other link copied, the oldest first."""
    draw = Random(35)
    for place in range(COUNT):
        name, subject = _SUBJECTS[place * 4 % len(_SUBJECTS)]
        lines = [
            {"service_type": type_, "description": text, "unit_price": price, "quantity": draw.choice(sizes)}
            for type_, text, price, sizes in draw.sample(_WORK, draw.choice((1, 2, 2, 3)))
        ]
        yield {
            "days_ago": 3 + (COUNT - 1 - place) * _DAYS // COUNT,
            "company": {"name": name},
            "subject": subject,
            "lines": lines,
            "is_former": True,
        }


def mark_as_exported(invoice: Invoice, entry: str) -> None:
    """Note on an invoice that another link copied it."""
    invoice.exported = True
    invoice.exported_at = f"{invoice.invoiced_on}T17:20:03.020+01:00"
    invoice.export_integration_type_id = _EXACT
    invoice.export_id = entry
