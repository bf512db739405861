"""Journals, ledgers, VAT codes, periods, currencies, payment conditions and costs of the demo."""

from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

from portal.sandbox.exact.store import Books, Row, Value, guid_of, midnight

# code, description, type, variable currency and rate, blocked
_JOURNALS = (
    ("10", "Kas", 10, False, False),
    ("20", "ING Bank", 12, False, False),
    ("60", "Inkoop", 22, True, False),
    ("70", "Verkoop", 20, True, False),
    ("71", "Verkoop projecten", 20, False, False),
    ("75", "Creditnota's verkoop", 21, True, False),
    ("79", "Verkoop (oud)", 20, True, True),
    ("90", "Memoriaal", 90, True, False),
)
# code, description, type
_LEDGERS = """
0100 Inventaris|30
0150 Afschrijving inventaris|35
0500 Aandelenkapitaal|50
0600 Onverdeelde winst|52
0700 Lening o/g|55
1000 Kas|10
1100 ING Bank|12
1190 Gelden onderweg|32
1300 Debiteuren|20
1310 Nog te factureren|32
1350 Vooruitbetaalde kosten|26
1400 Voorbelasting|24
1500 Btw te betalen|24
1600 Crediteuren|22
1700 Vooruitgefactureerde omzet|60
1710 Waarborgsommen|60
1750 Netto lonen|25
1800 Vennootschapsbelasting|29
4000 Lonen en salarissen|125
4100 Pensioenlasten|126
4200 Huisvestingskosten|121
4300 Kantoorkosten|121
4400 Verkoopkosten|120
4500 Afschrijvingskosten|122
7000 Uitbesteed werk|111
7100 Ingekochte media|111
8000 Omzet ontwerp|110
8010 Omzet strategie|110
8020 Omzet ontwikkeling|110
8030 Omzet projectmanagement|110
8040 Omzet hosting en licenties|110
8050 Omzet onderhoud|110
8060 Omzet teksten en vertalingen|110
8100 Omzet fotografie en film|110
8200 Omzet media|110
8300 Omzet doorbelaste kosten|110
8400 Omzet reis- en verblijfkosten|110
8500 Omzet trainingen|110
8600 Omzet binnen de EU|110
8700 Omzet buiten de EU|110
8800 Omzet (niet meer gebruiken)|110
8900 Overige omzet|110
9000 Rentebaten|160
9100 Bijzondere baten|140
9200 Betalingsverschillen|120
"""
_BLOCKED_LEDGER = "8800"
_COSTED_LEDGER = "8500"
_CREDIT_TYPES = (20, 21, 22, 24, 25, 27, 29, 50, 52, 55, 60, 100, 110, 140, 160)
_PROFIT_TYPES = range(110, 200)

# code, description, percentage, type, sales/purchase, blocked, charged
_DUTCH_VAT = (
    ("0", "Geen btw", "0", "N", "B", False, False),
    ("1", "Btw laag tarief 9%", "0.09", "E", "B", False, False),
    ("2", "Btw hoog tarief 21%", "0.21", "E", "B", False, False),
    ("3", "Btw nultarief", "0", "B", "S", False, False),
    ("4", "Btw 21% inclusief", "0.21", "I", "B", False, False),
    ("5", "Btw verlegd", "0", "B", "S", False, True),
    ("6", "Export buiten de EU", "0", "B", "S", False, False),
    ("7", "Levering diensten binnen de EU", "0", "B", "S", False, True),
    ("21", "Inkoop btw 21%", "0.21", "E", "P", False, False),
    ("OUD", "Btw laag 6% (vervallen)", "0.06", "E", "B", True, False),
)
_BELGIAN_VAT = (
    ("0", "Geen btw", "0", "N", "B", False, False),
    ("1", "Btw 6%", "0.06", "E", "B", False, False),
    ("2", "Btw 12%", "0.12", "E", "B", False, False),
    ("4", "Btw 21%", "0.21", "E", "B", False, False),
    ("3", "Btw 0%", "0", "B", "S", False, False),
    ("5", "Medecontractant", "0", "B", "S", False, True),
    ("7", "Diensten binnen de EU", "0", "B", "S", False, True),
    ("8", "Btw 21% inclusief", "0.21", "I", "B", False, False),
    ("21", "Aankoop btw 21%", "0.21", "E", "P", False, False),
    ("OUD", "Btw 20,5% (vervallen)", "0.205", "E", "B", True, False),
)
_CURRENCIES = (
    ("EUR", "Euro", None),
    ("USD", "Amerikaanse dollar", "1.0850"),
    ("GBP", "Brits pond", "0.8460"),
    ("SEK", "Zweedse kroon", "11.2400"),
)
# code, description, days, ends of months, instalments
_CONDITIONS = (
    ("14", "14 dagen", 14, 0, ""),
    ("30", "30 dagen", 30, 0, ""),
    ("EM", "30 dagen einde maand", 30, 1, ""),
    ("00", "Contant", 0, 0, ""),
    ("5050", "50% na 14 dagen, 50% na 45 dagen", 45, 0, "0.5@14;0.5@45"),
)
_COSTCENTERS = (
    ("NL01", "Studio", None),
    ("NL02", "Strategie", None),
    ("NL03", "Techniek", None),
    ("OUD", "Afdeling print", -400),
)


