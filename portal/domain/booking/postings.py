"""The entry as a bookkeeper reads it: debit and credit per account and VAT code, for one or for many."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.booking.catalogue import (
    RECEIVABLES_ACCOUNT,
    Catalogue,
    LedgerAccount,
    VatCode,
    shown,
)
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import CHOSEN, DEFAULT, Chosen, Rule
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.booking.vat import find_vat_code


class PostingKind(StrEnum):
    """What a row of an entry is: what the customer owes, what was earned, what the tax office gets."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    VAT = "vat"


class Origin(StrEnum):
    """Where the code of a line comes from, as one word for many lines."""

    CHOSEN = "chosen"
    MAPPED = "mapped"
    # Mapped, because somebody accepted what was suggested.
    SUGGESTED = "suggested"
    PLACE = "place"
    CUSTOMER = "customer"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class BookableLine:
    """One line before it is posted. ``ledger`` and ``vat_code`` are None while they are to be chosen."""

    ledger: str | None
    vat_code: str | None
    net: int
    vat: int
    source: str = ""
    rate: str = ""
    ledger_origin: Origin | None = None
    vat_origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Bookable:
    """One entry before it is posted, in its own currency."""

    currency: str
    lines: tuple[BookableLine, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the entry."""

    # ``account`` and ``code`` are what the catalogue knows of ``ledger`` and ``vat_code``.
    # ``base`` is the net amount that VAT is on. ``rate`` names a tax rate whose VAT code is to be chosen.
    # ``sources`` say where the ledger of its lines comes from. ``origins`` count its lines by where the code
    # of the row comes from: the ledger account of revenue, the VAT code of VAT.

    kind: PostingKind
    ledger: str | None
    vat_code: str | None
    debit: int
    credit: int
    account: LedgerAccount | None = None
    code: VatCode | None = None
    base: int = 0
    rate: str = ""
    sources: tuple[str, ...] = ()
    origins: tuple[tuple[Origin, int], ...] = ()

    @property
    def source(self) -> str:
        """Return where the ledger comes from, "" where its lines differ in that."""
        return self.sources[0] if len(self.sources) == 1 else ""


@dataclass(frozen=True, slots=True)
class Postings:
    """What some entries post in one currency. Debit and credit are always equal."""

    currency: str
    rows: tuple[Posting, ...]
    debit: int
    credit: int
    entries: int
    net: int
    vat: int

    @property
    def gross(self) -> int:
        """Return what all customers owe."""
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What is cut or rounded in some drafts: texts that Exact takes shorter, and cents of VAT that moved."""

    texts: int = 0
    lines: int = 0
    invoices: int = 0

    def __bool__(self) -> bool:
        return bool(self.texts or self.lines)


@dataclass(frozen=True, slots=True)
class _Key:
    """What is posted in one row."""

    kind: PostingKind
    ledger: str | None = None
    vat_code: str | None = None
    rate: str = ""


def bookable_draft(draft: Draft, currency: str) -> Bookable:
    """Return what a draft books, even while something in it is to be chosen."""
    lines = (
        BookableLine(
            ledger=line.ledger.code if line.ledger else None,
            vat_code=line.vat.code if line.vat else None,
            net=line.amount,
            vat=line.vat_amount,
            source=line.ledger.source if line.ledger else "",
            rate=line.line.tax_rate or "",
            ledger_origin=origin_of(line.ledger),
            vat_origin=origin_of(line.vat),
        )
        for line in draft.lines
    )
    return Bookable(currency, tuple(lines))


def origin_of(chosen: Chosen | None) -> Origin | None:
    """Say where a code comes from, None where none is chosen yet."""
    if chosen is None:
        return None
    if chosen.source == DEFAULT:
        return Origin.DEFAULT
    if chosen.source == CHOSEN:
        return Origin.CHOSEN
    if chosen.rule in _BY_RULE:
        return _BY_RULE[chosen.rule]

    setting = chosen.why.setting if chosen.why else None
    return Origin.SUGGESTED if setting and setting.because else Origin.MAPPED


_BY_RULE: Mapping[Rule | None, Origin] = {Rule.CUSTOMER: Origin.CUSTOMER, Rule.PLACE: Origin.PLACE}


def bookable_entry(entry: SalesEntry) -> Bookable:
    """Return what an entry books that a copy wishes for or made."""
    lines = (
        BookableLine(line.ledger_id, line.vat_code, line.amount, line.vat_amount, line.ledger_source)
        for line in entry.lines
    )
    return Bookable(entry.currency, tuple(lines))


def bookable_booked(entry: BookedEntry) -> Bookable:
    """Return what an entry books as Exact has it."""
    lines = (
        BookableLine(line.ledger_id, line.vat_code, line.amount, line.vat_amount) for line in entry.lines
    )
    return Bookable(shown(entry.currency), tuple(lines))


def postings_of(entries: Iterable[Bookable], catalogue: Catalogue) -> tuple[Postings, ...]:
    """Return the rows that these entries of one division post, currency by currency."""
    by_currency: dict[str, list[Bookable]] = {}
    for entry in entries:
        by_currency.setdefault(entry.currency, []).append(entry)

    return tuple(_sum_up(currency, same, catalogue) for currency, same in sorted(by_currency.items()))


def adjusted(drafts: Iterable[Draft]) -> Adjusted:
    """Count what is cut or rounded in these drafts."""
    found = list(drafts)
    cut = [sum(line.text_cut for line in draft.lines) for draft in found]
    moved = [sum(bool(line.moved_by) for line in draft.lines) for draft in found]
    return Adjusted(texts=sum(cut), lines=sum(moved), invoices=sum(map(bool, moved)))


def find_receivable(catalogue: Catalogue) -> LedgerAccount | None:
    """Return the account that customers owe on, None where a division has none or several."""
    # Which of several an entry gets is the customer's setting in Exact, and the portal does not guess it.
    found = [each for each in catalogue.accounts if each.type == RECEIVABLES_ACCOUNT]
    return found[0] if len(found) == 1 else None


def _sum_up(currency: str, entries: Sequence[Bookable], catalogue: Catalogue) -> Postings:
    """Add up what each entry posts. Each stands on its own side, so that a credit note takes nothing off."""
    debits: Counter[_Key] = Counter()
    credits: Counter[_Key] = Counter()
    bases: Counter[_Key] = Counter()
    sources: dict[_Key, set[str]] = {}
    origins: dict[_Key, Counter[Origin]] = {}

    for entry in entries:
        for key, amount in _post(entry).items():
            debits[key] += max(amount, 0)
            credits[key] += max(-amount, 0)

        for line in entry.lines:
            bases[_vat_key(line)] += line.net
            sources.setdefault(_revenue_key(line), set()).add(line.source)
            for key, origin in ((_revenue_key(line), line.ledger_origin), (_vat_key(line), line.vat_origin)):
                if origin is not None:
                    origins.setdefault(key, Counter())[origin] += 1

    receivable = find_receivable(catalogue)
    rows = [
        Posting(
            kind=key.kind,
            ledger=receivable.id if key.kind is PostingKind.RECEIVABLE and receivable else key.ledger,
            vat_code=key.vat_code,
            debit=debits[key],
            credit=credits[key],
            account=receivable if key.kind is PostingKind.RECEIVABLE else _account(catalogue, key.ledger),
            code=find_vat_code(catalogue, key.vat_code) if key.vat_code else None,
            base=abs(bases[key]) if key.kind is PostingKind.VAT else 0,
            rate=key.rate,
            sources=tuple(sorted(sources.get(key, ()))),
            origins=tuple(sorted(origins.get(key, Counter()).items(), key=_most_first)),
        )
        for key in debits
        if key.kind is not PostingKind.VAT or debits[key] or credits[key]
    ]

    return Postings(
        currency=currency,
        rows=tuple(sorted(rows, key=_place)),
        debit=sum(row.debit for row in rows),
        credit=sum(row.credit for row in rows),
        entries=len(entries),
        net=sum(line.net for entry in entries for line in entry.lines),
        vat=sum(line.vat for entry in entries for line in entry.lines),
    )


def _most_first(counted: tuple[Origin, int]) -> tuple[int, int]:
    origin, count = counted
    return -count, list(Origin).index(origin)


def _post(entry: Bookable) -> Counter[_Key]:
    """Return the balance of each row that one entry posts, debit above nothing and credit below."""
    balances: Counter[_Key] = Counter()
    for key, amount in _each_balance(entry):
        balances[key] += amount

    return balances


def _each_balance(entry: Bookable) -> Iterator[tuple[_Key, int]]:
    """Yield what each line adds to the balances of its rows."""
    for line in entry.lines:
        yield _Key(PostingKind.RECEIVABLE), line.net + line.vat
        yield _revenue_key(line), -line.net
        yield _vat_key(line), -line.vat


def _revenue_key(line: BookableLine) -> _Key:
    ledger = line.ledger.lower() if line.ledger else None
    return _Key(PostingKind.REVENUE, ledger, *_vat_part(line))


def _vat_key(line: BookableLine) -> _Key:
    return _Key(PostingKind.VAT, None, *_vat_part(line))


def _vat_part(line: BookableLine) -> tuple[str | None, str]:
    """Return a line's VAT code, and its tax rate where none is chosen yet."""
    return (shown(line.vat_code), "") if line.vat_code else (None, line.rate)


def _account(catalogue: Catalogue, ledger: str | None) -> LedgerAccount | None:
    """Return what the catalogue knows of an account, whose id may be spelled in capitals."""
    return next((each for each in catalogue.accounts if ledger and each.id.lower() == ledger.lower()), None)


def _place(row: Posting) -> tuple[int, bool, str, str, str]:
    """Order the rows: the receivable, revenue by ledger account, VAT by code."""
    order = list(PostingKind).index(row.kind)
    code = shown(row.account.code) if row.account else row.ledger or ""
    return order, row.kind is PostingKind.REVENUE and row.ledger is None, code, row.vat_code or "~", row.rate
