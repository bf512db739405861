"""Why a line got its ledger account or its VAT code: the rule, its source, who set it and when."""

from datetime import datetime

from flask_babel import gettext as _

from portal.domain.booking.mapping import CHOSEN, DEFAULT, Chosen, Rule, Setting
from portal.web.common.formats import day
from portal.web.common.suggestion_words import place_words, suggestion_words


def why_ledger(chosen: Chosen, service: str | None, by: str = "", at: datetime | None = None) -> str:
    """Say why a line got its ledger account. ``by`` and ``at`` are of a copy that it was chosen for."""
    if _is_chosen(chosen):
        return _by_hand(by, at)
    if chosen.source == DEFAULT:
        said = _("The default ledger, as no mapping covers %(name)s.", name=service or _("the line"))
    else:
        said = _("%(name)s is mapped to it.", name=service or _("The service type"))

    return f"{said} {_set(chosen.why.setting if chosen.why else None)}".strip()


def why_vat(chosen: Chosen, rate: str | None, by: str = "", at: datetime | None = None) -> str:
    """Say why a line got its VAT code."""
    if _is_chosen(chosen):
        return _by_hand(by, at)

    name = rate or _("No tax rate")
    rule = chosen.rule
    if rule is Rule.CUSTOMER:
        said = _("The customer’s own VAT code for %(name)s.", name=name)
    elif rule is Rule.PLACE and chosen.why:
        place = place_words(chosen.why.place)
        said = _("%(name)s is mapped to it for customers %(place)s.", name=name, place=place)
    elif rule is Rule.ANYWHERE:
        said = _("%(name)s is mapped to it, for every customer.", name=name)
    else:
        said = _("%(name)s is mapped to it.", name=name)

    return f"{said} {_set(chosen.why.setting if chosen.why else None)}".strip()


def _is_chosen(chosen: Chosen) -> bool:
    return chosen.source == CHOSEN


def _by_hand(by: str, at: datetime | None) -> str:
    """Say who chose something for one copy."""
    if by and at:
        return str(_("Chosen for this copy by %(who)s, %(day)s.", who=by, day=day(at)))
    return str(_("Chosen here, for this copy."))


def _set(setting: Setting | None) -> str:
    """Say who set a mapping, when, and why it was suggested if it was."""
    if setting is None:
        return ""

    said = str(_("Set by %(who)s, %(day)s.", who=setting.by, day=day(setting.at)))
    if setting.because is None:
        return said

    reason = suggestion_words(setting.because)
    return f"{said} {_('Accepted as suggested: %(reason)s.', reason=reason)}"
