"""The copy dialog's form: what a person answered, read without trusting it."""

import msgspec
from werkzeug.datastructures import MultiDict

from portal.actions.copies.propose import Answers, Take, Turn
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.mapping import Choices, MappingKey, MappingKind
from portal.domain.booking.proposed import CUSTOMER, VAT
from portal.domain.copies.exact_changes import Decision
from portal.domain.copies.states import CopyAction
from portal.domain.customers.new_customer import NEW_CUSTOMER

LINE_LEDGER = "line-ledger-"
LINE_CENTER = "cost-center-"
RATE = "vat-"
SHOWN = "shown-"
NEW = "new-"
EXACT = "exact-"


def read_answers(form: MultiDict[str, str]) -> Answers:
    """Read everything that a person answered in the dialog."""
    return Answers(
        action=read_action(form),
        choices=read_choices(form),
        turn=_read_turn(form),
        searched=form.get("customer_search", ""),
        fingerprint=form.get("fingerprint", ""),
        latest_seen=form.get("latest") or None,
        told=tuple(form.getlist("told")),
        asked=tuple(form.getlist("asked")),
        take=_read_take(form),
        proposed=_read_proposed(form),
    )


def _read_proposed(form: MultiDict[str, str]) -> dict[str, str]:
    """Read which fields hold what the dialog proposed, untouched."""
    found = _prefixed(form, SHOWN, even_cleared=True)
    places = {place_of(name): text for name, text in found.items() if form.get(name) == text}
    if "pick" in form:
        # A button says which customer is meant.
        places.pop(CUSTOMER, None)

    return places


def place_of(name: str) -> str:
    """Return the field of the draft that an input of the form is for."""
    if name.startswith(RATE):
        return f"{VAT}{name.removeprefix(RATE)}"
    return name.removeprefix(NEW)


def input_of(place: str) -> str:
    """Return the input of the form that is for a field of the draft."""
    if place.startswith(VAT):
        return f"{RATE}{place.removeprefix(VAT)}"
    return f"{NEW}{place}" if place in NEW_CUSTOMER else place


def read_action(form: MultiDict[str, str]) -> CopyAction:
    """Read whether a dialog is to update the latest copy or to make one."""
    return CopyAction.UPDATE if form.get("action") == CopyAction.UPDATE else CopyAction.CREATE


def _read_turn(form: MultiDict[str, str]) -> Turn | None:
    """Read to which kind of customer a button turned."""
    if "mode" not in form:
        return None
    return Turn.NEW if form["mode"] == Turn.NEW else Turn.EXISTING


def _read_take(form: MultiDict[str, str]) -> Take | None:
    """Read which suggestion a button takes: kind, source and target."""
    kind, _, rest = form.get("take", "").partition(":")
    source, _, target = rest.partition(":")
    if kind not in (MappingKind.SERVICE, MappingKind.TAX) or not target:
        return None
    return Take(MappingKey(MappingKind(kind), source), target)


def read_kept(form: MultiDict[str, str], name: str) -> tuple[MappingKey, ...]:
    """Read for which service types and tax rates boxes were ticked, or shown."""
    parts = (text.partition(":") for text in form.getlist(name))
    kinds = (MappingKind.SERVICE, MappingKind.TAX)
    return tuple(MappingKey(MappingKind(kind), source) for kind, _, source in parts if kind in kinds)


def read_choices(form: MultiDict[str, str]) -> Choices:
    """Read what is chosen. Whether the values exist is for the draft to say."""
    new_customer = form.get("new_customer") == "1"
    existing = None if new_customer else form.get("customer") or None

    return Choices(
        customer_id=form.get("pick", existing),
        new_customer=new_customer,
        journal=form.get("journal"),
        ledger=form.get("ledger"),
        line_ledgers=_prefixed(form, LINE_LEDGER),
        vat_codes=_prefixed(form, RATE, even_cleared=True),
        cost_centers=_prefixed(form, LINE_CENTER),
        booking_date=form.get("booking_date"),
        customer=read_new_customer(form) if new_customer else None,
        linked_seen=form.get("linked") or None,
        confirmed=tuple(form.getlist("confirmed")),
        exact=_read_exact(form),
    )


def _read_exact(form: MultiDict[str, str]) -> dict[str, str]:
    """Read what becomes of what was changed in Exact. What is no decision is none."""
    found = _prefixed(form, EXACT)
    return {key: value for key, value in found.items() if value in set(Decision)}


def read_new_customer(form: MultiDict[str, str]) -> NewCustomer:
    """Read the fields of a new customer."""
    fields = {name: form.get(f"{NEW}{name}", "").strip() or None for name in NEW_CUSTOMER}
    return msgspec.convert(fields | {"name": fields["name"] or ""}, NewCustomer)


def _prefixed(form: MultiDict[str, str], prefix: str, *, even_cleared: bool = False) -> dict[str, str]:
    found = ((name.removeprefix(prefix), value) for name, value in form.items() if name.startswith(prefix))
    return {name: value for name, value in found if value or even_cleared}
