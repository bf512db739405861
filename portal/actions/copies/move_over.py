"""Move over from another link: look up what it exported in Exact, and link what agrees in one action."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import adopt, is_taken
from portal.actions.copies.look_up import look_numbers_up
from portal.actions.copies.strangers import named_entries
from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Ledger, Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.moving import (
    AgreeingEntry,
    Move,
    as_agreeing,
    entries_of_number,
    judge_move,
    names_entry,
    read_named,
)
from portal.domain.copies.strangers import HeldEntry, Stranger, find_strangers, judge_stranger
from portal.domain.currencies import has_cents
from portal.domain.customers.matching import is_the_buyer
from portal.domain.here import day_here
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.remote.errors import RemoteError
from portal.sentences.refusal import Refusal
from portal.store.catalogue import CustomerRow, customer_of
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import find_entries, keep_read
from portal.store.invoices import InvoiceRow
from portal.store.leases import check_held
from portal.store.looks import FRESH, MARGIN, LookRow, SetAsideRow, linked_entries, looks_of
from portal.store.moving import (
    MovingRow,
    exported_elsewhere,
    exported_under,
    find_moving,
    numbers_to_look_up,
    still_elsewhere,
)
from portal.vat_numbers import read_vat

# An address takes twenty of the longest numbers.
AT_ONCE = 20
# With a person who waits no more numbers than these are asked for, which are five calls.
MOST_AT_ONCE = 100
# So long one job looks things up before it makes room for others.
LONGEST = timedelta(seconds=60)


class MoveOverError(Refusal):
    """Nothing can be linked as asked."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An invoice that another link exported, and the entries in Exact that it may be."""

    row: InvoiceRow
    move: Move
    entries: Sequence[Stranger]

    @property
    def named(self) -> str:
        """Return what the other link left at the invoice as the entry's id or number."""
        return (self.row.export_id or "").strip()

    @property
    def names_another(self) -> bool:
        """Say whether the other link named an entry, and another one carries the number."""
        return self.move is Move.NAMED

    @property
    def shows_named(self) -> bool:
        """Say whether the entry that the other link named is among these."""
        return any(names_entry(self.named, each.entry) for each in self.entries)


def request_move(session: Session, nudge: Nudge, connection_id: int, *, now: datetime) -> None:
    """Ask for everything that another link exported to be looked up in Exact."""
    with transaction(session):
        row = find_moving(session, connection_id)
        if row is None:
            session.add(MovingRow(connection_id=connection_id, wanted_at=now))
        else:
            row.wanted_at = now
            row.ended_at = None
            row.looked_up = 0
            row.trouble = None

    nudge(Job.MOVE_OVER, str(connection_id))


def look_moved_up(session: Session, ledger: Ledger, connection_id: int, *, clock: Clock) -> bool:
    """Look up what nobody looked up since it was asked for. True says that there is more to do."""
    until = clock() + LONGEST
    with hold_lane(session, f"moving:{connection_id}", clock) as held:
        while held and _look_some_up(session, ledger, connection_id, clock):
            check_held(session)
            if clock() >= until:
                return True

    return False


def _look_some_up(session: Session, ledger: Ledger, connection_id: int, clock: Clock) -> bool:
    """Look up the next numbers by one call. False once there is none, or Exact refuses."""
    with transaction(session):
        moving = find_moving(session, connection_id)
        connection = session.get_one(ConnectionRow, connection_id)
        if moving is None or moving.ended_at or not connection.is_live:
            return False
        numbers = numbers_to_look_up(session, connection, moving.wanted_at, AT_ONCE)
        subsidiary_id = connection.subsidiary_id

    trouble = None
    try:
        if numbers:
            look_numbers_up(session, ledger, connection_id, numbers, now=clock())
            _read_named(session, ledger, connection_id, subsidiary_id, numbers, clock)
    except RemoteError as error:
        session.rollback()
        trouble = error.said

    with transaction(session):
        moving = session.get_one(MovingRow, connection_id, populate_existing=True)
        moving.looked_up += len(numbers)
        moving.trouble = trouble
        # What Exact refused is asked for again by a person, who sees why.
        if trouble or not numbers:
            moving.ended_at = clock()

    return bool(numbers) and trouble is None


