"""The sentences of mails."""

from collections.abc import Mapping

from portal.domain.house.mailed import Mailed
from portal.sentences.mark import N_, Sentence

WARNINGS: Mapping[str, Sentence] = {
    Mailed.SIGN_IN_LOST: N_("The sign-in of %(user)s at Exact is lost"),
    Mailed.SIGN_IN_IN_DANGER: N_("The sign-in of %(user)s at Exact is in danger"),
    Mailed.SERVES: N_(
        "It serves %(divisions)s: copies wait and payments are not pulled. "
        "Nothing is lost; all goes on by itself."
    ),
    Mailed.LAPSES: N_(
        "The sign-in was last renewed on %(renewed)s and lapses on %(lapses)s. It serves %(divisions)s. "
        "Try it in the portal, or sign in again."
    ),
    Mailed.COPIES_STAND: N_("Copies into %(division)s do not get through"),
    Mailed.COPIES_UNDER_WAY: N_(
        "Copies into %(division)s that have been under way for more than a day: %(count)s."
    ),
    Mailed.COPY_SAYS: N_("One of them says: %(example)s"),
    Mailed.NO_PAYMENTS: N_("No payments of %(division)s came for a day"),
    Mailed.NO_INVOICES: N_("No invoices were read from Productive for a day"),
    Mailed.LAST_READ: N_("It was last read on %(moment)s. Since then: %(trouble)s"),
}
SUMMARIES: Mapping[str, Sentence] = {
    Mailed.SUMMARY: N_("%(copied)s copied by itself, %(needing)s need you"),
    Mailed.COPIED: N_("Copied by itself: %(count)s"),
    Mailed.NEEDS: N_("Need you: %(count)s"),
    Mailed.NEED: "  %(word)s: %(count)s",
    Mailed.PAYMENTS: N_("Payments found: %(count)s"),
    Mailed.COUNT: "%(count)s",
    Mailed.COUNT_OF_MONEY: "%(count)s (%(amounts)s)",
    Mailed.MONEY: "%(amount)s",
    Mailed.CHOSEN: N_("You chose this summary under Your account, %(address)s"),
}
MAILS: Mapping[str, Sentence] = {**WARNINGS, **SUMMARIES}
