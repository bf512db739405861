"""Currencies by how many decimals they have. None where the standard names none."""

DECIMALS: dict[str, int | None] = {
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    # What people leave out in daily life is still there in the books.
    "HUF": 2,
    "IDR": 2,
    "RSD": 2,
    "MGA": 2,
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "ISK": 0,
    "XOF": 0,
    "CLP": 0,
    "KWD": 3,
    "BHD": 3,
    "TND": 3,
    "OMR": 3,
    "JOD": 3,
    "CLF": 4,
    "UYW": 4,
    "XAU": None,
    "XXX": None,
    "BTC": None,
    "eur": None,
    "": None,
}
PLAIN = tuple(code for code, decimals in DECIMALS.items() if decimals == 2)
ODD = tuple(code for code, decimals in DECIMALS.items() if decimals != 2)
