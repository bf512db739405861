"""The demo's customers."""

from portal.sandbox.productive.make_companies import find_or_make_company
from portal.sandbox.productive.state import Sandbox

LANTAARN = "Brouwerij De Lantaarn B.V."
BERG = "Van den Berg Beheer B.V."
FIETSFABRIEK = "Fietsfabriek Noord B.V."
MUSEUM = "Museum aan de Maas"
ZONNEDAK = "Zonnedak Coöperatie U.A."
AGAATH = "Restaurant Tante Agaath"
LODZ = "Łódź Design Sp. z o.o."
TOKYO = "東京デザイン株式会社"
HANSEN = "Hansen & Søn ApS"
VERENIGING = "Internationale Vereniging voor Duurzame Stadsontwikkeling N.V."
BAKKERIJ = "Bakkerij 't Hoekje"
BOEKHANDEL = "Boekhandel Scheltema & Zonen"
NORDLICHT = "Nordlicht Medien GmbH"
KLAVIER = "Studio Klavier BV"
BELGA = "Café Belga NV"
ACME = "Acme Software Inc."
# They are in Exact under the same name, which has no VAT number of theirs there.
FESTIVAL = "Festival Waterkant B.V."
HOTEL = "Hotel De Vijverhof B.V."
UITGEVERIJ = "Uitgeverij Het Blad B.V."
ORKEST = "Orkest van de Lage Landen B.V."
ZORGGROEP = "Zorggroep Hart en Ziel B.V."
WIJNHANDEL = "Wijnhandel Bacchus B.V."
REDERIJ = "Rederij Zuidplas B.V."
MAKELAARDIJ = "Makelaardij Stads B.V."
ENERGIEK = "Energiek Advies B.V."
NOTARIS = "Notariskantoor Brink B.V."
ARCHITECTEN = "Architectenbureau Lijn 7 B.V."
THEATER = "Jeugdtheater Het Podium B.V."
# Two relations of this name are in Exact.
KWEKERIJ = "Kwekerij Groenewoud B.V."

_NL = "Netherlands"
_BE = "Belgium"
# Name, street, postcode, city, country, VAT id, days to pay.
_CUSTOMERS: tuple[tuple[str, str, str, str, str, str | None, int], ...] = (
    (LANTAARN, "Oudegracht 187", "3511 NE", "Utrecht", _NL, "NL423483687B01", 30),
    (BERG, "Herengracht 412", "1017 BZ", "Amsterdam", _NL, "NL204640775B01", 30),
    (FIETSFABRIEK, "Sontweg 9", "9723 AT", "Groningen", _NL, "NL821598776B03", 14),
    (MUSEUM, "Maasboulevard 100", "3063 NS", "Rotterdam", _NL, "NL673488822B03", 30),
    (ZONNEDAK, "Lange Nieuwstraat 56", "5041 DB", "Tilburg", _NL, "NL121609436B02", 30),
    (AGAATH, "Grote Markt 3", "2011 RD", "Haarlem", _NL, "NL377275438B02", 14),
    (LODZ, "ul. Piotrkowska 72", "90-102", "Łódź", "Poland", "PL5522878721", 30),
    (TOKYO, "渋谷区神宮前5丁目10番1号", "150-0001", "東京都", "Japan", None, 45),
    (HANSEN, "Nørrebrogade 45", "2200", "København N", "Denmark", "DK20724161", 30),
    (VERENIGING, "Lange Voorhout 14", "2514 ED", "Den Haag", _NL, "NL298906429B02", 60),
    (BAKKERIJ, "Dorpsstraat 1", "3732 HG", "De Bilt", _NL, "NL552337791B02", 14),
    (BOEKHANDEL, "Rokin 9", "1012 KK", "Amsterdam", _NL, "NL683966354B02", 30),
    (NORDLICHT, "Speicherstraße 14", "20457", "Hamburg", "Germany", "DE876357719", 30),
    (KLAVIER, "Vlaanderenstraat 88", "9000", "Gent", _BE, "BE0726850395", 30),
    (BELGA, "Place Eugène Flagey 18", "1050", "Bruxelles", _BE, "BE0892086729", 30),
    (ACME, "500 Market Street, Suite 1200", "94105", "San Francisco", "United States", None, 30),
    (FESTIVAL, "Boompjes 40", "3011 XB", "Rotterdam", _NL, None, 30),
    (HOTEL, "Parklaan 2", "3016 BB", "Rotterdam", _NL, None, 14),
    (UITGEVERIJ, "Westblaak 180", "3012 KN", "Rotterdam", _NL, None, 30),
    (ORKEST, "Kruisplein 30", "3012 CC", "Rotterdam", _NL, None, 30),
    (ZORGGROEP, "Motorstraat 5", "3083 AP", "Rotterdam", _NL, None, 30),
    (WIJNHANDEL, "Nieuwe Binnenweg 91", "3014 GG", "Rotterdam", _NL, None, 14),
    (REDERIJ, "Willemsplein 85", "3016 DR", "Rotterdam", _NL, None, 30),
    (MAKELAARDIJ, "Mathenesserlaan 218", "3021 HN", "Rotterdam", _NL, None, 14),
    (ENERGIEK, "Galvanistraat 15", "3029 AD", "Rotterdam", _NL, None, 30),
    (NOTARIS, "Westersingel 8", "3014 GM", "Rotterdam", _NL, None, 14),
    (ARCHITECTEN, "Coolhaven 236", "3024 AM", "Rotterdam", _NL, None, 30),
    (THEATER, "Schouwburgplein 25", "3012 CL", "Rotterdam", _NL, None, 30),
    (KWEKERIJ, "Bergse Linker Rottekade 4", "3056 LK", "Rotterdam", _NL, None, 30),
)
_CURRENCIES = {ACME: "USD"}
_LEGAL_NAMES = {BOEKHANDEL: "Boekhandel Scheltema & Zonen v.o.f.", BAKKERIJ: "Bakkerij 't Hoekje (J. de Wit)"}


def add_customers(state: Sandbox) -> None:
    """Store them all."""
    for name, address, zipcode, city, country, vat, due_days in _CUSTOMERS:
        domain = f"klant{len(state.tables.companies) + 1}.example"
        find_or_make_company(
            state,
            {
                "name": name,
                "billing_name": _LEGAL_NAMES.get(name),
                "address": address,
                "zipcode": zipcode,
                "city": city,
                "state": "CA" if name == ACME else None,
                "country": country,
                "vat": vat,
                "due_days": due_days,
                "email": f"administratie@{domain}",
                "domain": domain,
                "default_currency": _CURRENCIES.get(name, "EUR"),
                "default_subsidiary_id": 2 if country == _BE else 1,
            },
        )
