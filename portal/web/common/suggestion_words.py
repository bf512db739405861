"""What people read of a suggestion: its reason, or why it is a question."""

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.booking.mapping import Setting
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Because, Reason
from portal.domain.booking.vat_senses import Sense
from portal.domain.customers.signs import Sign
from portal.web.common.evidence import against_signs, for_signs, sign_words

PLACES = {
    Place.DOMESTIC: _l("at home"),
    Place.EU_VAT: _l("in the EU, with a VAT number"),
    Place.EU: _l("in the EU, without"),
    Place.OUTSIDE: _l("outside the EU"),
}
SENSES = {
    Sense.REVERSE: _l("reverse charge"),
    Sense.EU: _l("in the EU"),
    Sense.OUTSIDE: _l("outside the EU"),
    Sense.EXEMPT: _l("exempt from VAT"),
    Sense.NONE: _l("no VAT"),
}


def suggestion_words(because: Because) -> str:
    """Say why something is suggested, or why a person must choose."""
    words = SENTENCES[because.reason]
    values = dict(because.values)
    said = words(values) if callable(words) else str(words)
    return f"{said}{_seen(values)}"


def place_words(place: Place | None) -> str:
    """Say where customers are."""
    return str(PLACES[place]) if place else str(_("anywhere"))


def setting_words(setting: Setting) -> str:
    """Say who decided something and when, and why it was suggested."""
    values = {"who": setting.by, "day": format_date(setting.at, "d MMM yyyy")}
    if setting.because is None:
        return f"{values['who']}, {values['day']}"

    reason = suggestion_words(setting.because)
    return str(_("%(who)s accepted it on %(day)s. Suggested because: %(reason)s.", reason=reason, **values))


def _seen(values: dict[str, str]) -> str:
    """Add where all customers of a rate are, where that decided."""
    if not values.get("seen"):
        return ""
    return str(_("; its customers are %(place)s", place=PLACES[Place(values["seen"])]))


def _for_sales(values: dict[str, str], rest: str) -> str:
    return str(_("%(percentage)s %%, for sales, %(rest)s", percentage=values["percentage"], rest=rest))


def _evidence(values: dict[str, str]) -> str:
    signs = [Sign(code) for code in values["signs"].split(",") if code]
    said = sign_words(for_signs(signs))
    doubts = sign_words(against_signs(signs))
    return str(_("%(signs)s; against: %(doubts)s", signs=said, doubts=doubts)) if doubts else said


def _in_places(values: dict[str, str]) -> str:
    places = [str(PLACES[Place(code)]) for code in values["places"].split(",")]
    return str(_("its customers are %(places)s. Split it by customer.", places=_(" and ").join(places)))


SENTENCES = {
    Reason.ONLY_CODE: lambda values: _for_sales(values, _("no other code fits")),
    Reason.CODE_NAME: lambda values: _for_sales(values, _("the names are alike")),
    Reason.CODE_LISTED: lambda values: _for_sales(values, _("listed for the EC sales list")),
    Reason.CODE_SAYS: lambda values: _for_sales(
        values, _("the name says %(what)s", what=SENSES[Sense(values["sense"])])
    ),
    Reason.SAME_HERE: lambda values: _("%(service)s was booked there before", **values),
    Reason.SAME_ELSEWHERE: lambda values: _("%(subsidiary)s books %(service)s there", **values),
    Reason.LIKE_HERE: lambda values: _("%(service)s is booked there", **values),
    Reason.LIKE_ELSEWHERE: lambda values: _("%(subsidiary)s books %(service)s there", **values),
    Reason.LEDGER_NAME: _l("the names are alike"),
    Reason.LEDGER_MEANING: _l("the names mean the same"),
    Reason.EVIDENCE: _evidence,
    Reason.FIT_EQUALLY: _l("fit equally"),
    Reason.SEVERAL_PLACES: _in_places,
    Reason.NAME_OR_PLACE: lambda values: _(
        "the name fits one, but its customers are %(place)s", place=PLACES[Place(values["place"])]
    ),
    Reason.CHOSEN_DIFFERENTLY: _l("were both chosen for this name"),
}
