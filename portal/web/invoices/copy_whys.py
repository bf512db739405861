"""What a copy booked in debit and credit, and why each of its codes was chosen, as it was then."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.domain.booking.catalogue import Catalogue, shown
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Chosen
from portal.domain.booking.postings import Postings, bookable_entry, postings_of
from portal.domain.booking.sales_entry import SalesEntryLine
from portal.domain.copies.exact_changes import KEPT
from portal.domain.customers.signs import Sign
from portal.store.copies import CopyRow, choices_from_row, entry_from_row
from portal.web.common.evidence import sign_words
from portal.web.common.formats import day
from portal.web.common.why_words import why_ledger, why_vat


@dataclass(frozen=True, slots=True)
class CopyWhy:
    """The entry of a copy, and a sentence for each of its codes and for its customer."""

    postings: Postings
    reasons: tuple[str, ...]


def tell_copy(copy: CopyRow, invoice: Invoice, catalogue: Catalogue) -> CopyWhy | None:
    """Tell what a copy booked and why, None where it never came to an entry of its own."""
    if not copy.entry:
        return None

    entry = entry_from_row(copy.entry)
    found = postings_of([bookable_entry(entry)], catalogue)
    names = {line.id: (line.service_type, line.tax_rate) for line in invoice.lines}
    accounts = {each.id.lower(): shown(each.code) for each in catalogue.accounts}
    said = dict.fromkeys(text for line in entry.lines for text in _each_reason(copy, line, names, accounts))
    return CopyWhy(found[0], (*_customer(copy), *said)) if found else None


def _each_reason(
    copy: CopyRow,
    line: SalesEntryLine,
    names: dict[str, tuple[str | None, str | None]],
    accounts: dict[str, str],
) -> Iterator[str]:
    """Yield why a line got its ledger account and its VAT code."""
    service, rate = names.get(line.invoice_line_id, (None, None))
    account = accounts.get(line.ledger_id.lower(), line.ledger_id)
    by = copy.requested_by
    at = copy.requested_at

    if line.ledger_source == KEPT:
        yield str(_("Ledger %(code)s: kept as it was in Exact.", code=account))
    else:
        ledger = Chosen(line.ledger_id, line.ledger_source, line.ledger_why)
        yield f"{_('Ledger %(code)s:', code=account)} {why_ledger(ledger, service, by, at)}"

    if line.vat_code and line.vat_source != KEPT:
        vat = Chosen(line.vat_code, line.vat_source, line.vat_why)
        code = _("VAT code %(code)s:", code=shown(line.vat_code))
        yield f"{code} {why_vat(vat, rate, by, at)}"


def _customer(copy: CopyRow) -> Iterator[str]:
    """Yield how the customer was decided, where that was kept."""
    choices = choices_from_row(copy.choices) if copy.choices else None
    if choices is None or choices.customer_how is None:
        return

    known = [Sign(code) for code in choices.evidence if code in set(Sign)]
    signs = sign_words(known)
    said = _(
        "Customer: decided for this copy by %(who)s, %(day)s.",
        who=copy.requested_by,
        day=day(copy.requested_at),
    )
    yield f"{said} {signs}".strip()
