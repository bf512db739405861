"""The sentences of why a call to another system failed, or was not made."""

from collections.abc import Mapping

from portal.domain.failed import Failed
from portal.sentences.mark import N_, NN_, Sentence

CALLS: Mapping[str, Sentence] = {
    Failed.WORDS: "%(words)s",
    Failed.NO_REASON: N_("The answer was %(status)s without a reason."),
    Failed.STATUS: N_("status %(status)s"),
    Failed.BAD_ANSWER: N_("The answer cannot be read."),
    Failed.ANSWER_TOO_LARGE: N_("The answer is larger than any that is known; it was not read."),
    Failed.NO_CONNECTION: N_("No connection could be made."),
    Failed.NO_ANSWER: N_("No answer came in time."),
    Failed.BROKE_OFF: N_("The connection broke before the answer was complete."),
    Failed.NO_TIME: N_("There was no time left to send anything."),
    Failed.CROWDED: N_("Other requests wait for the same system already, so nothing was sent."),
    Failed.WAITED_TOO_LONG: N_("The time that a page may wait was used up, so nothing was sent."),
    Failed.TAKEN_OVER: N_("Another worker took this over meanwhile, so nothing was sent."),
    Failed.OTHERS_FIRST: N_("Other work of this portal goes first."),
    Failed.ASKED_TO_WAIT: N_("The other system asked to wait."),
    Failed.USED_UP_TODAY: N_("The calls allowed per day are used up."),
    Failed.USED_UP_THIS_MINUTE: N_("The calls allowed per minute are used up."),
    Failed.USED_UP: N_("The calls allowed per %(window)s are used up."),
    Failed.ALMOST_BLOCKED: NN_(
        "%(endpoint)s refused %(count)s call within an hour; more would block it.",
        "%(endpoint)s refused %(count)s calls within an hour; more would block it.",
    ),
    Failed.COPYING_CLOSED: N_(
        "Copying is closed: this portal works on a restored database. It opens when flask adopt has ended."
    ),
    Failed.CUSTOMER_BEING_MADE: N_(
        "Another copy creates this customer in Exact just now; this one then uses it."
    ),
}
SIGN_INS: Mapping[str, Sentence] = {
    Failed.NO_KEY: N_(
        "ENCRYPTION_KEYS cannot open what is sealed in the database. "
        "The operator puts the former key back behind the new one and restarts the portal."
    ),
    Failed.SEALED_ELSEWHERE: N_(
        "A secret in the database was sealed for another place. "
        "The operator runs flask upgrade; if that was done, somebody moved it, "
        "and it has to be entered anew."
    ),
    Failed.NO_PRODUCTIVE: N_(
        "Productive is not set up yet. An administrator does that in Settings, Productive."
    ),
    Failed.NO_SIGN_IN: N_("This connection has no sign-in at Exact. Connect again."),
    Failed.SIGN_IN_BUSY: N_("Another process is renewing the sign-in at Exact."),
    Failed.SIGNING_IN: N_("Another sign-in at Exact is being completed. Sign in again in a minute."),
    Failed.RENEWED_NOW: N_("The new sign-in is being renewed. It is used as soon as that is done."),
    Failed.SIGN_INS_LIMITED: N_("Exact allows no more sign-in calls for now."),
    Failed.NOT_ACCEPTED: N_("Exact no longer accepts the sign-in."),
    Failed.TOO_YOUNG: N_("Exact calls the token too young"),
    Failed.APP_REFUSED: N_(
        "Exact does not accept this portal's app registration: %(words)s. The operator corrects "
        "EXACT_%(locale)s_CLIENT_ID and EXACT_%(locale)s_CLIENT_SECRET and restarts the portal; "
        "the sign-in is kept."
    ),
    Failed.RENEWAL_REFUSED: N_(
        "Exact does not renew the sign-in: %(words)s. It is tried again; if it lasts, sign in again."
    ),
    Failed.NOT_RENEWED: N_("The sign-in at Exact could not be renewed: %(words)s. It is tried again."),
    Failed.RENEWAL_LOST: N_(
        "The sign-in at Exact was used up (%(words)s): a reply was lost, a backup was restored, or the same "
        "user signed in for another portal. Sign in again; everything is kept."
    ),
    Failed.SIGN_IN_EXPIRED: N_("The sign-in at Exact lapsed (%(words)s). Sign in again; everything is kept."),
    Failed.SIGN_IN_ENDED: N_(
        "Exact no longer accepts the sign-in (%(words)s). Sign in again; everything is kept."
    ),
}
OF_PRODUCTIVE: Mapping[str, Sentence] = {
    Failed.PRODUCTIVE_TOKEN: N_(
        "Productive does not accept the token: %(words)s. Enter a valid one in the Productive settings."
    ),
    Failed.PRODUCTIVE_UNPAID: N_("Productive asks that the account be paid first: %(words)s."),
    Failed.PRODUCTIVE_DENIED: N_("Productive denies access: %(words)s."),
    Failed.PRODUCTIVE_LACKS: N_("Productive does not have it: %(words)s."),
    Failed.PRODUCTIVE_WAITS: N_("Productive asks us to wait: %(words)s."),
    Failed.PRODUCTIVE_REFUSED: N_("Productive refused: %(words)s."),
    Failed.PRODUCTIVE_FAILED: N_("Productive failed: %(words)s."),
    Failed.PRODUCTIVE_KEPT: N_("Productive accepted the change but kept its own: %(fields)s."),
}
NOT_CONCLUDED: Mapping[str, Sentence] = {
    Failed.NO_CUSTOMERS: N_(
        "Exact showed no customer at all although there were some. Nothing was changed by that."
    ),
    Failed.MANY_CUSTOMERS_LEFT_OUT: NN_(
        "Exact did not show %(count)s customer that it has shown before. Nothing was changed by that.",
        "Exact did not show %(count)s customers that it has shown before. Nothing was changed by that.",
    ),
    Failed.CUSTOMER_LEFT_OUT: N_(
        "Exact did not show a customer that it has just shown. Nothing was changed by that."
    ),
    Failed.NO_RECEIVABLES: N_(
        "Exact showed no receivable at all although entries were copied. Nothing was changed by that."
    ),
    Failed.NOTHING_OPEN: N_(
        "Exact showed no open receivable at all, though some are known. Nothing was concluded from that."
    ),
    Failed.LISTS_KEPT: N_("Exact showed no %(lists)s although there were some. The last known are kept."),
}
LISTS: Mapping[str, Sentence] = {
    Failed.LIST_JOURNALS: N_("journals"),
    Failed.LIST_LEDGERS: N_("ledger accounts"),
    Failed.LIST_VAT_CODES: N_("VAT codes"),
    Failed.LIST_VAT_PERCENTAGES: N_("VAT percentages"),
    Failed.LIST_PERIODS: N_("financial periods"),
    Failed.LIST_CURRENCIES: N_("currencies"),
    Failed.LIST_PAYMENT_CONDITIONS: N_("payment conditions"),
    Failed.LIST_COST_CENTERS: N_("cost centres"),
}
TRIALS: Mapping[str, Sentence] = {
    Failed.NOTHING_TO_BOOK_WITH: N_(
        "The catalogue changed meanwhile, so that nothing can be booked. Start another trial."
    ),
    Failed.TRIAL_SPENT: N_("The trial has made as many calls as it may. It ends here."),
    Failed.TRIAL_REFUSED_OFTEN: N_("Exact refused several calls of this trial; it ends before they count."),
    Failed.TRIAL_STOPPED: N_("It was broken off."),
    Failed.TRIAL_CUT_OFF: N_("The worker stopped in the middle of it. Start another trial."),
    Failed.TRIAL_CONNECTION_CHANGED: N_(
        "The connection changed meanwhile, so that nothing can be booked. Start another trial."
    ),
    Failed.MAY_STILL_COME: N_(
        "Its answer was lost a moment ago, so it may still appear. It is looked for again."
    ),
    Failed.NO_DIVISION: N_("The sign-in no longer reaches division %(code)s. Nothing was booked."),
    Failed.OTHER_DIVISION: N_(
        "Exact calls division %(code)s “%(name)s” now. Nothing was booked; confirm that name instead."
    ),
}
FAILURES: Mapping[str, Sentence] = {**CALLS, **SIGN_INS, **OF_PRODUCTIVE, **NOT_CONCLUDED, **LISTS, **TRIALS}
