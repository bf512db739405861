"""What an entry adds up to per VAT code: the base and the VAT."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.domain.booking.sales_entry import BookedLine, SalesEntryLine


@dataclass(frozen=True, slots=True)
class VatSum:
    """Net amounts and VAT of one code, in cents. A line without a code has the code ""."""

    code: str
    base: int
    vat: int


def sum_vat(lines: Iterable[SalesEntryLine | BookedLine]) -> tuple[VatSum, ...]:
    """Add up lines per VAT code, by code."""
    found: dict[str, VatSum] = {}
    for line in lines:
        code = (line.vat_code or "").strip()
        before = found.get(code, VatSum(code, 0, 0))
        found[code] = VatSum(code, before.base + line.amount, before.vat + line.vat_amount)

    return tuple(found[code] for code in sorted(found))


def explains(sums: Iterable[VatSum], *, gross: int, vat: int | None) -> bool:
    """Say whether the sums per code are the whole of an entry, to the cent."""
    sums = tuple(sums)
    whole = sum(one.base + one.vat for one in sums)
    return whole == gross and vat in (None, sum(one.vat for one in sums))
