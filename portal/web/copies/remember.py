"""What of a dialog can be kept as a mapping, and what is suggested where nothing is mapped yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from portal.actions.connections.suggest import Suggestions, suggest_for
from portal.actions.copies.propose import Proposal
from portal.domain.booking.catalogue import shown
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import CHOSEN, Chosen, MappingKey, MappingKind
from portal.domain.booking.suggest import Suggested, Tie
from portal.extensions import db
from portal.web.common.clock import today
from portal.web.common.suggestion_words import suggestion_words
from portal.web.copies.forms import read_kept

NONE = Suggestions({})


@dataclass(frozen=True, slots=True)
class Keepable:
    """A box that keeps a choice as a mapping."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that is suggested: its name, and what a button sends that takes it."""

    value: str
    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What is suggested for a service type or a tax rate, one or several, and why."""

    offers: tuple[Offered, ...]
    why: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The boxes and the suggestions of a dialog, by service type and by tax rate."""

    boxes: Mapping[str, Keepable]
    hints: Mapping[str, Hint]


def remember_words(dialog: Proposal | None) -> Kept:
    """Return the boxes and the suggestions of a dialog."""
    if dialog is None:
        return Kept({}, {})

    open_keys = dict.fromkeys(key for key, chosen in _each_choice(dialog.draft) if chosen is None)
    suggested = suggest_for(db.session(), dialog.connection, today=today()) if open_keys else NONE
    found = {key: suggested.find(key) for key in open_keys}
    hints = {spell(key): _hint(dialog, key, one) for key, one in found.items() if one is not None}
    return Kept(_keepables(dialog), hints)


def spell(key: MappingKey) -> str:
    """Spell a service type or a tax rate in a form."""
    return f"{key.kind}:{key.source_id}"


def _keepables(dialog: Proposal) -> dict[str, Keepable]:
    """Offer to keep what is to be chosen, or was chosen otherwise than its mapping says."""
    ticked = read_kept(request.form, "remember")
    shown_before = read_kept(request.form, "remembers")
    names = _names(dialog.draft)
    chosen = {key for key, one in _each_choice(dialog.draft) if one is None or one.source == CHOSEN}
    found = {}

    for key in sorted(chosen, key=spell):
        # A box is ticked where nothing is mapped yet, until a person says otherwise.
        checked = key in ticked if key in shown_before else key not in dialog.mapped
        label = str(_("Remember for %(name)s", name=names[key]))
        found[spell(key)] = Keepable(spell(key), label, checked)

    return found


def _each_choice(draft: Draft) -> Iterator[tuple[MappingKey, Chosen | None]]:
    """Yield what each line got for its service type and its tax rate."""
    for each in draft.lines:
        if each.line.service_type_id:
            yield MappingKey(MappingKind.SERVICE, each.line.service_type_id), each.ledger
        if each.line.tax_rate_id:
            yield MappingKey(MappingKind.TAX, each.line.tax_rate_id), each.vat


def _names(draft: Draft) -> dict[MappingKey, str]:
    """Return what people call the service types and tax rates of a draft."""
    names: dict[MappingKey, str] = {}
    for each in draft.lines:
        line = each.line
        names[MappingKey(MappingKind.SERVICE, line.service_type_id or "")] = line.service_type or ""
        names[MappingKey(MappingKind.TAX, line.tax_rate_id or "")] = line.tax_rate or ""

    return names


def _hint(dialog: Proposal, key: MappingKey, found: Suggested | Tie) -> Hint:
    """Tell what is suggested, or between what a person is to choose."""
    targets: Iterable[str] = (found.target,) if isinstance(found, Suggested) else found.targets
    offers = tuple(
        Offered(f"{spell(key)}:{target}", _name(dialog, key, target), target) for target in targets
    )
    return Hint(offers, suggestion_words(found.because), isinstance(found, Tie))


def _name(dialog: Proposal, key: MappingKey, target: str) -> str:
    """Return what people call a ledger account or a VAT code."""
    if key.kind is MappingKind.TAX:
        code = dialog.code_of(target)
        return f"{shown(target)} · {code.description}" if code else shown(target)

    account = dialog.offers.accounts.get(target)
    return f"{shown(account.code)} · {account.description}" if account else str(_("unknown"))