def _read_named(
    session: Session,
    ledger: Ledger,
    connection_id: int,
    subsidiary_id: str,
    numbers: Sequence[str],
    clock: Clock,
) -> None:
    """Read the entries that the other link named and that do not carry the number of their invoice."""
    with transaction(session):
        rows = exported_under(session, subsidiary_id, numbers)
        looks = looks_of(session, connection_id, numbers)
        named = {
            found
            for row in rows
            if (found := read_named(row.export_id))
            and not _is_under(found, row.number or "", looks.get(_number_of(row)))
        }

    for entry_id in sorted(named):
        asked_at = clock()
        entry = ledger.read_entry(entry_id)
        with transaction(session):
            keep_read(session, connection_id, entry_id, entry, asked_at)


def _is_under(entry_id: str, number: str, look: LookRow | None) -> bool:
    """Say whether an entry is one of those that carry a number."""
    return look is not None and entry_id in {entry.id for entry in entries_of_number(number, look.held)}


def list_moved(session: Session, connection: ConnectionRow, *, today: date) -> list[Moved]:
    """Return what another link exported, with what is known of each, newest first."""
    rows = exported_elsewhere(session, connection.subsidiary_id)
    return judge_moved(session, connection, rows, today=today)


def judge_moved(
    session: Session, connection: ConnectionRow, rows: Sequence[InvoiceRow], *, today: date
) -> list[Moved]:
    """Say of invoices whether the entries under their numbers agree with them."""
    moving = find_moving(session, connection.id)
    looks = looks_of(session, connection.id, [_number_of(row) for row in rows])
    since = moving.wanted_at if moving else None
    seen = {number: look for number, look in looks.items() if since is None or look.looked_at >= since}

    judge = _Judge(session, connection.id, rows, seen.values(), today)
    return [judge.judge(row, seen.get(_number_of(row))) for row in rows]


class _Judge:
    """Compares invoices with entries. What it needs of the database is read at once for all of them."""

    def __init__(
        self,
        session: Session,
        connection_id: int,
        rows: Sequence[InvoiceRow],
        looks: Iterable[LookRow],
        today: date,
    ) -> None:
        self.named = named_entries(session, connection_id, rows)
        held = [*(entry for look in looks for entry in look.held), *self.named.values()]
        self.today = today
        # Where no entry was found there is nothing to compare.
        companies = {row.company_id for row in rows} if held else set()
        ids = {row.id for row in rows} if held else set()
        self.linked = linked_entries(session, {entry.id for entry in held}) if held else set()
        self.customers = _customers(session, connection_id, {entry.customer_id for entry in held})
        self.links = _links(session, connection_id, companies)
        self.asides = _asides(session, ids)

    def judge(self, row: InvoiceRow, look: LookRow | None) -> Moved:
        """Judge one invoice by the last look at its number."""
        asides = self.asides.get(row.id, set())
        held = entries_of_number(row.number or "", look.held) if look else []
        own = self.named.get(read_named(row.export_id) or "")
        if look is not None and own is not None and own.id not in {entry.id for entry in held}:
            held = [own, *held]

        left = find_strangers(held, linked=self.linked, set_aside=asides)
        # The one that the other link named comes first.
        entries = [self._compare(row, entry) for entry in left]
        entries.sort(key=lambda each: not names_entry(row.export_id, each.entry))
        # What a person set aside is not its own, whoever names it.
        is_aside = (read_named(row.export_id) or "") in asides
        named = None if is_aside else row.export_id
        move = judge_move(entries, number=row.number or "", named=named, is_seen=look is not None)
        return Moved(row, move, entries)

    def _compare(self, row: InvoiceRow, entry: HeldEntry) -> Stranger:
        customer = self.customers.get(entry.customer_id or "")
        is_same = customer is not None and self._is_buyer(row, customer)
        return judge_stranger(
            entry,
            customer_id=entry.customer_id if is_same else None,
            customer=customer.name if customer else "",
            gross=row.amount_with_tax,
            currency=row.currency,
        )

    def _is_buyer(self, row: InvoiceRow, customer: Customer) -> bool:
        if linked := self.links.get(row.company_id):
            return linked == customer.id
        bill_to = row.invoice().bill_to
        return bill_to is not None and is_the_buyer(bill_to, customer, read_vat=read_vat, today=self.today)


