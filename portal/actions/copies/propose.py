"""What the copy dialog shows: the entry as chosen, and all there is to say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.actions.copies.beside import AskBeside, Beside
from portal.actions.copies.cut_over import cut_over_of
from portal.actions.copies.draft import (
    Basis,
    choices_of,
    draft_copy,
    find_made_meanwhile,
    keep_numbers,
    read_basis,
)
from portal.actions.copies.finish import was_booked
from portal.actions.copies.obstacles import find_obstacles
from portal.actions.copies.request import Wish, customer_problems
from portal.actions.copies.under_number import Held, held_of, read_under
from portal.actions.customers.finder import CustomerFinder, Decision, Question
from portal.actions.engine.gate import closed_by
from portal.domain.booking.catalogue import Catalogue, Customer, VatCode
from portal.domain.booking.draft import Draft
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices, MappingKey, MappingKind, MappingRules, Rule
from portal.domain.booking.offers import Offers, read_offers
from portal.domain.booking.postings import Postings, bookable_draft, postings_of
from portal.domain.booking.problems import problem, say_all
from portal.domain.booking.proposed import BOOKING_DATE, CUSTOMER, JOURNAL, LEDGER, VAT, find_renewed, reopen
from portal.domain.booking.sales_entry import Problem
from portal.domain.booking.translate import CONFIRM
from portal.domain.copies.states import IN_EXACT, CopyAction
from portal.domain.copies.strangers import is_stranger
from portal.domain.customers.evidence import Suggestion
from portal.domain.customers.new_customer import (
    NEW_CUSTOMER,
    new_customer_from,
    prefill_again,
    stands_as_proposed,
)
from portal.domain.said import Said
from portal.store.catalogue import find_customer
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.copies import CopyRow
from portal.store.gate import THE_ONE, GateRow, find_gate
from portal.store.invoices import InvoiceRow
from portal.store.together import Together
from portal.vat_numbers import read_vat

# The fields of a new customer, in their order on the screen.
CUSTOMER_FIELDS = (
    "name",
    "vat_number",
    "email",
    "address",
    "zipcode",
    "city",
    "country",
    "chamber_of_commerce",
)

# What a proposal stands on, with all that decides.
STANDS_ON = Together()
IS_LIVE = ConnectionRow.live_subsidiary == bindparam("subsidiary")
CONNECTION = STANDS_ON.ask(ConnectionRow, IS_LIVE, load=("payments", "customers"))
COPIES = STANDS_ON.ask(CopyRow, CopyRow.invoice_id == bindparam("invoice"))
GATE = STANDS_ON.ask(GateRow, GateRow.id == THE_ONE)
BESIDE = AskBeside(STANDS_ON, select(ConnectionRow.id).where(IS_LIVE).correlate(None).scalar_subquery())


class Turn(StrEnum):
    """To which kind of customer a person turned."""

    NEW = "new"
    EXISTING = "existing"


@dataclass(frozen=True, slots=True)
class Take:
    """A ledger account for a service type, or a VAT code for a tax rate, that a person takes as suggested."""

    key: MappingKey
    target: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person answered in the dialog. ``choices`` is None before it was open."""

    # ``proposed`` are the fields that hold what the dialog proposed by itself, with that.

    action: CopyAction = CopyAction.CREATE
    choices: Choices | None = None
    turn: Turn | None = None
    searched: str = ""
    fingerprint: str = ""
    latest_seen: str | None = None
    told: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    take: Take | None = None
    proposed: Mapping[str, str] = field(default_factory=dict)

    @property
    def wish(self) -> Wish:
        """Return what is wished for with these answers."""
        return Wish(
            self.choices or Choices(), self.fingerprint, self.latest_seen, self.action, asked=self.asked
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything that the dialog shows. ``told`` are the fields of which a submission was told."""

    action: CopyAction
    choices: Choices
    connection: ConnectionRow
    offers: Offers
    draft: Draft
    invoice: Invoice
    customer: Customer | None
    linked: str | None
    problems: tuple[Problem, ...]
    told: tuple[str, ...] = ()
    postings: Postings | None = None
    codes: tuple[VatCode, ...] = ()
    copied: CopyRow | None = None
    mapped: frozenset[MappingKey] = frozenset()
    matches: tuple[Suggestion, ...] = ()
    question: Question | None = None
    decision: Decision | None = None
    open_entry: CopyRow | None = None
    too_early: date | None = None
    held: Held | None = None
    # The fields that hold what is proposed, with that, and those of which it is another than before.
    proposed: Mapping[str, str] = field(default_factory=dict)
    renewed: frozenset[str] = frozenset()

    @property
    def customer_name(self) -> str:
        """Return who will owe."""
        if self.choices.new_customer and self.choices.customer:
            return self.choices.customer.name
        return self.customer.name if self.customer else ""

    @property
    def elsewhere(self) -> tuple[Problem, ...]:
        """Return the problems that stand at no field of the dialog, and the questions to be confirmed."""
        return tuple(each for each in self.problems if not self.stands_at_field(each))

    def stands_at_field(self, problem: Problem) -> bool:
        """Say whether a problem is shown where it is put right."""
        return problem.fix != CONFIRM and problem.field in self.fields

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the fields that the dialog shows, in their order on the screen."""
        choices = self.choices
        customer = CUSTOMER_FIELDS if choices.new_customer and choices.customer else ("customer",)
        rates = (
            [f"vat_codes.{rate.id}" for rate in self.draft.tax_rates] if self.offers.codes else ["vat_codes"]
        )
        lines = [
            place
            for each in self.draft.lines
            for place in (f"line_ledgers.{each.line.id}", f"cost_centers.{each.line.id}")
        ]

        return (*customer, "journal", "booking_date", "ledger", *rates, *lines)

    def problem_of(self, field: str) -> Said | None:
        """Return what is wrong at one field, None where it is right."""
        found = [each for each in self.problems if each.field == field and each.fix != CONFIRM]
        return say_all(found) if found else None

    def is_told(self, field: str) -> bool:
        """Say whether a person tried to copy before what is wrong at a field was put right."""
        return field in self.told and bool(self.problem_of(field))

    def code_of(self, code: str) -> VatCode | None:
        """Return what the catalogue knows of a VAT code."""
        return next((each for each in self.codes if each.code.strip() == code.strip()), None)

    @property
    def first(self) -> str:
        """Name where the dialog begins: at the first field with a problem, else where it is copied."""
        wrong = {each.field for each in self.problems if self.stands_at_field(each)}
        at = next((field for field in self.fields if field in wrong), None)
        if self.elsewhere and (at is None or at.startswith(("line_ledgers.", "cost_centers."))):
            return "elsewhere"
        return at or "submit"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal stands on. ``latest`` has its entry in Exact, ``copied`` in this division."""

    session: Session
    connection: ConnectionRow
    row: InvoiceRow
    invoice: Invoice
    latest: CopyRow | None
    # What was read beside the invoice, and the gate, where a proposal is made of it at once.
    beside: Beside | None = None
    gate: GateRow | None = None
    was_booked: bool | None = None

    @property
    def copied(self) -> CopyRow | None:
        """Return the copy that an update changes."""
        is_here = self.latest is not None and self.latest.connection_id == self.connection.id
        return self.latest if is_here else None


def propose(
    session: Session,
    row: InvoiceRow,
    answers: Answers,
    *,
    refused: tuple[Problem, ...] = (),
    now: datetime,
    today: date,
) -> Proposal | None:
    """Propose what these answers ask for, or None without a connection."""
    ground = read_ground_beside(session, row, answers.choices)
    if ground is None:
        return None

    # Only what is in Exact can be updated. What was refused is shown as it was asked for.
    action = answers.action if ground.copied or refused else CopyAction.CREATE
    finder = CustomerFinder(session, ground.connection.id, ground.invoice, today)
    choices = complete(ground, _choose(ground, action, answers, finder))
    basis, draft = draft_proposal(ground, action, choices)
    catalogue = basis.catalogue
    customer = find_customer(session, ground.connection.id, choices.customer_id)
    is_new = action == CopyAction.CREATE

    return Proposal(
        action=action,
        choices=choices,
        connection=ground.connection,
        offers=read_offers(catalogue),
        draft=draft,
        invoice=ground.invoice,
        customer=customer,
        linked=finder.link.customer_id if finder.link else None,
        problems=_find_problems(ground, action, choices, draft, refused),
        told=tuple(dict.fromkeys((*(each.field for each in refused if each.field), *answers.told))),
        postings=_post(draft, ground.invoice, catalogue),
        codes=catalogue.vat_codes,
        copied=ground.copied if action == CopyAction.UPDATE else None,
        mapped=_mapped(basis.rules),
        matches=_search(finder, answers, choices),
        question=finder.ask(customer, choices),
        decision=finder.explain(choices),
        open_entry=ground.latest if is_new else None,
        too_early=cut_over_of(ground.connection, row) if is_new else None,
        held=_read_held(ground, choices, now) if is_new else None,
        proposed=_proposed(ground, choices, draft, finder),
        renewed=frozenset(find_renewed(answers.proposed, _values(choices, draft))),
    )


def ask_renewed(session: Session, row: InvoiceRow, answers: Answers, *, today: date) -> tuple[Problem, ...]:
    """Ask a person to look at what is proposed otherwise than she saw it."""
    asked = answers.proposed and answers.choices
    ground = read_ground_beside(session, row, answers.choices) if asked else None
    if ground is None:
        return ()

    action = answers.action if ground.copied else CopyAction.CREATE
    finder = CustomerFinder(session, ground.connection.id, ground.invoice, today)
    choices = complete(ground, _choose(ground, action, answers, finder))
    basis, draft = draft_proposal(ground, action, choices)
    renewed = find_renewed(answers.proposed, _values(choices, draft))

    def name(place: str, value: str) -> str:
        account = read_offers(basis.catalogue).accounts.get(value) if place == LEDGER else None
        customer = find_customer(session, ground.connection.id, value) if place == CUSTOMER else None
        return account.code.strip() if account else customer.name if customer else value.strip()

    return tuple(
        _ask_again(place, name(place, was), name(place, now)) for place, (was, now) in renewed.items()
    )


def _ask_again(place: str, was: str, now: str) -> Problem:
    """Say that a field holds another proposal than a person saw."""
    if not now:
        return problem("proposed_no_more", place, was=was)
    if not was:
        return problem("proposed_first", place, now=now)
    return problem("proposed_anew", place, was=was, now=now)


def read_ground(session: Session, row: InvoiceRow) -> Ground | None:
    """Read what a proposal stands on, or None without a connection."""
    connection = find_live_connection(session, row.subsidiary_id)
    if connection is None:
        return None

    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    return Ground(session, connection, row, row.invoice(), _booked(latest))


def read_ground_beside(session: Session, row: InvoiceRow, choices: Choices | None) -> Ground | None:
    """Read what a proposal stands on with all that decides, by one statement."""
    chosen = choices.customer_id if choices else None
    found = STANDS_ON.read(session, subsidiary=row.subsidiary_id, **AskBeside.values(row, chosen))
    connection = found.first(CONNECTION)
    if connection is None:
        return None

    copies = found.all(COPIES)
    latest = next((copy for copy in copies if copy.id == row.latest_copy_id), None)
    return Ground(
        session,
        connection,
        row,
        row.invoice(),
        _booked(latest),
        Beside(BESIDE, found),
        found.first(GATE),
        any(copy.entry_id is not None for copy in copies),
    )


def _booked(latest: CopyRow | None) -> CopyRow | None:
    """Return a copy where its entry is in Exact."""
    return latest if latest is not None and latest.state in IN_EXACT else None


def first_choices(ground: Ground, action: CopyAction) -> Choices:
    """Begin an update with what was chosen for the copy that it changes."""
    if action == CopyAction.UPDATE and ground.copied:
        # What was confirmed then is asked anew.
        return replace(choices_of(ground.copied), confirmed=(), exact={})
    return Choices()


def _choose(ground: Ground, action: CopyAction, answers: Answers, finder: CustomerFinder) -> Choices:
    """Return the choices, with the customer who was turned to or who fits."""
    choices = first_choices(ground, action) if answers.choices is None else answers.choices
    choices = reopen(choices, answers.proposed)
    buyer = ground.invoice.bill_to
    if choices.customer and buyer:
        made = prefill_again(choices.customer, buyer, answers.proposed, read_vat)
        choices = replace(choices, customer=made)

    if answers.take:
        choices = _with_taken(ground.invoice, choices, answers.take)

    if answers.turn:
        choices = replace(choices, customer=None, new_customer=False)

    if answers.turn is Turn.NEW and buyer:
        linked = finder.link.customer_id if finder.link else None
        made = new_customer_from(buyer, read_vat)
        return replace(choices, new_customer=True, customer=made, customer_id=None, linked_seen=linked)

    is_open = answers.choices is None or answers.turn or CUSTOMER in answers.proposed
    if is_open and not choices.customer_id and not choices.new_customer:
        return replace(choices, customer_id=finder.preselect())

    return choices


def complete(ground: Ground, choices: Choices) -> Choices:
    """Fill in the journal, the ledger and the date where none is chosen."""
    connection = ground.connection
    credit = connection.credit_journal if ground.invoice.is_credit_note else None
    journal = credit or connection.default_journal
    day = ground.row.invoiced_on.isoformat()

    return replace(
        choices,
        journal=journal if choices.journal is None else choices.journal,
        ledger=connection.default_ledger if choices.ledger is None else choices.ledger,
        booking_date=day if choices.booking_date is None else choices.booking_date,
    )


def draft_proposal(ground: Ground, action: CopyAction, choices: Choices) -> tuple[Basis, Draft]:
    """Return what decides, and the entry that is drafted by it."""
    beside = ground.beside
    basis = beside.basis(ground.connection) if beside else read_basis(ground.session, ground.connection)
    if action == CopyAction.UPDATE or _was_booked(ground):
        basis = keep_numbers(basis)

    draft = draft_copy(
        ground.session,
        ground.connection,
        ground.invoice,
        choices,
        basis=basis,
        unreadable=beside.is_unreadable if beside else None,
        is_linked=beside is None or beside.linked_id is not None,
    )
    return basis, draft


def _was_booked(ground: Ground) -> bool:
    """Say whether a copy of the invoice ever had an entry."""
    if ground.was_booked is None:
        return was_booked(ground.session, ground.row.id)
    return ground.was_booked


def _find_problems(
    ground: Ground, action: CopyAction, choices: Choices, draft: Draft, refused: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Name every problem once, those that a submission was told first."""
    found = (
        *refused,
        *closed_by(ground.gate if ground.beside else find_gate(ground.session)),
        *find_obstacles(ground.connection, ground.row, action, ground.copied),
        *find_made_meanwhile(ground.session, ground.connection.id, ground.row.company_id, choices),
        *draft.problems,
        *customer_problems(choices),
    )
    # What stands under the number is told apart, with what can be done about it.
    return tuple(each for each in dict.fromkeys(found) if not is_stranger(each))


def _with_taken(invoice: Invoice, choices: Choices, take: Take) -> Choices:
    """Choose what a person takes as suggested, for every line that it is for."""
    source = take.key.source_id
    if take.key.kind is MappingKind.TAX:
        return replace(choices, vat_codes={**choices.vat_codes, source: take.target})

    lines = {line.id: take.target for line in invoice.lines if line.service_type_id == source}
    return replace(choices, line_ledgers={**choices.line_ledgers, **lines})


def _mapped(rules: MappingRules) -> frozenset[MappingKey]:
    """Return the service types and tax rates that lead somewhere by a mapping."""
    services = (MappingKey(MappingKind.SERVICE, source) for source in rules.ledgers)
    rates = (*rules.vat_codes, *rules.split, *(rate for _company, rate in rules.own))
    return frozenset((*services, *(MappingKey(MappingKind.TAX, source) for source in rates)))


def _post(draft: Draft, invoice: Invoice, catalogue: Catalogue) -> Postings | None:
    """Return the entry as a bookkeeper reads it, None without a line."""
    found = postings_of([bookable_draft(draft, invoice.currency)] if draft.lines else [], catalogue)
    return found[0] if found else None


def _values(choices: Choices, draft: Draft) -> dict[str, str]:
    """Return what stands in each field of the dialog, as its form sends it."""
    values = {
        CUSTOMER: choices.customer_id or "",
        JOURNAL: choices.journal or "",
        LEDGER: choices.ledger or "",
        BOOKING_DATE: choices.booking_date or "",
    }
    if choices.customer:
        values |= {name: getattr(choices.customer, name) or "" for name in NEW_CUSTOMER}

    return values | {f"{VAT}{rate.id}": rate.vat.code if rate.vat else "" for rate in draft.tax_rates}


def _proposed(ground: Ground, choices: Choices, draft: Draft, finder: CustomerFinder) -> dict[str, str]:
    """Return the fields that hold what would be proposed if they were left open, with that."""
    if choices.new_customer and choices.customer and ground.invoice.bill_to:
        found = stands_as_proposed(choices.customer, ground.invoice.bill_to, read_vat)
    else:
        found = {CUSTOMER: finder.preselect() or ""}

    defaults = complete(ground, replace(choices, journal=None, ledger=None, booking_date=None))
    found |= {
        JOURNAL: defaults.journal or "",
        LEDGER: defaults.ledger or "",
        BOOKING_DATE: defaults.booking_date or "",
    }
    for rate in draft.tax_rates:
        # A code that was chosen differs from the mapping.
        if rate.vat is None or rate.vat.rule is not Rule.CHOSEN:
            found[f"{VAT}{rate.id}"] = rate.vat.code if rate.vat else ""

    values = _values(choices, draft)
    return {place: text for place, text in found.items() if values.get(place) == text}


def _search(finder: CustomerFinder, answers: Answers, choices: Choices) -> tuple[Suggestion, ...]:
    """Return what a search finds that was sent with the whole form."""
    if not answers.searched or choices.customer_id:
        return ()
    return tuple(finder.search(answers.searched))


def _read_held(ground: Ground, choices: Choices, now: datetime) -> Held:
    under = (
        ground.beside.under if ground.beside else read_under(ground.session, ground.connection.id, ground.row)
    )
    return held_of(ground.session, ground.connection.id, ground.row, choices.customer_id, under, now=now)
