"""The ordinary invoices of the demo: a year of everyday work, drawn with a fixed seed."""

from collections.abc import Iterator
from random import Random

from portal.sandbox.productive.demo import customers as who
from portal.sandbox.productive.make import Wish

DUTCH = 48
BELGIAN = 11

# Service type, description, price per unit in cents, the quantities it comes in.
_WORK: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("Design", "Ontwerp", 9500, ("8", "12.5", "16", "24", "37.5")),
    ("Design", "Huisstijl en beeldtaal", 9750, ("6", "14", "21.25")),
    ("Development", "Bouw", 10500, ("16", "28", "40", "56.75")),
    ("Development", "Koppeling met voorraadsysteem", 11000, ("9.5", "18", "33")),
    ("Strategy", "Onderzoek en advies", 12500, ("4", "8", "10.5")),
    ("Project management", "Projectleiding", 8750, ("3", "5.25", "7.75", "11")),
    ("Copywriting", "Teksten", 8250, ("4", "6.5", "9")),
    ("Hosting", "Hosting en onderhoud, per maand", 14900, ("1", "3")),
    ("Photography", "Fotografie, dagdeel", 48500, ("1", "2")),
    ("Travel", "Reiskosten, kilometers", 23, ("84", "126", "212")),
    ("Training", "Training redactie, dagdeel", 59500, ("1", "2")),
)
_STORIES: dict[str, tuple[str, ...]] = {
    who.LANTAARN: (
        "Etiketten winterbier",
        "Website fase 1",
        "Website fase 2",
        "Webshop proeverijen",
        "Jaarkalender",
    ),
    who.BERG: ("Huurdersportaal", "Kwartaalrapport", "Nieuwe huisstijl", "Onderhoud portaal"),
    who.FIETSFABRIEK: (
        "Configurator stadsfiets",
        "Productfoto's voorjaar",
        "Dealerportaal",
        "Campagne e-bike",
    ),
    who.MUSEUM: ("Tentoonstelling Licht op Zuid", "Audiotour", "Online ticketverkoop", "Museumnacht"),
    who.ZONNEDAK: ("Ledenportaal", "Jaarverslag", "Wervingscampagne voorjaar", "Zonnepanelencalculator"),
    who.AGAATH: ("Menukaart seizoen", "Reserveringen online", "Gevelreclame"),
    who.VERENIGING: ("Congres duurzame stad", "Ledenmagazine", "Kennisbank"),
    who.BAKKERIJ: ("Verpakking speculaas", "Bestellen en afhalen", "Feestdagenactie"),
    who.BOEKHANDEL: ("Boekenweek", "Webshop zoekfunctie", "Nieuwsbrief, kwartaal"),
}
_BELGIAN_STORIES: dict[str, tuple[str, ...]] = {
    who.KLAVIER: ("Nieuwe website", "Concertreeks voorjaar", "Ticketing", "Onderhoud website"),
    who.BELGA: ("Identité visuelle", "Carte d'été", "Site et réservations", "Campagne terrasse"),
}


def each_ordinary(draw: Random) -> Iterator[Wish]:
    """Ordinary invoices, spread over the last year. The newest ones are not marked as sent yet."""
    yield from _each(draw, DUTCH, 1, _STORIES, unsent=3)
    yield from _each(draw, BELGIAN, 2, _BELGIAN_STORIES, unsent=1)


def _each(
    draw: Random, count: int, subsidiary_id: int, stories: dict[str, tuple[str, ...]], unsent: int
) -> Iterator[Wish]:
    subjects = [(name, subject) for name, told in stories.items() for subject in told]
    for place in range(count):
        name, subject = subjects[place * 7 % len(subjects)]
        wish: dict[str, object] = {
            "days_ago": 2 + (count - 1 - place) * 358 // (count - 1),
            "subsidiary_id": subsidiary_id,
            "company": {"name": name},
            "subject": subject,
            "lines": _draw_lines(draw),
            "is_ordinary": True,
        }
        if place >= count - unsent:
            wish["sent_on"] = None

        if draw.random() < 0.4:
            wish["purchase_order_number"] = f"PO-{draw.randrange(1000, 9999)}"

        yield wish


def _draw_lines(draw: Random) -> list[Wish]:
    count = draw.choice((1, 2, 2, 3, 3, 4))
    # Nobody bills travel alone.
    work = [each for each in _WORK if count > 1 or each[0] != "Travel"]
    return [
        {"service_type": type_, "description": text, "unit_price": price, "quantity": draw.choice(quantities)}
        for type_, text, price, quantities in draw.sample(work, count)
    ]