def link_agreeing(
    session: Session,
    ledger: Ledger,
    connection: ConnectionRow,
    invoice_ids: Sequence[str],
    *,
    actor: str,
    clock: Clock,
) -> int:
    """Link invoices whose number, customer and total agree with one entry. Returns how many were."""
    # What a look of at most ten minutes ago showed counts, as it does for a copy.
    connection_id = connection.id
    _freshen(session, ledger, connection, invoice_ids, clock)
    chosen = list(dict.fromkeys(invoice_ids))
    linked = 0

    for start in range(0, len(chosen), MOST_AT_ONCE):
        with transaction(session):
            connection = session.get_one(ConnectionRow, connection_id)
            rows = _lock(session, connection, chosen[start : start + MOST_AT_ONCE])
            linked += sum(
                _link(session, ledger, connection_id, moved, actor=actor, now=clock())
                for moved in judge_moved(session, connection, rows, today=day_here(clock()))
            )

    return linked


def _freshen(
    session: Session, ledger: Ledger, connection: ConnectionRow, invoice_ids: Sequence[str], clock: Clock
) -> None:
    """Look those up anew whose last look no longer counts."""
    connection_id = connection.id
    with transaction(session):
        rows = session.scalars(select(InvoiceRow).where(InvoiceRow.id.in_(invoice_ids))).all()
        numbers = {_number_of(row) for row in rows} - {""}
        looks = looks_of(session, connection_id, sorted(numbers))
        oldest = clock() - (FRESH - MARGIN)
        stale = sorted(one for one in numbers if one not in looks or looks[one].looked_at <= oldest)

    if len(stale) > MOST_AT_ONCE:
        raise MoveOverError(said(Refused.LOOK_TOO_OLD))

    for start in range(0, len(stale), AT_ONCE):
        numbers_now = stale[start : start + AT_ONCE]
        look_numbers_up(session, ledger, connection_id, numbers_now, now=clock())


def _lock(session: Session, connection: ConnectionRow, ids: Sequence[str]) -> Sequence[InvoiceRow]:
    """Lock those of some invoices that still are another link's."""
    query = (
        select(InvoiceRow)
        .where(
            InvoiceRow.id.in_(ids),
            InvoiceRow.subsidiary_id == connection.subsidiary_id,
            *still_elsewhere(),
        )
        .order_by(InvoiceRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _link(
    session: Session, ledger: Ledger, connection_id: int, moved: Moved, *, actor: str, now: datetime
) -> bool:
    """Link one invoice if all still agrees. An entry belongs to one invoice only."""
    entry = as_agreeing(moved.move, moved.entries)
    # How Productive gives amounts without cents is not known, so that nothing agrees for certain.
    if entry is None or not has_cents(moved.row.currency) or is_taken(session, entry.id):
        return False

    # With its lines, where a reading of that month brought them along.
    found = _as_read(session, connection_id, entry) or entry
    adopt(session, moved.row, found, connection_id, url=ledger.entry_url(entry.id), actor=actor, now=now)
    session.flush()
    return True


def _as_read(session: Session, connection_id: int, entry: AgreeingEntry) -> BookedEntry | None:
    """Return the entry as the mirror has it with its lines, None where that is not what agreed."""
    row = find_entries(session, connection_id, [entry.id]).get(entry.id)
    if row is None or row.gone_at is not None or row.lines is None:
        return None

    read = row.entry()
    is_same = (read.gross, read.currency, read.customer_id) == (
        entry.gross,
        entry.currency,
        entry.customer_id,
    )
    return read if is_same else None


def _number_of(row: InvoiceRow) -> str:
    return (row.number or "").strip()


def _customers(session: Session, connection_id: int, ids: Iterable[str | None]) -> dict[str, Customer]:
    wanted = [one for one in ids if one]
    if not wanted:
        return {}

    query = select(CustomerRow).where(CustomerRow.connection_id == connection_id, CustomerRow.id.in_(wanted))
    return {row.id: customer_of(row) for row in session.scalars(query)}


def _links(session: Session, connection_id: int, companies: Iterable[str]) -> dict[str, str]:
    wanted = list(companies)
    if not wanted:
        return {}

    query = select(CustomerLinkRow).where(
        CustomerLinkRow.connection_id == connection_id, CustomerLinkRow.company_id.in_(wanted)
    )
    return {link.company_id: link.customer_id for link in session.scalars(query)}


def _asides(session: Session, invoices: Iterable[str]) -> dict[str, set[str]]:
    wanted = list(invoices)
    if not wanted:
        return {}

    query = select(SetAsideRow).where(SetAsideRow.invoice_id.in_(wanted))
    found: dict[str, set[str]] = {}
    for aside in session.scalars(query):
        found.setdefault(aside.invoice_id, set()).add(aside.entry_id)

    return found