def fill_catalogue(books: Books) -> None:
    """Everything but customers and entries."""
    _fill_currencies(books)
    _fill_ledgers(books)
    _fill_journals(books)
    for vat in _DUTCH_VAT if books.facts["Country"] == "NL" else _BELGIAN_VAT:
        _add_vat_code(books, *vat)

    _fill_periods(books)
    for code, description, days, months, plan in _CONDITIONS:
        _add(
            books,
            "PaymentConditions",
            code,
            Description=description,
            PaymentDays=days,
            PaymentEndOfMonths=months,
            PaymentMethod="B",
            _Instalments=plan or None,
        )

    for code, description, ended in _COSTCENTERS:
        end = None if ended is None else midnight(date(books.today().year - 1, 12, 31))
        _add(books, "Costcenters", code, Description=description, Active=ended is None, EndDate=end)

    for code, description in (("PRJ", "Projecten"), ("INT", "Intern")):
        _add(books, "Costunits", code, Description=description)


def _add(books: Books, table: str, code: str, **values: Value) -> Row:
    row: Row = {"ID": guid_of(books.code, table, code), "Code": code, **values}
    return books.add(table, {name: value for name, value in row.items() if value is not None})


def _fill_currencies(books: Books) -> None:
    for code, description, rate in _CURRENCIES:
        books.add(
            "Currencies",
            {
                "Code": code,
                "Description": description,
                "AmountPrecision": Decimal("0.01"),
                "PricePrecision": Decimal("0.01"),
            },
        )
        for years in (3, 0) if rate else ():
            start = books.today().replace(month=1, day=1, year=books.today().year - years)
            drift = Decimal(1) - Decimal(years) / 100
            books.add(
                "ExchangeRates",
                {
                    "ID": guid_of(books.code, "rate", code, years),
                    "SourceCurrency": code,
                    "TargetCurrency": books.currency,
                    "Rate": round(Decimal(rate or 1) * drift, 4),
                    "StartDate": start,
                },
            )


def _fill_ledgers(books: Books) -> None:
    default = "2  " if books.facts["Country"] == "NL" else "4  "
    for line in _LEDGERS.strip().splitlines():
        code, _, rest = line.partition(" ")
        description, _, kind = rest.partition("|")
        revenue = kind == "110"
        _add(
            books,
            "GLAccounts",
            code,
            Description=description,
            Type=int(kind),
            TypeDescription={"110": "Omzet", "20": "Debiteuren", "24": "Btw"}.get(kind),
            BalanceSide="C" if int(kind) in _CREDIT_TYPES else "D",
            BalanceType="W" if int(kind) in _PROFIT_TYPES else "B",
            IsBlocked=code == _BLOCKED_LEDGER,
            UseCostcenter=1 if code == _COSTED_LEDGER else 0,
            UseCostunit=0,
            SearchCode=description.upper()[:10],
            VATCode=default if revenue else None,
            Matching=kind == "20",
        )


def _fill_journals(books: Books) -> None:
    for code, description, kind, variable, blocked in _JOURNALS:
        ledger = {10: "1000", 12: "1100", 20: "1300", 21: "1300", 22: "1600"}.get(kind)
        _add(
            books,
            "Journals",
            code,
            Description=description,
            Type=kind,
            Currency=books.currency,
            AllowVariableCurrency=variable,
            AllowVariableExchangeRate=variable,
            AllowVAT=kind != 12,
            IsBlocked=blocked,
            GLAccount=guid_of(books.code, "GLAccounts", ledger) if ledger else None,
            BankAccountIBAN="NL20INGB0001234567" if kind == 12 else None,
        )


def _add_vat_code(
    books: Books, code: str, text: str, part: str, kind: str, side: str, blocked: bool, charged: bool
) -> None:
    row = _add(
        books,
        "VATCodes",
        code,
        Description=text,
        Type=kind,
        VATTransactionType=side,
        IsBlocked=blocked,
        Charged=charged,
        EUSalesListing="S" if code == "7" else "N",
        TaxReturnType=0,
        GLToPay=guid_of(books.code, "GLAccounts", "1500"),
        GLToClaim=guid_of(books.code, "GLAccounts", "1400"),
    )

    # Codes of VAT have three characters, padded on the right.
    books.change("VATCodes", str(row["ID"]), {"Code": f"{code:<3}"})
    _add_percentage(books, row, 1, Decimal(part), midnight(date(2012, 10, 1)), None)

    if part == "0.21":
        earlier = midnight(date(2001, 1, 1)), midnight(date(2012, 9, 30))
        _add_percentage(books, row, 2, Decimal("0.19"), *earlier)


def _add_percentage(
    books: Books, code: Row, number: int, part: Decimal, start: datetime, end: datetime | None
) -> None:
    row: Row = {
        "ID": guid_of(code["ID"], number),
        "VATCodeID": code["ID"],
        "LineNumber": number,
        "Percentage": part,
        "Type": 0,
        "StartDate": start,
    }

    books.add("VATPercentages", row | ({"EndDate": end} if end else {}))


def _fill_periods(books: Books) -> None:
    this_year = books.today().year
    for year in range(this_year - 3, this_year + 2):
        for month in range(1, 13):
            start = books.today().replace(year=year, month=month, day=1)
            row: Row = {
                "ID": guid_of(books.code, "period", year, month),
                "FinYear": year,
                "FinPeriod": month,
                "StartDate": start,
                "EndDate": start.replace(day=monthrange(year, month)[1]),
            }

            books.add("FinancialPeriods", row | ({"_Closed": True} if year == this_year - 3 else {}))
