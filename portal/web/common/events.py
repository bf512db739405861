"""What happened, for the eye: each kind of event by its name, its sign and its colour."""

from collections.abc import Mapping

from portal.domain.events import EventKind
from portal.sentences.mark import N_
from portal.web.common.words import words

NAMES: Mapping[str, str] = {
    EventKind.COPY_REQUESTED: N_("Copy requested"),
    EventKind.UPDATE_REQUESTED: N_("Update requested"),
    EventKind.UNDO_REQUESTED: N_("Undo requested"),
    EventKind.CREDIT_REQUESTED: N_("Credit entry requested"),
    EventKind.UNLINK_REQUESTED: N_("Unlinking requested"),
    EventKind.COPIED: N_("Copied"),
    EventKind.COPIED_WITH_DIFFERENCE: N_("Copied with a difference"),
    EventKind.REFUSED: N_("Refused"),
    EventKind.ADOPTED: N_("Adopted"),
    EventKind.UNDONE: N_("Undone"),
    EventKind.CREDITED: N_("Credited"),
    EventKind.CREDITED_WITH_DIFFERENCE: N_("Credited with a difference"),
    EventKind.UNLINKED: N_("Unlinked"),
    EventKind.COUNTS_AGAIN: N_("Counts again"),
    EventKind.LINKED: N_("Linked"),
    EventKind.DO_NOT_COPY: N_("Do not copy"),
    EventKind.MAY_BE_COPIED: N_("May be copied"),
    EventKind.HELD: N_("Copies held"),
    EventKind.RELEASED: N_("Copies released"),
    EventKind.SET_ASIDE: N_("Other entry of the same number"),
    EventKind.RUN_STARTED: N_("Run started"),
    EventKind.RUN_STOPPED: N_("Run stopped"),
    EventKind.RUN_RESUMED: N_("Run resumed"),
    EventKind.RUN_ENDED: N_("Run ended"),
    EventKind.NOT_SENT: N_("Not sent"),
    EventKind.RULE: N_("Rule for copying by itself"),
    EventKind.PAYMENT_MADE: N_("Payment made"),
    EventKind.PAYMENT_CHANGED: N_("Payment changed"),
    EventKind.PAYMENT_REMOVED: N_("Payment removed"),
    EventKind.PAYMENT_REFUSED: N_("Payment refused"),
    EventKind.PAYMENT_RETRIED: N_("Payment retried"),
    EventKind.PAYMENT_RESTORED: N_("Payment restored"),
    EventKind.OVERPAYMENT_DECIDED: N_("Over-payment decided"),
    EventKind.MARKING_REQUESTED: N_("Marking as sent requested"),
    EventKind.MARKED_AS_SENT: N_("Marked as sent"),
    EventKind.SETTLED_BEFORE: N_("Settled before"),
    EventKind.RECEIVABLES_READ_ANEW: N_("Receivables read anew"),
    EventKind.RECEIVABLES_REPAIRED: N_("Receivables repaired"),
    EventKind.CUSTOMER_LINKED: N_("Customer linked"),
    EventKind.CUSTOMER_LINK_CONFIRMED: N_("Customer link confirmed"),
    EventKind.CUSTOMER_LINK_REMOVED: N_("Customer link removed"),
    EventKind.CUSTOMER_GONE: N_("Customer gone"),
    EventKind.MAPPING: N_("Mapping"),
    EventKind.CONNECTED: N_("Connected"),
    EventKind.EDITED: N_("Integration edited"),
    EventKind.DISCONNECTED: N_("Disconnected"),
    EventKind.PRODUCTIVE: N_("Productive set up"),
    EventKind.SIGNED_IN: N_("Signed in"),
    EventKind.SIGN_IN_LOST: N_("Sign-in lost"),
    EventKind.SIGN_IN_NOT_RENEWED: N_("Sign-in not renewed"),
    EventKind.SIGN_IN_RENEWED: N_("Sign-in renewed"),
    EventKind.ACCEPTED: N_("Accepted"),
    EventKind.ACCEPTANCE_ENDED: N_("Acceptance ended"),
    EventKind.SIGNED_OFF: N_("Signed off"),
    EventKind.COPYING_CLOSED: N_("Copying closed"),
    EventKind.COPYING_OPENED: N_("Copying opened"),
    EventKind.SETTLED: N_("Settled"),
    EventKind.COUNT_MENDED: N_("Kept count corrected"),
    EventKind.TRIAL_STARTED: N_("Trial started"),
    EventKind.TRIAL_ENDED: N_("Trial ended"),
    EventKind.TRIAL_BROKEN_OFF: N_("Trial broken off"),
    EventKind.USER: N_("People"),
    EventKind.SIGNED_OUT: N_("Signed out"),
    EventKind.SIGN_IN_FAILED: N_("Sign-in failed"),
    # As it was called until 0.1.0.
    "create requested": N_("Copy requested"),
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
    """Name a kind of event in the person's language, or as a later version called it."""
    return str(words().plain(NAMES[kind])) if kind in NAMES else kind.capitalize()


def sign_of(kind: str) -> tuple[str, str]:
    """Return the icon and the tone of a kind of event."""
    # What was only asked for is still to come.
    return SIGNS.get(kind, ASKED if kind.endswith("requested") else ELSE)
