"""What happened, for the eye: each kind of event by its name, its sign and its colour."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.events import EventKind

# Kinds whose own words are not what a person would say.
NAMES = {
    # As it was called until 0.1.0.
    "create requested": _l("Copy requested"),
    EventKind.CREDIT_REQUESTED: _l("Credit entry requested"),
    EventKind.UNLINK_REQUESTED: _l("Unlinking requested"),
    EventKind.USER: _l("People"),
    EventKind.PRODUCTIVE: _l("Productive set up"),
    EventKind.EDITED: _l("Integration edited"),
    EventKind.HELD: _l("Copies held"),
    EventKind.RELEASED: _l("Copies released"),
    EventKind.SET_ASIDE: _l("Other entry of the same number"),
    EventKind.MARKING_REQUESTED: _l("Marking as sent requested"),
    EventKind.COUNT_MENDED: _l("Kept count corrected"),
    EventKind.RULE: _l("Rule for copying by itself"),
}
ASKED = ("clock", "info")
ELSE = ("info", "neutral")
SIGNS: Mapping[str, tuple[str, str]] = {
    EventKind.COPIED: ("circle-check", "success"),
    EventKind.ADOPTED: ("link", "success"),
    EventKind.LINKED: ("link", "success"),
    EventKind.COPIED_WITH_DIFFERENCE: ("equal-not", "warn"),
    EventKind.REFUSED: ("circle-x", "error"),
    EventKind.UNDONE: ("undo-2", "neutral"),
    EventKind.CREDITED: ("undo-2", "neutral"),
    EventKind.CREDITED_WITH_DIFFERENCE: ("equal-not", "warn"),
    EventKind.UNLINKED: ("unlink", "neutral"),
    EventKind.COUNTS_AGAIN: ("circle-check", "success"),
    EventKind.DO_NOT_COPY: ("ban", "neutral"),
    EventKind.NOT_SENT: ("ban", "neutral"),
    EventKind.RUN_STARTED: ASKED,
    EventKind.RUN_RESUMED: ASKED,
    EventKind.RUN_ENDED: ("circle-check", "success"),
    EventKind.ACCEPTED: ("check", "success"),
    EventKind.SIGNED_OFF: ("check", "success"),
    EventKind.SET_ASIDE: ("check", "neutral"),
    EventKind.PAYMENT_MADE: ("arrow-left-right", "success"),
    EventKind.PAYMENT_CHANGED: ("pencil", "success"),
    EventKind.PAYMENT_REMOVED: ("trash-2", "neutral"),
    EventKind.PAYMENT_REFUSED: ("circle-x", "error"),
    EventKind.MARKED_AS_SENT: ("check", "success"),
    EventKind.SIGN_IN_FAILED: ("circle-alert", "warn"),
}


def name_kind(kind: str) -> str:
    """Name a kind of event in the person's language."""
    return str(NAMES.get(kind) or _(kind).capitalize())


def sign_of(kind: str) -> tuple[str, str]:
    """Return the icon and the tone of a kind of event."""
    # What was only asked for is still to come.
    return SIGNS.get(kind, ASKED if kind.endswith("requested") else ELSE)
