"""Which ledger account and VAT code a line gets, and where that comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Because

CHOSEN = "chosen"
MAPPED = "mapping"
DEFAULT = "default"

DEFAULT_LEDGER = "ledger"
"""Stands for the lines that no mapping covers."""


class MappingKind(StrEnum):
    """What a mapping leads from: a service type, a tax rate, or all that nothing else covers."""

    SERVICE = "service"
    TAX = "tax"
    DEFAULT = "default"


class MappingKey(NamedTuple):
    """What is mapped: a source of a kind, for customers in one place or anywhere."""

    kind: MappingKind
    source_id: str
    place: Place | None = None


class Rule(StrEnum):
    """By what a ledger account or a VAT code was chosen."""

    CHOSEN = "chosen"
    SERVICE = "service"
    DEFAULT = "default"
    ANYWHERE = "anywhere"
    PLACE = "place"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Setting:
    """Who set a mapping and when, and why it was suggested where a person accepted it."""

    by: str
    at: datetime
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that led to a code, for which place, and who set it."""

    rule: Rule
    place: Place | None = None
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class MappingRules:
    """Service type id → ledger account id, tax rate id → VAT code, and the default ledger account."""

    # A rate in ``split`` has a VAT code for each place, and none where a place is missing.
    # ``own`` are the VAT codes of single companies, by company and tax rate.
    # ``settings`` and ``own_settings`` say who set what.

    ledgers: Mapping[str, str] = field(default_factory=dict)
    vat_codes: Mapping[str, str] = field(default_factory=dict)
    default_ledger: str | None = None
    split: Mapping[str, Mapping[Place, str]] = field(default_factory=dict)
    own: Mapping[tuple[str, str], str] = field(default_factory=dict)
    settings: Mapping[MappingKey, Setting] = field(default_factory=dict)
    own_settings: Mapping[tuple[str, str], Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose in the copy dialog."""

    # Choices of lines are by the id of the line, those of VAT by the id of the tax rate.
    # No journal, ledger, VAT code or date leaves it to the default, the mapping or the invoice. An empty one
    # was cleared by a person, so that none is taken.
    # ``linked_seen`` is the customer that the company was linked to when a person asked for a new one.
    # ``customer_how`` says how an existing customer was decided, with the signs for and against it.
    # ``confirmed`` are the codes of the questions that a person answered with yes.
    # ``exact`` says for each change that somebody made in Exact whether an update keeps or overwrites it.

    customer_id: str | None = None
    new_customer: bool = False
    journal: str | None = None
    ledger: str | None = None
    line_ledgers: Mapping[str, str] = field(default_factory=dict)
    vat_codes: Mapping[str, str] = field(default_factory=dict)
    cost_centers: Mapping[str, str] = field(default_factory=dict)
    booking_date: str | None = None
    customer: NewCustomer | None = None
    linked_seen: str | None = None
    customer_how: str | None = None
    evidence: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    exact: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A code and its source: chosen, mapping or default. ``why`` says more."""

    code: str
    source: str
    why: Why | None = field(default=None, compare=False)

    @property
    def rule(self) -> Rule | None:
        """Return the rule that led to it, None for a copy from before rules were kept."""
        return self.why.rule if self.why else None


BY_HAND = Why(Rule.CHOSEN)


def choose_ledger(
    rules: MappingRules, choices: Choices, line_id: str, service_type_id: str | None
) -> Chosen | None:
    """Pick the ledger account of a line: its own choice, its mapping, the dialog's ledger, the default."""
    mapped = rules.ledgers.get(service_type_id) if service_type_id else None
    if own := choices.line_ledgers.get(line_id):
        return Chosen(own, CHOSEN, BY_HAND)
    if service_type_id and mapped:
        setting = rules.settings.get(MappingKey(MappingKind.SERVICE, service_type_id))
        return Chosen(mapped, MAPPED, Why(Rule.SERVICE, setting=setting))

    code = rules.default_ledger if choices.ledger is None else choices.ledger
    if not code:
        return None
    if code != rules.default_ledger:
        return Chosen(code, CHOSEN, BY_HAND)

    setting = rules.settings.get(MappingKey(MappingKind.DEFAULT, DEFAULT_LEDGER))
    return Chosen(code, DEFAULT, Why(Rule.DEFAULT, setting=setting))


def choose_vat(
    rules: MappingRules,
    choices: Choices,
    tax_rate_id: str | None,
    company_id: str = "",
    place: Place | None = None,
) -> Chosen | None:
    """Pick the VAT code of a tax rate: the dialog's choice, the customer's own, the mapping of its place."""
    key = tax_rate_id or ""
    mapped = _mapped_vat(rules, key, company_id, place)
    code = choices.vat_codes.get(key)
    if code is None or (mapped and code == mapped.code):
        return mapped
    return Chosen(code, CHOSEN, BY_HAND) if code else None


def _mapped_vat(rules: MappingRules, key: str, company_id: str, place: Place | None) -> Chosen | None:
    if own := rules.own.get((company_id, key)):
        return Chosen(own, MAPPED, Why(Rule.CUSTOMER, setting=rules.own_settings.get((company_id, key))))

    if key in rules.split:
        # Without a place nobody knows which of the codes it is.
        code = rules.split[key].get(place) if place else None
        rule = Rule.PLACE
    else:
        code = rules.vat_codes.get(key)
        place = None
        rule = Rule.ANYWHERE

    setting = rules.settings.get(MappingKey(MappingKind.TAX, key, place))
    return Chosen(code, MAPPED, Why(rule, place, setting)) if code else None
