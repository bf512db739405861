"""The sentences of payments: why they were made, what they wait for, and what a person must look at."""

from collections.abc import Mapping

from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, TermDoubt
from portal.domain.payments.words import (
    HOLDERS_NONE,
    UNREADABLE_ELSEWHERE,
    cause_code,
    doubt_code,
    finding_code,
    holder_code,
    reason_code,
)
from portal.sentences.mark import N_, Sentence

OVERPAID = N_(
    "Productive already holds %(held)s. Recording %(amount)s from Exact as well would over-pay the invoice "
    "by %(excess)s. Say whether it is the same money."
)
REASONS: Mapping[PaymentReason, str] = {
    PaymentReason.SETTLED: N_("Settled in Exact"),
    PaymentReason.WRITTEN_OFF: N_("Written off in Exact"),
    PaymentReason.OTHERWISE: N_("Exact settled another amount or date"),
    PaymentReason.AGAIN: N_("Exact settles this part again"),
    PaymentReason.NO_LONGER: N_("Exact no longer settles this part"),
    PaymentReason.ENTRY_DELETED: N_("The entry was deleted in Exact before this was recorded"),
    PaymentReason.RESTORED: N_("Restored as Exact has it"),
    PaymentReason.BY_HAND: N_("A person said that this was recorded in Productive by hand"),
    PaymentReason.ADOPTED: N_("Adopted after a restore, by its marker"),
    PaymentReason.DROPPED: N_(
        "Was still to be made when the backup was made; the portal asks for it again if Exact settles it"
    ),
}
CAUSES: Mapping[PaymentCause, str] = {
    PaymentCause.UNSENT: N_("Productive takes payments only on invoices marked as sent."),
    PaymentCause.INVOICE_DELETED: N_(
        "The invoice was deleted in Productive, so nothing can be recorded there."
    ),
    PaymentCause.MARKING: N_("Mark as sent and record payment was chosen."),
    PaymentCause.OURS_FIRST: N_("Another payment of this invoice has to be put right first."),
    PaymentCause.OVERPAID: OVERPAID,
    PaymentCause.REMOVED_BY_HAND: N_("This payment was removed in Productive by hand."),
    PaymentCause.CHANGED_BY_HAND: N_(
        "This payment was changed in Productive by hand: there it is %(amount)s on %(on)s."
    ),
    PaymentCause.CALL_FAILED: "%(said)s",
}
FINDINGS: Mapping[FindingKind, str] = {
    FindingKind.UNCLEAR: N_(
        "Several postings settled this on the same day. Decide how much of it was money."
    ),
    FindingKind.DIFFERENCE: N_(
        "A difference settled this part. Write it off in Productive, or leave it open there."
    ),
    FindingKind.SETTLED_BEFORE: N_(
        "A part was settled in Exact at about the time when payments were switched on. "
        "If it is new money, record it in Productive. It makes no payment by itself."
    ),
    FindingKind.DECIMALS: N_(
        "It is not known how Productive takes amounts of a currency that has no hundredths. "
        "Record the payment there by hand."
    ),
    FindingKind.CREDIT_MATCH: N_(
        "A credit note settled this part in Exact. Credit the invoice in Productive too, "
        "or record a payment there."
    ),
    FindingKind.ENTRY_DELETED: N_(
        "The entry was deleted in Exact. Payments already made stay; use Create new, or Do not copy."
    ),
    FindingKind.OLDER_COPY: N_(
        "Money arrived on an older copy of this invoice. Move it to the latest entry in Exact."
    ),
    FindingKind.INVOICE_DELETED: N_(
        "The invoice was deleted in Productive, but Exact has its entry and its money. Restore the invoice "
        "in Productive, or credit the entry in Exact."
    ),
    FindingKind.UNREADABLE: N_(
        "A receivable term of this entry cannot be read, so no payment is taken from it. Correct it in "
        "Exact. It is read again each time payments are fetched. %(said)s"
    ),
}
DOUBTS: Mapping[TermDoubt, str] = {
    TermDoubt.NONE_SHOWN: N_("Exact shows no receivable term of this entry; it may have been deleted."),
    TermDoubt.SUM: N_(
        "Exact's receivable terms do not add up to the entry's total, so no payment is taken from them. "
        "Look at the entry in Exact; once they add up, the portal goes on by itself."
    ),
    TermDoubt.CURRENCY: N_("A receivable term is in another currency than the invoice."),
    TermDoubt.SIGN: N_("A receivable term has the wrong sign."),
    TermDoubt.KIND: N_("A receivable term is of a kind that no sales entry has."),
    TermDoubt.UNDATED: N_("A receivable term is settled, but Exact does not say when."),
}
HOLDERS: Mapping[str, str] = {
    "strangers": N_("%(amount)s that this portal did not record"),
    "credited": N_("%(amount)s as credited"),
    "ours": N_("%(amount)s that this portal recorded"),
}
OF_PAYMENTS: Mapping[str, Sentence] = {
    **{reason_code(reason): text for reason, text in REASONS.items()},
    **{cause_code(cause): text for cause, text in CAUSES.items()},
    **{finding_code(kind): text for kind, text in FINDINGS.items()},
    **{doubt_code(doubt): text for doubt, text in DOUBTS.items()},
    **{holder_code(holder): text for holder, text in HOLDERS.items()},
    HOLDERS_NONE: N_("less than Exact"),
    UNREADABLE_ELSEWHERE: N_(
        "A receivable term of this customer cannot be read, and it may be what settled this entry. "
        "So no payment is taken from it until that term can be read. Activity says which it is."
    ),
}
