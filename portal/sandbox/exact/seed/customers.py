"""The accounts of the demo: customers, one supplier, one prospect, one that is blocked."""

from portal.sandbox.exact.store import Books, Row, Value, guid_of

# Name, country, city, VAT number; Van den Berg has another number than in Productive on purpose.
_DUTCH = (
    ("Brouwerij De Lantaarn B.V.", "NL", "Utrecht", "NL423483687B01"),
    ("Van den Berg Beheer B.V.", "NL", "Leiden", "NL801234567B01"),
    ("Van den Berg Beheer B.V.", "NL", "Breda", None),
    ("Fietsfabriek Noord B.V.", "NL", "Groningen", "NL821598776B03"),
    ("Museum aan de Maas", "NL", "Maastricht", None),
    ("Zonnedak Coöperatie U.A.", "NL", "Zwolle", "NL121609436B02"),
    ("Łódź Design Sp. z o.o.", "PL", "Łódź", "PL5522878721"),
    ("Hansen & Søn ApS", "DK", "Aarhus", "DK20724161"),
    ("Internationale Vereniging voor Duurzame Stadsontwikkeling N.V."[:50], "NL", "Den Haag", None),
    ("Acme Software Inc.", "US", "Boston", None),
    ("Boekhandel Scheltema & Zonen", "NL", "Amsterdam", "NL683966354B02"),
)
_BELGIAN = (
    ("Studio Klavier BV", "BE", "Gent", "BE0726850395"),
    ("Café Belga NV", "BE", "Brussel", "BE0892086729"),
    ("Nordlicht Medien GmbH", "DE", "Hamburg", "DE876357719"),
    ("東京デザイン株式会社", "JP", "東京", None),
    ("Van den Berg Beheer B.V.", "NL", "Leiden", "NL801234567B01"),
    ("Museum aan de Maas", "NL", "Maastricht", None),
)
_FILLERS = (
    "Aannemersbedrijf De Groot",
    "Apotheek Centrum",
    "Architectenbureau Lijn 7",
    "Bloemenhuis Iris",
    "Camping Zeezicht",
    "Drukkerij Van Loon",
    "Energiek Advies",
    "Festival Waterkant",
    "Gemeente Oosterhaven",
    "Hotel De Vijverhof",
    "IJssalon Venezia",
    "Jeugdtheater Het Podium",
    "Kwekerij Groenewoud",
    "Logistiek Partners",
    "Makelaardij Stads",
    "Notariskantoor Brink",
    "Orkest van de Lage Landen",
    "Podotherapie Stap",
    "Quadraat Vastgoed",
    "Rederij Zuidplas",
    "Schildersbedrijf Kleur",
    "Tandartspraktijk Oost",
    "Uitgeverij Het Blad",
    "Verhuurbedrijf Rijnstreek",
    "Wijnhandel Bacchus",
    "Xantia Autoverhuur",
    "Zorggroep Hart en Ziel",
)
BLOCKED = "Kredietrisico Handel"
PROSPECT = "Misschien Klant"
ENDED = "Gestopt Bedrijf"
SUPPLIER = "Papiergroothandel"
# Somebody entered these a second time.
_TWICE = ("Kwekerij Groenewoud",)


def fill_customers(books: Books) -> None:
    """About forty accounts, coded from 1 on."""
    country = str(books.facts["Country"])
    suffix = "B.V." if country == "NL" else "BV"
    known = _DUTCH if country == "NL" else _BELGIAN
    number = 0
    for number, (name, land, city, vat) in enumerate(known, 1):
        _add_account(books, number, name, Country=land, City=city, VATNumber=vat)

    for name in _FILLERS:
        number += 1
        _add_account(books, number, f"{name} {suffix}", Country=country, City="Rotterdam")

    for name, values in _SPECIAL.items():
        number += 1
        end = books.today().replace(year=books.today().year - 1, day=1) if name == ENDED else None
        _add_account(books, number, f"{name} {suffix}", Country=country, EndDate=end, **values)

    for name in _TWICE:
        number += 1
        _add_account(books, number, f"{name} {suffix}", Country=country, City="Rotterdam")


def code_of(number: int) -> str:
    """An account's code: 18 characters, padded on the left."""
    return f"{number:>18}"


_SPECIAL: dict[str, Row] = {
    BLOCKED: {"Blocked": True},
    PROSPECT: {"Status": "P"},
    ENDED: {},
    SUPPLIER: {"Status": "A", "IsSupplier": True},
}


def _add_account(books: Books, number: int, name: str, **values: Value) -> None:
    row: Row = {
        "ID": guid_of(books.code, "account", number),
        "Code": code_of(number),
        "Name": name,
        "SearchCode": name.upper()[:10],
        "Status": "C",
        "Blocked": False,
        "IsSupplier": False,
        "IsReseller": False,
        "Type": "A",
        "Language": "NL",
        "PaymentConditionSales": "5050" if name.startswith("Zonnedak") else "30",
        "Email": f"administratie{number}@klant.example",
        "StartDate": books.today().replace(month=1, day=1, year=books.today().year - 2),
        **values,
    }
    if name.startswith("Acme"):
        row["SalesCurrency"] = "USD"

    books.add("Accounts", {key: value for key, value in row.items() if value is not None})
    books.add(
        "BankAccounts",
        {
            "ID": guid_of(books.code, "bank account", number),
            "Account": row["ID"],
            "BankAccount": f"NL00BANK{number:010}",
            "IBAN": f"NL00BANK{number:010}",
            "Main": True,
            "Blocked": False,
        },
    )
