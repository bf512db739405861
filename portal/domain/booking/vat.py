"""Which VAT code a line gets, and whether that code may carry the line's VAT."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import Catalogue, VatCode, for_sales, shown
from portal.domain.booking.draft import DraftRate
from portal.domain.booking.invoice import Invoice, InvoiceLine
from portal.domain.booking.mapping import Choices, Chosen, MappingRules, choose_vat
from portal.domain.booking.place import SAID, Unplaced, Whereabouts
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.booking.vat_fit import question_fit
from portal.domain.said import Amount, Word
from portal.domain.text import say_percentage
from portal.domain.unreadable import Kind

NO_VAT_KINDS = ("B", "N")
UNPLACED = {
    Unplaced.NO_DIVISION: "vat_place_no_division",
    Unplaced.NO_COUNTRY: "vat_place_no_country",
    Unplaced.OTHER_COUNTRY: "vat_place_other_country",
    Unplaced.UNREADABLE: "vat_place_unreadable",
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who an invoice is booked for: the name, and where that is for VAT."""

    name: str
    where: Whereabouts | None = None


def has_vat_codes(catalogue: Catalogue) -> bool:
    """Say whether the division has any VAT code to offer."""
    return any(for_sales(code) for code in catalogue.vat_codes) or catalogue.hides(Kind.VAT_CODE)


def carries_vat(invoice: Invoice) -> bool:
    """Say whether an invoice has VAT anywhere."""
    return bool(invoice.amount_tax) or any(line.amount_tax for line in invoice.lines)


def list_rates(
    invoice: Invoice,
    rules: MappingRules,
    choices: Choices,
    catalogue: Catalogue,
    where: Whereabouts | None = None,
) -> tuple[DraftRate, ...]:
    """Return the distinct tax rates in their order on the invoice, each with its VAT code."""
    offered = has_vat_codes(catalogue)
    place = where.place if where else None
    rates: dict[str, DraftRate] = {}

    for line in invoice.lines:
        key = line.tax_rate_id or ""
        if key not in rates:
            chosen = choose_vat(rules, choices, line.tax_rate_id, invoice.company_id, place)
            vat = chosen if offered else None
            rates[key] = DraftRate(
                key, line.tax_rate or "", line.tax_percentage, _as_received(vat, catalogue)
            )

    return tuple(rates.values())


def check_vat(
    invoice: Invoice,
    rates: tuple[DraftRate, ...],
    catalogue: Catalogue,
    rules: MappingRules,
    buyer: Buyer,
) -> Iterator[Problem]:
    """Yield what is wrong with the VAT codes."""
    if not has_vat_codes(catalogue):
        if carries_vat(invoice):
            yield problem("no_vat_codes", "vat_codes")
        return
    for rate in rates:
        if rate.vat is None:
            yield _unmapped(rate, buyer, is_split=rate.id in rules.split)
        else:
            yield from _check_rate(invoice, rate, rate.vat, catalogue, buyer)


def _unmapped(rate: DraftRate, buyer: Buyer, *, is_split: bool) -> Problem:
    """Say what must be chosen for a rate without a code, and what nobody knows of the customer."""
    field = f"vat_codes.{rate.id}"
    where = buyer.where
    if not is_split:
        unmapped = problem("vat_unmapped", field, rate=_name(rate))
        return unmapped if rate.id else problem("vat_unmapped_none", field)

    if where is not None and where.place is not None:
        return problem("vat_unmapped_place", field, rate=_name(rate), place=Word(SAID[where.place]))

    unplaced = where.unplaced if where and where.unplaced else Unplaced.NO_COUNTRY
    values = {
        "rate": _name(rate),
        "customer": buyer.name,
        "country": where.country if where else "",
        "number": where.number if where else "",
    }
    return problem(UNPLACED[unplaced], field, **values)


def _check_rate(
    invoice: Invoice, rate: DraftRate, vat: Chosen, catalogue: Catalogue, buyer: Buyer
) -> Iterator[Problem]:
    field = f"vat_codes.{rate.id}"

    code = find_vat_code(catalogue, vat.code)
    if code is None:
        hidden = catalogue.hides(Kind.VAT_CODE, vat.code)
        yield problem("vat_unreadable" if hidden else "vat_unknown", field, code=shown(vat.code))
        return

    if fault := _fault(code):
        yield problem(fault, field, code=shown(code.code), rate=_name(rate))
        return

    lines = [line for line in invoice.lines if (line.tax_rate_id or "") == rate.id]
    yield from _check_lines(lines, rate, code, invoice, catalogue)
    if buyer.where is not None and (question := question_fit(code, buyer.where)):
        yield problem(question, field, code=shown(code.code), rate=_name(rate), customer=buyer.name)


def _fault(code: VatCode) -> str | None:
    """Name why a VAT code may not be used at all."""
    if code.blocked:
        return "vat_blocked"
    if code.used_for not in ("S", "B"):
        return "vat_not_for_sales"
    return None if for_sales(code) else "vat_including"


def _check_lines(
    lines: list[InvoiceLine], rate: DraftRate, code: VatCode, invoice: Invoice, catalogue: Catalogue
) -> Iterator[Problem]:
    """Yield at most one problem: VAT where the code books none, or another percentage than the rate's."""
    field = f"vat_codes.{rate.id}"
    spelled = shown(code.code)
    name = _name(rate)
    taxed = next((line for line in lines if line.amount_tax), None)

    if taxed and code.kind in NO_VAT_KINDS:
        vat = Amount(taxed.amount_tax, invoice.currency)
        yield problem("vat_on_exempt", field, code=spelled, line=taxed.description, vat=vat, rate=name)
        return

    valid = percentage_on(code, invoice.invoiced_on, catalogue)
    other = next((line for line in lines if (line.tax_percentage or 0) != valid), None)

    if other:
        yield problem(
            "vat_percentage",
            field,
            code=spelled,
            code_percentage=say_percentage(valid),
            date=invoice.invoiced_on,
            rate=name,
            percentage=say_percentage(other.tax_percentage or Decimal(0)),
        )


def percentage_on(code: VatCode, day: date, catalogue: Catalogue) -> Decimal:
    """Return the percentage that a VAT code charges on a day."""
    # A code that books no VAT charges nothing.
    if code.kind in NO_VAT_KINDS:
        return Decimal(0)
    spans = [span for span in catalogue.vat_percentages if shown(span.code) == shown(code.code)]
    valid = [span for span in spans if span.start <= day and (span.end is None or day <= span.end)]
    return max(valid, key=lambda span: span.start).percentage if valid else code.percentage


def find_vat_code(catalogue: Catalogue, code: str) -> VatCode | None:
    """Return a VAT code, padded or not."""
    return next((found for found in catalogue.vat_codes if shown(found.code) == shown(code)), None)


def _as_received(vat: Chosen | None, catalogue: Catalogue) -> Chosen | None:
    """Spell a chosen code as Exact does, with its padding."""
    found = find_vat_code(catalogue, vat.code) if vat else None
    return replace(vat, code=found.code) if vat and found else vat


def _name(rate: DraftRate) -> str:
    return rate.name or "without a name"
