"""The month that is about to be closed: sixty invoices that nobody copied yet, most without a doubt."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from portal.sandbox.productive.demo import customers as who
from portal.sandbox.productive.make import Wish

# Nothing is to be asked about these once what is suggested was accepted.
_DOMESTIC: tuple[tuple[str, str], ...] = (
    (who.LANTAARN, "Etiketten lentebier"),
    (who.FESTIVAL, "Affiche en programma"),
    (who.HOTEL, "Website, sprint 4"),
    (who.FIETSFABRIEK, "Dealerportaal, onderhoud"),
    (who.UITGEVERIJ, "Omslagen voorjaarsaanbieding"),
    (who.ORKEST, "Seizoensbrochure"),
    (who.MUSEUM, "Online ticketverkoop, fase 2"),
    (who.ZORGGROEP, "Intranet, ontwerp"),
    (who.ZONNEDAK, "Ledenportaal, meerwerk"),
    (who.WIJNHANDEL, "Webshop proefpakketten"),
    (who.REDERIJ, "Huisstijl rondvaarten"),
    (who.MAKELAARDIJ, "Aanbodpagina's"),
    (who.BOEKHANDEL, "Webshop zoekfunctie"),
    (who.ENERGIEK, "Campagne isolatie"),
    (who.NOTARIS, "Formulieren en teksten"),
    (who.ARCHITECTEN, "Portfolio"),
    (who.THEATER, "Schoolvoorstellingen"),
)
_IN_EUROPE = (
    (who.LODZ, "Identyfikacja wizualna, etap 2"),
    (who.HANSEN, "Kampagne København"),
    (who.LODZ, "Strona internetowa"),
    (who.HANSEN, "Design system, timer"),
)
# Two relations of this name are in Exact, so a person says which one it is.
_QUESTIONS = ("Bestelsite, release 12", "Voorjaarscatalogus", "Etiketten en stekers", "Nieuwsbrief")
# No VAT, outside the EU: the code for no VAT and the one for exports fit equally well.
_TIES = ("Launch site, retainer", "Launch site, content", "Brand guidelines")
_LONG_NUMBER = "K-RAAMOVEREENKOMST-MUSEUMNACHT-{year}-DEEL-08"
DOMESTIC = 48
# The newest ones are not marked as sent yet.
_UNSENT = 3

# Service type, description, price per unit in cents, the quantities it comes in.
_WORK: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("Design", "Ontwerp", 9750, ("6", "9.5", "11", "14", "17.75", "21.25")),
    ("Design", "Beeldtaal en illustraties", 9500, ("4", "5.25", "8", "10", "12.5")),
    ("Development", "Bouw", 10750, ("8", "13", "16", "19.25", "24.5", "31")),
    ("Development", "Testen en oplevering", 10500, ("3", "4.25", "5.75", "7")),
    ("Strategy", "Onderzoek en advies", 12750, ("2", "3.5", "4", "6.5")),
    ("Project management", "Projectleiding", 9000, ("2", "2.75", "3.5", "5.25")),
    ("Copywriting", "Teksten", 8400, ("3", "4.5", "6.25", "8")),
    ("Hosting", "Hosting en onderhoud, per maand", 14900, ("1", "2")),
)


def each_of_the_month(year: int) -> Iterator[Wish]:
    """Wish for the sixty invoices, those that need somebody spread among the others."""
    draw = Random(60)
    ready = [*_each_european(draw), *_each_domestic(draw)]
    asking = [*_each_question(draw), *_each_tie(draw), _long_one(draw, year)]
    every = len(ready) // len(asking)

    for place, wish in enumerate(ready):
        if place % every == every - 1 and asking:
            yield asking.pop(0)
        yield wish

    yield from asking


def day_in_month(today: date, place: int, count: int) -> date:
    """Return the day of one of so many invoices: in this month, not after today, and no weekend."""
    day = today.replace(day=1 + place * today.day // count)
    friday = day - timedelta(days=max(0, day.weekday() - 4))
    # A month that begins with a weekend has nothing before it.
    return friday if friday.month == day.month else day


def _each_domestic(draw: Random) -> Iterator[Wish]:
    for place in range(DOMESTIC - 1):
        name, subject = _DOMESTIC[place * 5 % len(_DOMESTIC)]
        part = place // len(_DOMESTIC)
        more = {"sent_on": None} if place >= DOMESTIC - 1 - _UNSENT else {}
        title = f"{subject}, deel {part + 1}" if part else subject
        yield _wish(name, title, _draw_lines(draw, "BTW 21%"), key=f"month {place}", **more)

    back = {
        "service_type": "Design",
        "description": "Niet afgenomen uren",
        "quantity": "-3",
        "unit_price": 9750,
    }
    yield _wish(_DOMESTIC[0][0], f"Creditnota {_DOMESTIC[0][1].lower()}", [back], credits="month 0")


def _each_european(draw: Random) -> Iterator[Wish]:
    for name, subject in _IN_EUROPE:
        yield _wish(name, subject, _draw_lines(draw, "BTW verlegd"))


def _each_question(draw: Random) -> Iterator[Wish]:
    for subject in _QUESTIONS:
        yield _wish(who.KWEKERIJ, subject, _draw_lines(draw, "BTW 21%"))


def _each_tie(draw: Random) -> Iterator[Wish]:
    dollars = {"currency": "USD", "exchange_rate": "0.9187"}
    for subject in _TIES:
        yield _wish(who.ACME, subject, _draw_lines(draw, "Geen btw"), **dollars)


def _long_one(draw: Random, year: int) -> Wish:
    number = _LONG_NUMBER.format(year=year)
    return _wish(who.MUSEUM, "Museumnacht, raamovereenkomst", _draw_lines(draw, "BTW 21%"), number=number)


def _wish(company: str, subject: str, lines: Sequence[Wish], **more: object) -> Wish:
    return {"company": {"name": company}, "subject": subject, "lines": lines, **more}


def _draw_lines(draw: Random, rate: str) -> list[Wish]:
    return [
        {
            "service_type": type_,
            "description": text,
            "unit_price": price,
            "quantity": draw.choice(quantities),
            "tax_rate": rate,
        }
        for type_, text, price, quantities in draw.sample(_WORK, draw.choice((1, 2, 2, 3, 3)))
    ]
