"""One division of Exact Online, in the words of the domain."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from portal.domain.booking.catalogue import Catalogue, Customer, Division, ExactUser, NewCustomer
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.connections.hints import Subscription
from portal.domain.copies.strangers import HeldEntry
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Kind, Unreadable
from portal.exact import catalogue, parse, payload
from portal.exact import parse_catalogue as offers
from portal.exact.odata import Json, Page
from portal.exact.reading import (
    CUSTOMERS,
    REMARKED,
    SYNCED_TERMS,
    TERMS,
    TOMBSTONES,
    Listed,
    highest_timestamp,
)
from portal.exact.rights import find_missing
from portal.exact.session import ExactSession
from portal.remote.errors import BadAnswerError, MissingRightError, NotFoundError, RefusedError
from portal.remote.pace import Lane, Opening
from portal.remote.transport import Transport

# Exact describes each address on a page of its own:
# https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesEntrySalesEntries
ENTRIES = "salesentry/SalesEntries"
# …?name=SalesEntrySalesEntryLines
LINES = "salesentry/SalesEntryLines"
# …?name=CRMAccounts
ACCOUNTS = "crm/Accounts"
# …?name=SyncCRMAccounts
CHANGED_ACCOUNTS = "sync/CRM/Accounts"
# …?name=SyncCashflowPaymentTerms
CHANGED_TERMS = "sync/Cashflow/PaymentTerms"
# …?name=SyncDeleted
DELETED = "sync/Deleted"
# …?name=CashflowReceivables
RECEIVABLES = "cashflow/Receivables"
# …?name=WebhooksWebhookSubscriptions
HOOKS = "webhooks/WebhookSubscriptions"
# …?name=BulkCashflowReceivables
OPEN_TERMS = "bulk/Cashflow/Receivables"
GONE = 410
ENTRY_PAGE = "{base}/docs/FinTransactionView.aspx?EntryID=%7B{entry_id}%7D&_Division_={division}"


class ExactClient:
    """Speaks to one division of Exact.

    Without a division only ``read_user`` and ``find_divisions`` work. Exact does not document the address of
    an entry's page, so ``entry_page`` can be set. It may name ``{base}``, ``{division}`` and ``{entry_id}``.
    """

    def __init__(
        self,
        base_url: str,
        division: int | None,
        *,
        access: Callable[[], str],
        lane: Lane,
        transport: Transport,
        on_expired: Callable[[], str] | None = None,
        interactive: bool = False,
        entry_page: str = ENTRY_PAGE,
    ) -> None:
        self._entry_page = entry_page
        self._session = ExactSession(
            base_url=base_url.rstrip("/"),
            division=division,
            access=access,
            on_expired=on_expired,
            lane=lane,
            transport=transport,
            interactive=interactive,
        )

    def read_user(self) -> ExactUser:
        """Return who consented."""
        return catalogue.read_user(self._session)

    def find_divisions(self) -> list[Division]:
        """Return the divisions the user may use."""
        return catalogue.find_divisions(self._session)

    def find_missing_rights(self) -> list[str]:
        """Probe every endpoint that is needed and say in words which rights are missing."""
        return find_missing(self._session)

    def read_catalogue(self) -> Catalogue:
        """Return everything the division offers, customers apart."""
        return catalogue.read_catalogue(self._session)

    def each_customer_page(self, since: int) -> Iterator[tuple[list[Customer | Unreadable], int]]:
        """Yield pages of accounts changed after a timestamp, with the highest timestamp of each page."""
        for rows in self._each_changed(CHANGED_ACCOUNTS, offers.SYNCED_CUSTOMER, since):
            yield CUSTOMERS.read(rows), highest_timestamp(rows)

    def each_remark_page(self, since: int) -> Iterator[list[tuple[Customer, str] | Unreadable]]:
        """Yield pages of accounts changed after a timestamp, with their remarks."""
        for rows in self._each_changed(CHANGED_ACCOUNTS, offers.SYNCED_REMARKS, since):
            yield REMARKED.read(rows)

    def find_living_customers(self, ids: Sequence[str]) -> set[str]:
        """Return which of some accounts exist. One call for up to 40."""
        rows = self._session.read_all(ACCOUNTS, {"filter": payload.filter_ids(ids), "select": "ID"})
        return {parse.parse_key(row, "ID") for row in rows}

    def create_customer(self, customer: NewCustomer) -> Customer:
        """Create a customer with status C."""
        return offers.parse_customer(_only(self._session.post(ACCOUNTS, payload.spell_customer(customer))))

    def find_customers(self, name: str) -> list[tuple[Customer, str]]:
        """Return accounts of exactly this name with their remarks."""
        options = {"filter": payload.filter_name(name), "select": offers.CUSTOMER_REMARKS}
        return REMARKED.read_whole(self._session.read_all(ACCOUNTS, options))

    def booking_opens(self) -> Opening:
        """Say when our budget lets the next entry be booked, and why not now, without a call."""
        return self._session.opening(ENTRIES)

    def create_entry(self, entry: SalesEntry, *, marker: str) -> BookedEntry:
        """Book an entry with one POST.

        The notes of every line carry the marker. The lines may come back empty.
        """
        fields = _only(self._session.post(ENTRIES, payload.spell_entry(entry, marker)))
        return parse.parse_entry(fields, parse.find_lines(fields) or ())

    def find_entries(
        self, your_ref: str, *, customer_id: str | None = None, journal: str | None = None
    ) -> list[BookedEntry]:
        """Return the entries with this reference, with their lines."""
        return self._read_entries(payload.filter_entries(your_ref, customer_id, journal))

    def find_held(self, numbers: Sequence[str]) -> list[HeldEntry]:
        """Return what is booked under any of these numbers. One call for twenty or more."""
        found: dict[str, HeldEntry] = {}
        for condition in payload.each_reference_filter(numbers):
            rows = self._read_noted(condition, parse.HELD_WITH_NOTES, parse.HELD)
            found |= {entry.id: entry for entry in map(parse.parse_held, rows)}
        return list(found.values())

    def read_entry(self, entry_id: str) -> BookedEntry | None:
        """Return an entry with its lines, None when it is gone."""
        return next(iter(self._read_entries(payload.filter_entry(entry_id))), None)

    def each_booked_page(self, first: date, last: date) -> Iterator[list[BookedEntry | Unreadable]]:
        """Yield pages of the entries booked on some days, with their lines. A page is one call."""
        yield from self._each_entry_page(payload.filter_booked(first, last))

    def each_changed_page(self, since: datetime) -> Iterator[list[BookedEntry | Unreadable]]:
        """Yield pages of the entries changed since a moment of Exact's own clock, with their lines."""
        yield from self._each_entry_page(payload.filter_modified(since))

    def change_entry(self, entry_id: str, changes: Mapping[str, str | date | Decimal | None]) -> None:
        """Change scalars of an entry. Nothing is sent where nothing changes."""
        if changes:
            self._session.put(ENTRIES, entry_id, payload.spell_entry_change(changes))

    def create_line(self, entry_id: str, line: SalesEntryLine, *, marker: str) -> str:
        """Add a line and return its id."""
        body = payload.spell_new_line(entry_id, line, marker)
        return parse.parse_key(_only(self._session.post(LINES, body)), "ID")

    def change_line(self, line_id: str, line: SalesEntryLine, *, marker: str) -> None:
        """Change a line."""
        self._session.put(LINES, line_id, payload.spell_line_change(line, marker))

    def delete_line(self, line_id: str) -> None:
        """Remove a line. One that is already gone is no failure."""
        self._delete(LINES, line_id, {"filter": payload.filter_line(line_id), "select": "ID"})

    def delete_entry(self, entry_id: str) -> None:
        """Remove an entry. One that is already gone is no failure."""
        self._delete(ENTRIES, entry_id, {"filter": payload.filter_entry(entry_id), "select": "EntryID"})

    def each_term_page(self, since: int) -> Iterator[tuple[list[Term | Unreadable], int]]:
        """Yield pages of the receivable terms changed since, with the highest timestamp of all their rows."""
        for rows in self._each_changed(CHANGED_TERMS, parse.TERM, since, pull=True):
            received = [row for row in rows if not parse.is_payable(row)]
            yield SYNCED_TERMS.read(received), highest_timestamp(rows)

    def each_tombstone_page(self, since: int) -> Iterator[tuple[list[Tombstone | Unreadable], int]]:
        """Yield pages of what was deleted after a timestamp, with the page's highest timestamp."""
        for rows in self._each_changed(DELETED, parse.TOMBSTONE, since, pull=True):
            yield TOMBSTONES.read(rows), highest_timestamp(rows)

    def read_terms(self, entry_id: str) -> list[Term]:
        """Return the receivable terms of one entry, with a timestamp of 0.

        They count only together, so one that cannot be read raises UnreadableError.
        """
        options = {"filter": payload.filter_terms(entry_id), "select": parse.RECEIVED_TERM}
        return TERMS.read_whole(self._session.read_all(RECEIVABLES, options, pull=True))

    def find_hooks(self) -> list[Subscription]:
        """Return the webhooks that this app has in the division."""
        return [parse.parse_hook(row) for row in self._session.read_all(HOOKS, {"select": parse.HOOK})]

    def create_hook(self, topic: str, url: str) -> None:
        """Let Exact send a webhook. Exact tries the address at once."""
        self._session.post(HOOKS, {"Topic": topic, "CallbackURL": url})

    def delete_hook(self, hook_id: str) -> None:
        """Remove a webhook. One that is already gone is no failure."""
        self._delete(HOOKS, hook_id, {"filter": payload.filter_line(hook_id), "select": "ID"})

    def each_open_term_page(self) -> Iterator[list[Term | Unreadable]]:
        """Yield pages of every receivable term that is not matched, with a timestamp of 0."""
        options = {"filter": payload.filter_open_terms(), "select": parse.RECEIVED_TERM}
        for rows in self._session.each_page(OPEN_TERMS, options, pull=True):
            yield TERMS.read(rows)

    def remote_time(self) -> datetime:
        """Return the time by Exact's own clock, ours before the first answer."""
        return self._session.transport.clock.now()

    def entry_url(self, entry_id: str) -> str:
        """Return the page of an entry in Exact, for people."""
        session = self._session
        return self._entry_page.format(base=session.base_url, division=session.division, entry_id=entry_id)

    def _each_changed(
        self, path: str, select: str, since: int, *, pull: bool = False
    ) -> Iterator[list[Json]]:
        options = {"filter": payload.filter_since(since), "select": select}
        return self._session.each_page(path, options, pull=pull)

    def _each_entry_page(self, condition: str) -> Iterator[list[BookedEntry | Unreadable]]:
        """Ask for the lines along with the entries.

        A site that refuses that gives entries without lines.
        """
        expanded = {"filter": condition, "expand": parse.LINES, "select": parse.READ_ENTRY_WITH_LINES}
        pages = self._session.each_page(ENTRIES, expanded)

        try:
            first = next(pages, None)
        except (NotFoundError, MissingRightError):
            raise
        except RefusedError:
            plain = self._session.each_page(ENTRIES, {"filter": condition, "select": parse.READ_ENTRY})
            yield from (_entries(parse.parse_entry).read(rows) for rows in plain)
            return

        for rows in itertools.chain([] if first is None else [first], pages):
            yield _entries(self._with_lines).read(rows)

    def _read_entries(self, condition: str) -> list[BookedEntry]:
        rows = self._read_noted(condition, parse.ENTRY_WITH_LINES, parse.ENTRY)
        return _entries(self._with_lines).read_whole(rows)

    def _read_noted(self, condition: str, with_lines: str, plain: str) -> list[Json]:
        """Ask for the lines along with the entries. A site that refuses that is asked plainly."""
        expanded = {"filter": condition, "expand": parse.LINES, "select": with_lines}
        try:
            return self._session.read_all(ENTRIES, expanded)
        except (NotFoundError, MissingRightError):
            raise
        except RefusedError:
            return self._session.read_all(ENTRIES, {"filter": condition, "select": plain})

    def _with_lines(self, fields: Json) -> BookedEntry:
        lines = parse.find_lines(fields)
        return parse.parse_entry(fields, self._read_lines(fields) if lines is None else lines)

    def _read_lines(self, fields: Json) -> tuple[BookedLine, ...]:
        condition = payload.filter_entry(parse.parse_key(fields, "EntryID"))
        rows = self._session.read_all(LINES, {"filter": condition, "select": parse.LINE})
        return parse.parse_lines(rows)

    def _delete(self, path: str, guid: str, question: Mapping[str, str]) -> None:
        """Remove a row. Exact also answers 403 for one that is gone, so only a look tells."""
        try:
            self._session.delete(path, guid)
        except (NotFoundError, MissingRightError) as error:
            if error.status != GONE and self._session.read_all(path, question):
                raise


def _entries(parse_one: Callable[[Json], BookedEntry]) -> Listed[BookedEntry]:
    """Return how entries are read. Their lines belong to them."""
    return Listed(
        kind=Kind.ENTRY,
        parse=parse_one,
        key=lambda entry: entry.id,
        key_field="EntryID",
        names=("EntryNumber", "YourRef"),
    )


def _only(page: Page) -> Json:
    if len(page.rows) != 1:
        raise BadAnswerError("The answer should hold the one row that was created.")
    return page.rows[0]
