"""What was seen of an entry and its terms, beside what was sent. Values in, observations out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from portal.domain.booking.amounts import share_amounts
from portal.domain.booking.catalogue import shown
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.ids import find_marker
from portal.domain.payments.terms import Term
from portal.domain.text import say_money
from portal.domain.trial.verdicts import Observation, Verdict

CREDIT_NOTE = 21
LIST_PAGE = 60
FEED_PAGE = 1000
TOKEN_LIFE = 600
LIMITS = ("minute", "day")


def judge(code: str, holds: bool, seen: str, **values: object) -> Observation:
    """Make an observation of one assumption."""
    told = {name: str(value) for name, value in values.items()}
    return Observation(code, Verdict.HOLDS if holds else Verdict.FAILS, seen, told)


def not_seen(code: str, seen: str, **values: object) -> Observation:
    """Make an observation of what could not be looked at."""
    return Observation(code, Verdict.NOT_SEEN, seen, {name: str(value) for name, value in values.items()})


def judge_limits(told: Mapping[str, int | None]) -> Observation:
    """Judge what an answer said of both limits."""
    missing = [name for name in LIMITS if name not in told]
    if missing:
        return judge("limit-headers", False, "limits missing", missing=", ".join(missing))
    limits = ", ".join(f"{told[name]} a {name}" for name in LIMITS)
    return judge("limit-headers", True, "limits", limits=limits)


def judge_pages(sizes: Sequence[int], feed_rows: int) -> Observation:
    """Judge the first pages of a list, and the longest page of the feeds."""
    if feed_rows > FEED_PAGE:
        return judge("page-sizes", False, "pages", rows=feed_rows)
    first = sizes[0] if sizes else 0
    if len(sizes) < 2 and first < LIST_PAGE:
        return not_seen("page-sizes", "too few rows")
    return judge("page-sizes", first == LIST_PAGE, "pages", rows=first)


def judge_entry(sent: SalesEntry, found: BookedEntry) -> Iterator[Observation]:
    """Yield what an entry shows of the ordinary invoice that was sent."""
    yield from _judge_vat(sent, found)
    yield judge(
        "due-date-kept", found.due_date == sent.due_date, "values", sent=sent.due_date, found=found.due_date
    )
    yield _judge_texts(sent, found)
    number = found.invoice_number
    yield judge("invoice-number", number is not None, "entry" if number else "none", number=number or "")


def _judge_vat(sent: SalesEntry, found: BookedEntry) -> Iterator[Observation]:
    if len(found.lines) != len(sent.lines):
        yield from (not_seen(code, "lines apart") for code in ("vat-kept", "vat-rounding"))
        return

    wanted = sorted((line.amount, line.vat_amount) for line in sent.lines)
    booked = sorted((line.amount, line.vat_amount) for line in found.lines)
    yield judge("vat-kept", wanted == booked, "amounts", sent=_say(sent.vat, sent), booked=_say_vat(found))

    total = sum(line.amount + line.vat_amount for line in found.lines)
    sides = {"lines": _say(total, found), "total": _say(found.gross, found)}
    yield judge("vat-rounding", total == found.gross, "sums", **sides)


def _say(cents: int, entry: SalesEntry | BookedEntry) -> str:
    return say_money(cents, entry.currency)


def _say_vat(found: BookedEntry) -> str:
    return _say(sum(line.vat_amount for line in found.lines), found)


def _judge_texts(sent: SalesEntry, found: BookedEntry) -> Observation:
    pairs = [(sent.your_ref, found.your_ref), (sent.description, found.description)]
    wanted = sorted(line.description for line in sent.lines)
    pairs += zip(wanted, sorted(line.description for line in found.lines), strict=False)
    cut = next(((ours, theirs) for ours, theirs in pairs if ours != theirs.strip()), None)
    if cut is None:
        return judge("texts-kept", True, "as assumed")

    return judge("texts-kept", False, "values", sent=cut[0], found=cut[1])


def judge_notes(found: BookedEntry, marker: str) -> Observation:
    """Judge whether every line still carries the marker."""
    if not found.lines:
        return not_seen("notes-kept", "lines apart")
    notes = [line.notes for line in found.lines]
    kept = all(find_marker(each) == marker for each in notes)
    return judge("notes-kept", kept, "values", sent=f"[{marker}]", found=notes[0])


def judge_codes(sent: SalesEntry, found: BookedEntry) -> Observation:
    """Judge whether the codes came back as they were sent, blanks apart."""
    ours = {shown(sent.journal), *(shown(line.vat_code or "") for line in sent.lines)}
    theirs = {shown(found.journal), *(shown(line.vat_code or "") for line in found.lines)}
    if not found.lines:
        return not_seen("padded-codes", "lines apart")
    values = {"sent": ", ".join(sorted(ours)), "found": ", ".join(sorted(theirs))}
    return judge("padded-codes", ours == theirs, "values", **values)


def judge_found(found: Sequence[BookedEntry]) -> Observation:
    """Judge a search for an entry that was booked once."""
    if len(found) == 1:
        return judge("find-by-number", True, "entry", number=found[0].entry_number)
    if found:
        return judge("find-by-number", False, "several found", count=len(found))
    return judge("find-by-number", False, "not found")


def judge_credit(sent: SalesEntry, found: BookedEntry) -> Iterator[Observation]:
    """Yield what an entry shows of the credit note that was sent."""
    negative = found.gross < 0 and all(line.amount < 0 for line in found.lines)
    amounts = {"sent": _say(sent.gross, sent), "booked": _say(found.gross, found)}
    yield judge("credit-amounts", negative, "amounts", **amounts)
    yield judge("credit-type", found.type == CREDIT_NOTE, "type", type=found.type)


def judge_rate(found: BookedEntry) -> Observation:
    """Judge whether Exact put a rate of its own on a foreign entry."""
    if found.rate is None or found.rate <= 0:
        return judge("foreign-rate", False, "none")
    return judge("foreign-rate", True, "rate", rate=f"{found.rate.normalize():f}")


def judge_moved(before: datetime | None, after: datetime | None) -> Observation:
    """Judge whether a change of a line moved the time of the entry's change."""
    if before is None:
        return not_seen("line-modified", "none")
    if after is None or after <= before:
        return judge("line-modified", False, "stayed", before=before)
    return judge("line-modified", True, "moved", before=before, after=after)


