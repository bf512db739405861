"""The sentence of every code, in the language of the source. Catalogues translate them."""

from collections.abc import Mapping

from portal.domain.said import APART, FOLLOWED, LISTED, TEXT
from portal.sentences.books import OF_BOOKS
from portal.sentences.events import EVENTS
from portal.sentences.failures import FAILURES
from portal.sentences.mails import MAILS
from portal.sentences.mark import N_, Sentence
from portal.sentences.payments import OF_PAYMENTS
from portal.sentences.problems import OF_PROBLEMS
from portal.sentences.refusals import REFUSALS
from portal.sentences.restores import UNMATCHED
from portal.sentences.troubles import OF_TROUBLES
from portal.sentences.unreadable import OF_UNREADABLE

SENTENCES: Mapping[str, Sentence] = {
    TEXT: "%(text)s",
    LISTED: N_("%(first)s, %(rest)s"),
    APART: N_("%(first)s; %(rest)s"),
    FOLLOWED: "%(first)s %(rest)s",
    **EVENTS,
    **FAILURES,
    **MAILS,
    **OF_BOOKS,
    **OF_PAYMENTS,
    **OF_PROBLEMS,
    **OF_TROUBLES,
    **REFUSALS,
    **UNMATCHED,
    **OF_UNREADABLE,
}
