"""The awkward invoices of the demo: every kind that has ever broken an accounting link, at least once."""

from collections.abc import Sequence

from portal.sandbox.productive.demo import customers as who
from portal.sandbox.productive.make import Wish

LONG_NUMBER = "K-RAAMOVEREENKOMST-GEMEENTE-2024/117-DEEL-3"


def _line(service_type: str | None, description: str, quantity: str, unit_price: int, **more: object) -> Wish:
    return {
        "service_type": service_type,
        "description": description,
        "quantity": quantity,
        "unit_price": unit_price,
        **more,
    }


def _wish(days_ago: int, company: str, subject: str, lines: Sequence[Wish], **more: object) -> Wish:
    return {"days_ago": days_ago, "company": {"name": company}, "subject": subject, "lines": lines, **more}


_CAMPAIGN = (
    _line("Design", "Campagnebeeld", "24", 9500),
    _line("Copywriting", "Slogans en teksten", "6", 8250),
)
_CAMPAIGN_BACK = (_line("Design", "Campagnebeeld: niet afgenomen uren", "-8", 9500),)
_MIXED = (
    _line("Design", "Boekontwerp", "30", 9250),
    _line("Print production", "Catalogus, gedrukt boek", "250", 1495, tax_rate="BTW 9%", unit_id=2),
    _line("Copywriting", "Vertaling, vrijgesteld deel", "4", 8250, tax_rate="BTW 0%"),
)
_HTML = (
    "<p>Concept &amp; <strong>ontwerp</strong> van de app</p><ul><li>schetsen</li><li>prototype</li></ul>"
    '<p>Zie <a href="https://kade.example/app">het voorstel</a></p>'
)
_DOMAINS = tuple(
    _line("Hosting", f"Domein filiaal-{place:03}.fietsfabrieknoord.example, 1 jaar", "1", 1249, unit_id=2)
    for place in range(1, 121)
)
_SUBTOTAL = tuple(
    _line("Photography", f"Beeldlicentie {place}", "1", 1003, unit_id=2) for place in range(1, 8)
)

AWKWARD: tuple[Wish, ...] = (
    _wish(64, who.FIETSFABRIEK, "Campagne najaar", _CAMPAIGN, key="campaign"),
    _wish(50, who.FIETSFABRIEK, "Creditnota campagne najaar", _CAMPAIGN_BACK, credits="campaign"),
    _wish(47, who.MUSEUM, "Catalogus zomertentoonstelling", _MIXED),
    _wish(
        43,
        who.NORDLICHT,
        "Markenauftritt und Website",
        (_line("Strategy", "Markenworkshop", "2", 95000, tax_rate="BTW verlegd"),),
    ),
    _wish(
        41,
        who.LODZ,
        "Łódź Design Festival",
        (_line("Design", "Identyfikacja wizualna", "46", 9500, tax_rate="BTW verlegd"),),
    ),
    _wish(
        38,
        who.TOKYO,
        "展示会デザイン",
        (_line("Design", "展示ブースのデザイン", "32", 11000, tax_rate="BTW 0%"),),
    ),
    _wish(
        35,
        who.ACME,
        "Product launch site",
        (
            _line("Development", "Landing page build", "52", 12500, tax_rate="Geen btw"),
            _line("Project management", "Project lead", "9.5", 10500, tax_rate="Geen btw"),
        ),
        currency="USD",
        exchange_rate="0.9187",
    ),
    _wish(
        33,
        who.HANSEN,
        "Kampanj Malmö",
        (_line("Design", "Affischer och banners", "18", 112500, tax_rate="BTW verlegd"),),
        currency="SEK",
        exchange_rate="0.0882",
    ),
    _wish(
        30,
        who.ZONNEDAK,
        "Ledencampagne, met coöperatiekorting",
        (
            _line("Strategy", "Campagnestrategie", "10", 12500),
            _line("Design", "Ontwerp campagnemiddelen", "21.25", 9750, discount="5"),
            _line("Training", "Training lokale afdelingen", "3", 59500),
        ),
        discount="7.5",
    ),
    _wish(28, who.BERG, "Meetdienst huurderspanel", (_line("Strategy", "Meeturen", "37.1234", 9375),)),
    _wish(26, who.FIETSFABRIEK, "Domeinen van alle filialen", _DOMAINS),
    _wish(
        24,
        who.AGAATH,
        "Opening nieuwe zaal",
        (
            _line("Design", "Uitnodigingen", "5", 9500),
            _line(None, "Bloemen en catering, doorbelast", "1", 18450, expense=True),
        ),
    ),
    _wish(
        22,
        who.VERENIGING,
        "Werkdag leden",
        (
            _line("Workshop facilitation", "Werkdag met 40 leden", "1", 185000),
            _line("Expenses", "Zaalhuur", "1", 42000, expense=True),
            _line("Travel", "Trein Den Haag – Utrecht", "4", 1180, tax_rate="BTW 9%", unit_id=2),
        ),
    ),
    _wish(20, who.BOEKHANDEL, "Beeldlicenties etalage", _SUBTOTAL, rounding="subtotal"),
    _wish(
        18,
        who.MUSEUM,
        "Raamovereenkomst, deel 3",
        (_line("Development", "Collectiewebsite", "40", 10500),),
        number=LONG_NUMBER,
    ),
    _wish(15, who.LANTAARN, "App voor proeverijen", (_line("Design", _HTML, "26", 9500),), sent_on=None),
    _wish(
        190,
        who.KLAVIER,
        "Drukwerk en website, oud tarief",
        (
            _line("Print production", "Programmaboekjes", "400", 175, tax_rate="TVA 6%", unit_id=2),
            _line("Development", "Aanpassing website", "12", 10500, tax_rate="TVA 21% (old)"),
        ),
        subsidiary_id=2,
    ),
    _wish(
        58,
        who.BELGA,
        "Menu de fête",
        (
            _line("Design", "Mise en page", "14", 9500, tax_rate="TVA 21%"),
            _line("Workshop facilitation", "Dégustation", "1", 64000, tax_rate="TVA 12%"),
        ),
        subsidiary_id=2,
    ),
    _wish(
        9,
        who.NORDLICHT,
        "Wartung Website",
        (_line("Hosting", "Hosting, Quartal", "3", 14900, tax_rate="TVA 0%"),),
        subsidiary_id=2,
    ),
    _wish(
        6,
        who.LANTAARN,
        "Website fase 3, concept",
        (_line("Design", "Ontwerp", "12", 9500),),
        finalized_on=None,
    ),
    _wish(
        4, who.MUSEUM, "Museumnacht, concept", (_line("Strategy", "Advies", "6", 12500),), finalized_on=None
    ),
    _wish(3, who.KLAVIER, "Seizoensbrochure, concept", (), finalized_on=None, subsidiary_id=2),
    _wish(340, who.BERG, "Voorbeeldfactuur 1", _CAMPAIGN, number="SAMPLE-1", sample_data=True),
    _wish(339, who.BERG, "Voorbeeldfactuur 2", _CAMPAIGN, number="SAMPLE-2", sample_data=True),
    _wish(
        84,
        who.BAKKERIJ,
        "Verpakking, dubbel gemaakt",
        (_line("Design", "Verpakking", "9", 9500),),
        is_deleted=True,
    ),
)
