"""The name of each cause of a failure, and what helps against it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.copies.failures import Cause, Remedy, class_of
from portal.store.concerns import Concern
from portal.web.common.need_words import SHORT_WORDS, short_word

CLASSES = {
    Remedy.MAPPING: (_l("Fix the mapping"), _l("Map what is named on the Mappings page, then retry.")),
    Remedy.EXACT: (_l("Fix in Exact"), _l("Put right in Exact what it says, then retry.")),
    Remedy.PRODUCTIVE: (_l("Fix in Productive"), _l("Put right in Productive what is said, then retry.")),
    Remedy.CHOICE: (
        _l("Look at the invoice again"),
        _l("Open the invoice and choose anew; nothing was booked."),
    ),
    Remedy.CONNECT: (
        _l("Connect again"),
        _l("Have the right granted in Exact, or sign in again under Settings, App Marketplace."),
    ),
    Remedy.WAIT: (_l("Wait"), _l("It goes on by itself.")),
    Remedy.OURS: (
        _l("A fault of ours"),
        _l("The portal made a mistake. Tell your administrator the reference; nothing is tried by itself."),
    ),
}

CAUSES: dict[str, Any] = {
    Cause.REFUSED: _l("Exact refused the entry"),
    Cause.NOT_FOUND: _l("Something it needs is no longer in Exact"),
    Cause.MISSING_RIGHT: _l("The user who connected lacks a right in Exact"),
    Cause.BY_PRODUCTIVE: _l("Productive refused it"),
    Cause.MALFORMED: _l("Exact did not understand what the portal sent"),
    Cause.BLOCKED: _l("Exact takes no calls for now"),
    Cause.FAULT: _l("Something in the portal went wrong"),
    Cause.INVOICE_CHANGED: _l("The invoice changed in Productive meanwhile"),
    Cause.INVOICE_DELETED: _l("The invoice was deleted in Productive"),
    Cause.STRANGER: _l("Exact holds an entry of this number that is linked to no copy"),
    Cause.SEVERAL_FOUND: _l("Exact holds several entries with the same marker"),
    Cause.RESTORED: _l("Was under way when the backup was made"),
    Cause.SIGN_IN_LOST: _l("The portal is no longer signed in"),
}
# What each list of copies is called, and what it means.
CONCERNS = {
    Concern.FAILED: (_l("Failed"), _l("These were not copied. Each says why.")),
    Concern.UNCERTAIN: (
        _l("Uncertain copies"),
        _l("The reply was lost. Exact is asked whether it booked the entry before anything is sent again."),
    ),
    Concern.WAITING: (
        _l("Waiting for another try"),
        _l("These go on by themselves as soon as they can."),
    ),
    Concern.DIFFERENT: (
        _l("Copied with a difference"),
        _l("The entry in Exact is not as the invoice says. Open the invoice: it says why and what to do."),
    ),
    Concern.UNMARKED: (
        _l("Not marked in Productive yet"),
        _l(
            "These are copied; only the mark in Productive is missing. "
            "What can be tried again is tried by itself and never repeats the copy."
        ),
    ),
    Concern.STILL_MARKED: (
        _l("Undone, but still marked in Productive"),
        _l(
            "The copies of these invoices are undone, but Productive still says that they were exported. "
            "Take the mark off there."
        ),
    ),
}


def name_cause(cause: str) -> str:
    """Name a cause, that of a problem by what it is about. One of a later version is read as words."""
    if known := CAUSES.get(cause):
        return str(known)

    words = short_word(cause) if cause in SHORT_WORDS else cause.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or str(_l("It could not be copied"))


def name_class(remedy: Remedy) -> str:
    """Name what helps."""
    return str(CLASSES[remedy][0])


def advise(remedy: Remedy) -> str:
    """Say what helps, in a sentence."""
    return str(CLASSES[remedy][1])


def whose_words(cause: str) -> str:
    """Say who said the words that stand beside a cause."""
    if cause == Cause.FAULT:
        said = _("In the log:")
    elif class_of(cause) == Remedy.PRODUCTIVE:
        said = _("In Productive’s words:")
    else:
        said = _("In Exact’s words:")

    return str(said)
