"""Numbers of trade registers, and those that a VAT number holds."""

from portal.domain.customers.vat_numbers import VatNumber

# Where the VAT number holds the number of the trade register.
HOLDS_REGISTER = frozenset(("BE", "CH", "NO"))
SIREN = 9


def digits_of(text: str) -> str:
    """Return the digits of a text."""
    return "".join(sign for sign in text if sign.isdigit())


def read_register(text: str | None) -> str:
    """Return a number of the trade register without idle zeros, empty for none."""
    digits = digits_of(text or "").lstrip("0")
    return digits if len(digits) >= 6 and len(set(digits)) > 1 else ""


def are_other_registers(one: str, other: str) -> bool:
    """Say whether two numbers are of one register and differ."""
    # Numbers of different lengths are of two registers.
    return len(one) == len(other) and one != other


def register_of(vat: VatNumber, given: str | None) -> str:
    """Return the register's number that a VAT number holds, or that stands in its place."""
    if not vat:
        return read_register(given) if not vat.is_several else ""
    if vat.country in HOLDS_REGISTER:
        return read_register(vat.number)
    return read_register(vat.number[-SIREN:]) if vat.country == "FR" else ""
