"""The name of each class and cause a copy can fail for, in the person's language, and what helps."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.copies.failures import (
    BLOCKED,
    BY_PRODUCTIVE,
    CHOICE,
    CONNECT,
    EXACT,
    FAULT,
    MALFORMED,
    MAPPING,
    OURS,
    PRODUCTIVE,
    WAIT,
    class_of,
)

CLASSES = {
    MAPPING: (_l("Fix the mapping"), _l("Map what is named on the Mappings page, then retry.")),
    EXACT: (_l("Fix in Exact"), _l("Put right in Exact what it says, then retry.")),
    PRODUCTIVE: (_l("Fix in Productive"), _l("Put right in Productive what is said, then retry.")),
    CHOICE: (_l("Look at the invoice again"), _l("Open the invoice and choose anew; nothing was booked.")),
    CONNECT: (
        _l("Connect again"),
        _l("Have the right granted in Exact, or sign in again under Settings, App Marketplace."),
    ),
    WAIT: (_l("Wait"), _l("It goes on by itself.")),
    OURS: (
        _l("A fault of ours"),
        _l("The portal made a mistake. Tell your administrator the reference; nothing is tried by itself."),
    ),
}

CAUSES = {
    "RefusedError": _l("Exact refused the entry"),
    "NotFoundError": _l("Something it needs is no longer in Exact"),
    "MissingRightError": _l("The user who connected lacks a right in Exact"),
    BY_PRODUCTIVE: _l("Productive refused it"),
    MALFORMED: _l("Exact did not understand what the portal sent"),
    BLOCKED: _l("Exact takes no calls for now"),
    FAULT: _l("Something in the portal went wrong"),
    "invoice changed": _l("The invoice changed in Productive meanwhile"),
    "invoice deleted": _l("The invoice was deleted in Productive"),
    "entry_stranger": _l("Exact holds an entry of this number that is linked to no copy"),
    "several found": _l("Exact holds several entries with the same marker"),
    "restored": _l("Was under way when the backup was made"),
    "sign-in lost": _l("The portal is no longer signed in"),
}


def name_cause(cause: str) -> str:
    """Name a cause; a problem's code is read as words."""
    words = cause.replace("-", " ").replace("_", " ").strip()
    return str(CAUSES.get(cause) or words[:1].upper() + words[1:]) or str(_l("It could not be copied"))


def name_class(remedy: str) -> str:
    """Name what helps."""
    return str(CLASSES[remedy][0])


def advise(remedy: str) -> str:
    """Say what helps, in a sentence."""
    return str(CLASSES[remedy][1])


def whose_words(cause: str) -> str:
    """Say who said the words that stand beside a cause."""
    if cause == FAULT:
        said = _("In the log:")
    elif class_of(cause) == PRODUCTIVE:
        said = _("In Productive’s words:")
    else:
        said = _("In Exact’s words:")

    return str(said)
