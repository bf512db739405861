"""Whether the kind, the sign and the journal of what is booked agree. A person is asked where they do not."""

from collections.abc import Iterator

from portal.domain.booking.catalogue import CREDIT_JOURNAL, Journal, shown
from portal.domain.booking.draft import Policy
from portal.domain.booking.invoice import CREDIT_NOTE, INVOICE, Invoice
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.said import Amount


def keeps_credits(journal: Journal, policy: Policy) -> bool:
    """Say whether a journal is for credit notes: by its type, or because the connection says so."""
    code = shown(journal.code)
    own = code == shown(policy.credit_journal or "") != shown(policy.default_journal or "")
    return journal.type == CREDIT_JOURNAL or own


def check_kind(invoice: Invoice, journal: Journal | None, policy: Policy) -> Iterator[Problem]:
    """Yield where kind, sign and journal of an invoice contradict each other."""
    total = Amount(abs(invoice.amount_with_tax), invoice.currency)
    if invoice.kind not in (INVOICE, CREDIT_NOTE):
        yield problem("kind_unknown", kind=str(invoice.kind))
        return

    if invoice.is_credit_note and invoice.amount_with_tax > 0:
        yield problem("credit_note_charges", total=total)
        return

    if not invoice.is_credit_note and invoice.amount_with_tax < 0:
        yield problem("invoice_gives_back", total=total)

    if journal is not None:
        yield from _check_journal(invoice, journal, policy)


def _check_journal(invoice: Invoice, journal: Journal, policy: Policy) -> Iterator[Problem]:
    """Yield that a journal is for what the invoice is not."""
    gives_back = invoice.is_credit_note or invoice.amount_with_tax < 0
    credits = keeps_credits(journal, policy)
    if credits and not gives_back:
        yield problem("journal_for_credits", "journal", journal=shown(journal.code))

    own = shown(policy.credit_journal or "")
    if invoice.is_credit_note and not credits and own and own != shown(journal.code):
        yield problem("journal_for_sales", "journal", journal=shown(journal.code), credit=own)


def turns(one: int, other: int) -> bool:
    """Say whether one amount charges and the other gives back."""
    return one * other < 0


def check_turn(entry_number: str, old: int, new: int, currency: str) -> Iterator[Problem]:
    """Yield that an entry which charges would give back, or the other way round."""
    if turns(old, new):
        values = {"old": Amount(old, currency), "new": Amount(new, currency)}
        yield problem("sign_cannot_change", entry=entry_number, **values)


def choose_credit_journal(booked: BookedEntry, journal: Journal | None, policy: Policy) -> str:
    """Pick the journal of what takes an entry back. What charges again leaves the one for credit notes."""
    if booked.gross > 0:
        return policy.credit_journal or booked.journal

    leaves = journal is not None and keeps_credits(journal, policy)
    return (policy.default_journal if leaves else None) or booked.journal


def check_credit_journal(booked: BookedEntry, journal: Journal, policy: Policy) -> Iterator[Problem]:
    """Yield that what charges the customer again would stand among the credit notes."""
    if booked.gross < 0 and keeps_credits(journal, policy):
        yield problem("charges_among_credits", "journal", journal=shown(journal.code))