def judge_text(code: str, sent: str, found: str) -> Observation:
    """Judge whether a text is now what was sent."""
    return judge(code, found.strip() == sent, "values", sent=sent, found=found)


def judge_totals(entry: BookedEntry, more: BookedEntry, again: BookedEntry, added: int) -> Observation:
    """Judge whether the total followed a line that came and went."""
    wanted = (entry.gross + added, entry.gross)
    booked = (more.gross, again.gross)
    told = {
        "sent": " / ".join(_say(each, entry) for each in wanted),
        "booked": " / ".join(_say(each, entry) for each in booked),
    }

    return judge("line-totals", wanted == booked, "amounts", **told)


def judge_terms(entry: BookedEntry, terms: Sequence[Term]) -> Iterator[Observation]:
    """Yield what the terms of an invoice that nobody paid show."""
    total = sum(term.amount for term in terms)
    told = {"count": len(terms), "total": _say(total, entry)}
    yield judge("term-feed", bool(terms) and abs(total) == abs(entry.gross), "terms", **told)

    if terms and abs(total) == abs(entry.gross):
        yield judge("term-sign", total == -entry.gross, "terms", **told)
    else:
        yield not_seen("term-sign", "not reached")


def judge_kinds(pairs: Sequence[tuple[BookedEntry, Sequence[Term]]]) -> Observation:
    """Judge whether terms are of the kind of their entry."""
    kinds = [(entry.type, term.transaction_type) for entry, terms in pairs for term in terms]
    if not kinds:
        return not_seen("term-kind", "not reached")
    seen = ", ".join(sorted({str(kind) for _, kind in kinds}))
    return judge("term-kind", all(ours == theirs for ours, theirs in kinds), "kinds", kinds=seen)


