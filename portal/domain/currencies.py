"""How many decimals the amounts of a currency have, by ISO 4217."""

from portal.domain.said import Said, said

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES
WST XCD XCG YER ZAR ZMW ZWG
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

_DECIMALS = {
    code: decimals
    for decimals, codes in ((2, _TWO), (0, _NONE), (3, _THREE), (4, _FOUR))
    for code in codes.split()
}


def decimals_of(currency: str) -> int | None:
    """Return how many decimals a currency has, None where the standard does not say."""
    return _DECIMALS.get(currency.strip())


def has_cents(currency: str) -> bool:
    """Say whether an amount in hundredths is an amount of a currency.

    Productive gives amounts in hundredths. How it gives those of a currency with other decimals is not known.
    """
    return decimals_of(currency) == 2


def say_decimals(currency: str) -> Said:
    """Say how many decimals a currency has."""
    decimals = decimals_of(currency)
    if decimals is None:
        return said("decimals_unknown")
    return said("decimals", count=decimals) if decimals else said("decimals_none")
