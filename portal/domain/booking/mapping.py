"""Which ledger account and VAT code a line gets, and where that comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.domain.booking.catalogue import NewCustomer

CHOSEN = "chosen"
MAPPED = "mapping"
DEFAULT = "default"


class MappingKind(StrEnum):
    """What a mapping leads from: a service type, a tax rate, or all that nothing else covers."""

    SERVICE = "service"
    TAX = "tax"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class MappingRules:
    """Service type id → ledger account id, tax rate id → VAT code, and the default ledger account."""

    ledgers: Mapping[str, str] = field(default_factory=dict)
    vat_codes: Mapping[str, str] = field(default_factory=dict)
    default_ledger: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose in the copy dialog."""

    # Choices of lines are by the id of the line, those of VAT by the id of the tax rate.
    # No journal, ledger, VAT code or date leaves it to the default, the mapping or the invoice. An empty one
    # was cleared by a person, so that none is taken.
    # ``linked_seen`` is the customer that the company was linked to when a person asked for a new one.
    # ``customer_how`` says how an existing customer was decided, with the signs for and against it.
    # ``confirmed`` are the codes of the questions that a person answered with yes.

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """A code and its source: chosen, mapping or default."""

    code: str
    source: str


def choose_ledger(
    rules: MappingRules, choices: Choices, line_id: str, service_type_id: str | None
) -> Chosen | None:
    """Pick the ledger account of a line: its own choice, its mapping, the dialog's ledger, the default."""
    if own := choices.line_ledgers.get(line_id):
        return Chosen(own, CHOSEN)
    if service_type_id and (mapped := rules.ledgers.get(service_type_id)):
        return Chosen(mapped, MAPPED)
    code = rules.default_ledger if choices.ledger is None else choices.ledger
    return Chosen(code, DEFAULT if code == rules.default_ledger else CHOSEN) if code else None


def choose_vat(rules: MappingRules, choices: Choices, tax_rate_id: str | None) -> Chosen | None:
    """Pick the VAT code of a tax rate: the dialog's choice, then the mapping."""
    key = tax_rate_id or ""
    mapped = rules.vat_codes.get(key)
    code = choices.vat_codes.get(key, mapped)
    return Chosen(code, MAPPED if code == mapped else CHOSEN) if code else None