def judge_asked_terms(entry: BookedEntry, terms: Sequence[Term]) -> Observation:
    """Judge the terms that were asked for by their entry."""
    own = [term for term in terms if term.entry_id == entry.id]
    total = sum(abs(term.amount) for term in own)
    told = {"count": len(terms), "total": _say(sum(term.amount for term in terms), entry)}
    return judge("terms-by-entry", len(own) == len(terms) and total == abs(entry.gross), "terms", **told)


def judge_open_terms(entry: BookedEntry, terms: Sequence[Term]) -> Observation:
    """Judge whether an entry's terms are among all open ones."""
    own = [term for term in terms if term.entry_id == entry.id]
    total = sum(term.amount for term in own)
    told = {"count": len(own), "total": _say(total, entry)}
    return judge("open-terms", abs(total) == abs(entry.gross), "terms", **told)


def merge_terms(known: Sequence[Term], came: Sequence[Term], gone: Collection[str]) -> list[Term]:
    """Bring the terms of an entry up to date with what the feeds told, as the mirror does."""
    entry_ids = {term.entry_id for term in known}
    live = {term.id: term for term in known}
    live |= {term.id: term for term in came}
    return [term for term in live.values() if term.id not in gone and term.entry_id in entry_ids]


def judge_receipt(entry: BookedEntry, before: Sequence[Term], after: Sequence[Term]) -> Observation:
    """Judge how a receipt split the terms of an entry."""
    total = sum(term.amount for term in after)
    settled = [term for term in after if term.is_settled]

    if abs(total) != abs(entry.gross):
        told = {"count": len(after), "total": _say(total, entry)}
        return judge("receipt-split", False, "terms", **told)

    if not settled:
        return not_seen("receipt-split", "no receipt")

    return judge("receipt-split", True, _way_of(before, after, settled))


def _way_of(before: Sequence[Term], after: Sequence[Term], settled: Sequence[Term]) -> str:
    old = {term.id for term in before}
    if not old & {term.id for term in after}:
        return "split deleted"
    if not any(term.id in old for term in settled):
        return "split new part"
    return "split whole" if len(settled) == len(after) else "split same row"


def judge_tombstones(terms: Collection[str], gone: Collection[str]) -> Observation:
    """Judge whether every term of what was deleted is in the log."""
    if not terms:
        return not_seen("deleted-terms", "not reached")
    found = len(set(terms) & set(gone))
    return judge("deleted-terms", found == len(set(terms)), "tombstones", count=found, terms=len(set(terms)))


def judge_token(seconds: int) -> Observation:
    """Judge how long Exact said the present access token works."""
    return judge("token-life", seconds == TOKEN_LIFE, "seconds", seconds=seconds)


def judge_page(code: str, url: str, status: int, *, named: bool) -> Observation:
    """Judge an address that a stranger asked for. A sign-in in between says nothing."""
    if status in (404, 410):
        return judge(code, False, "page missing", status=status, url=url)
    if status == 200 and named:
        return judge(code, True, "page opened")
    return not_seen(code, "page unknown", status=status, url=url)


def judge_invoice(invoice: Invoice) -> Observation:
    """Judge whether an invoice of Productive's adds up, its discount counted."""
    shares = share_amounts(invoice)
    told = {
        "lines": say_money(sum(shares.nets) + sum(shares.vats), invoice.currency),
        "total": say_money(invoice.amount_with_tax, invoice.currency),
    }
    return judge("productive-fields", bool(invoice.lines) and not shares.problems, "sums", **told)


def find_hindrance(invoice: Invoice, cents: int) -> str:
    """Say why a trial must not touch an invoice, empty where it may."""
    hindrances = {
        "The invoice is a draft, or deleted.": invoice.finalized_on is None or invoice.deleted,
        "The invoice is a credit note.": invoice.is_credit_note,
        "The invoice is not marked as sent.": invoice.sent_on is None,
        "The invoice is marked as exported already.": invoice.exported or bool(invoice.export_id),
        "The invoice has nothing left to pay.": invoice.amount_unpaid < cents,
    }

    return next((text for text, found in hindrances.items() if found), "")
