"""What happened, for the eye: each kind of event by its name, its sign and its colour."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# Kinds whose own words are not what a person would say.
NAMES = {
    # As it was called until 0.1.0.
    "create requested": _l("Copy requested"),
    "credit requested": _l("Credit entry requested"),
    "unlink requested": _l("Unlinking requested"),
    "user": _l("People"),
    "productive": _l("Productive set up"),
    "edited": _l("Integration edited"),
    "held": _l("Copies held"),
    "released": _l("Copies released"),
    "set aside": _l("Other entry of the same number"),
    "mark as sent": _l("Marking as sent requested"),
}
SIGNS = {
    "copied": ("circle-check", "success"),
    "adopted": ("link", "success"),
    "linked": ("link", "success"),
    "copied with a difference": ("equal-not", "warn"),
    "refused": ("circle-x", "error"),
    "undone": ("undo-2", "neutral"),
    "credited": ("undo-2", "neutral"),
    "credited with a difference": ("equal-not", "warn"),
    "unlinked": ("unlink", "neutral"),
    "counts again": ("circle-check", "success"),
    "do not copy": ("ban", "neutral"),
    "accepted": ("check", "success"),
    "set aside": ("check", "neutral"),
    "payment made": ("arrow-left-right", "success"),
    "payment changed": ("pencil", "success"),
    "payment removed": ("trash-2", "neutral"),
    "payment refused": ("circle-x", "error"),
    "marked as sent": ("check", "success"),
    "sign-in failed": ("circle-alert", "warn"),
}
ASKED = ("clock", "info")
ELSE = ("info", "neutral")


def name_kind(kind: str) -> str:
    """Name a kind of event in the person's language."""
    return str(NAMES.get(kind) or _(kind).capitalize())


def sign_of(kind: str) -> tuple[str, str]:
    """Return the icon and the tone of a kind of event; what was only asked for is still to come."""
    return SIGNS.get(kind, ASKED if kind.endswith("requested") else ELSE)
