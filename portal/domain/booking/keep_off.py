"""What a failed assumption keeps off, as problems that are known before anything is asked for."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from portal.domain.assumptions import Feature, failed_under
from portal.domain.booking.catalogue import Catalogue, Division, shown
from portal.domain.booking.draft import DraftLine
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.booking.vat import find_vat_code, percentage_on
from portal.domain.money import vat_of
from portal.domain.said import Amount, Word

KEPT_OFF = {
    Feature.COPYING: "copying_kept_off",
    Feature.CREDIT_NOTES: "credit_kept_off",
    Feature.FOREIGN: "foreign_kept_off",
    Feature.NEW_CUSTOMERS: "customer_kept_off",
    Feature.UPDATES: "update_kept_off",
    Feature.DELETIONS: "deletion_kept_off",
    Feature.PAYMENTS: "payments_kept_off",
}


def find_kept_off(feature: Feature, failed: Collection[str]) -> Problem | None:
    """Say that a feature is kept off, and by what. None where it is on."""
    why = failed_under(feature, failed)
    return problem(KEPT_OFF[feature], assumed=Word(why[0].assumed)) if why else None


def check_kept_off(
    invoice: Invoice,
    lines: Sequence[DraftLine],
    failed: Collection[str],
    *,
    division: Division,
    catalogue: Catalogue,
    day: date,
    has_rate: bool,
    new_customer: bool,
) -> Iterator[Problem]:
    """Yield why an invoice must not be copied while some assumptions fail."""
    if not failed:
        return

    features = {
        Feature.COPYING: True,
        Feature.CREDIT_NOTES: invoice.is_credit_note,
        Feature.FOREIGN: invoice.currency != division.currency and not has_rate,
        Feature.NEW_CUSTOMERS: new_customer,
    }
    for feature, concerned in features.items():
        found = find_kept_off(feature, failed) if concerned else None
        if found is not None:
            yield found

    if failed_under(Feature.OTHER_VAT, failed):
        yield from _check_lines(invoice, lines, catalogue, day)

    if failed_under(Feature.TOTALED_VAT, failed):
        yield from _check_sums(invoice, lines, catalogue, day)


def _check_lines(
    invoice: Invoice, lines: Sequence[DraftLine], catalogue: Catalogue, day: date
) -> Iterator[Problem]:
    """Yield at most one line whose VAT Exact would work out differently."""
    for line in lines:
        code = find_vat_code(catalogue, line.vat.code) if line.vat else None
        if code is None:
            continue

        own = vat_of(line.amount, percentage_on(code, day, catalogue))
        if own != line.vat_amount:
            yield problem(
                "other_vat_kept_off",
                line=line.description,
                ours=Amount(line.vat_amount, invoice.currency),
                theirs=Amount(own, invoice.currency),
            )
            return


def _check_sums(
    invoice: Invoice, lines: Sequence[DraftLine], catalogue: Catalogue, day: date
) -> Iterator[Problem]:
    """Yield at most one VAT code whose VAT on the sum is another than that of the lines."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        if line.vat:
            net, vat = sums.get(line.vat.code, (0, 0))
            sums[line.vat.code] = (net + line.amount, vat + line.vat_amount)

    for key, (net, vat) in sums.items():
        code = find_vat_code(catalogue, key)
        if code is not None and vat_of(net, percentage_on(code, day, catalogue)) != vat:
            yield problem(
                "totaled_vat_kept_off",
                code=shown(key),
                ours=Amount(vat, invoice.currency),
                theirs=Amount(vat_of(net, percentage_on(code, day, catalogue)), invoice.currency),
            )
            return
