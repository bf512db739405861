"""The sentences about payments, made from their codes. Nothing is decided by them."""

from collections.abc import Mapping

from portal.domain.money import to_decimal
from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, TermDoubt

Figures = Mapping[str, int | str]
"""What a sentence tells besides its code: cents, days, a code, or what was said."""

REASONS = {
    PaymentReason.SETTLED: "Settled in Exact",
    PaymentReason.WRITTEN_OFF: "Written off in Exact",
    PaymentReason.OTHERWISE: "Exact settled another amount or date",
    PaymentReason.AGAIN: "Exact settles this part again",
    PaymentReason.NO_LONGER: "Exact no longer settles this part",
    PaymentReason.ENTRY_DELETED: "The entry was deleted in Exact before this was recorded",
    PaymentReason.RESTORED: "Restored as Exact has it",
    PaymentReason.BY_HAND: "A person said that this was recorded in Productive by hand",
    PaymentReason.ADOPTED: "Adopted after a restore, by its marker",
    PaymentReason.DROPPED: (
        "Was still to be made when the backup was made; the portal asks for it again if Exact settles it"
    ),
}
CAUSES = {
    PaymentCause.UNSENT: "Productive takes payments only on invoices marked as sent.",
    PaymentCause.INVOICE_DELETED: (
        "The invoice was deleted in Productive, so nothing can be recorded there."
    ),
    PaymentCause.MARKING: "Mark as sent and record payment was chosen.",
    PaymentCause.OURS_FIRST: "Another payment of this invoice has to be put right first.",
    PaymentCause.OVERPAID: (
        "Productive already holds {held}. Recording {amount} from Exact as well would over-pay the invoice "
        "by {excess}. Say whether it is the same money."
    ),
    PaymentCause.REMOVED_BY_HAND: "This payment was removed in Productive by hand.",
    PaymentCause.CHANGED_BY_HAND: (
        "This payment was changed in Productive by hand: there it is {amount} on {on}."
    ),
    PaymentCause.CALL_FAILED: "{said}",
}
FINDINGS = {
    FindingKind.UNCLEAR: "Several postings settled this on the same day. Decide how much of it was money.",
    FindingKind.DIFFERENCE: (
        "A difference settled this part. Write it off in Productive, or leave it open there."
    ),
    FindingKind.SETTLED_BEFORE: (
        "A part was settled in Exact at about the time when payments were switched on. "
        "If it is new money, record it in Productive. It makes no payment by itself."
    ),
    FindingKind.DECIMALS: (
        "It is not known how Productive takes amounts of a currency that has no hundredths. "
        "Record the payment there by hand."
    ),
    FindingKind.CREDIT_MATCH: (
        "A credit note settled this part in Exact. Credit the invoice in Productive too, "
        "or record a payment there."
    ),
    FindingKind.ENTRY_DELETED: (
        "The entry was deleted in Exact. Payments already made stay; use Create new, or Do not copy."
    ),
    FindingKind.OLDER_COPY: (
        "Money arrived on an older copy of this invoice. Move it to the latest entry in Exact."
    ),
    FindingKind.INVOICE_DELETED: (
        "The invoice was deleted in Productive, but Exact has its entry and its money. Restore the invoice "
        "in Productive, or credit the entry in Exact."
    ),
    FindingKind.UNREADABLE: (
        "A receivable term of this entry cannot be read, so no payment is taken from it. Correct it in "
        "Exact. It is read again each time payments are fetched. {said}"
    ),
}
# What cannot be read is a term of the same customer, and not the entry's own.
UNREADABLE_ELSEWHERE = (
    "A receivable term of this customer cannot be read, and it may be what settled this entry. So no payment "
    "is taken from it until that term can be read. Activity says which it is."
)
DOUBTS = {
    TermDoubt.NONE_SHOWN: "Exact shows no receivable term of this entry; it may have been deleted.",
    TermDoubt.SUM: (
        "Exact's receivable terms do not add up to the entry's total, so no payment is taken from them. "
        "Look at the entry in Exact; once they add up, the portal goes on by itself."
    ),
    TermDoubt.CURRENCY: "A receivable term is in another currency than the invoice.",
    TermDoubt.SIGN: "A receivable term has the wrong sign.",
    TermDoubt.KIND: "A receivable term is of a kind that no sales entry has.",
    TermDoubt.UNDATED: "A receivable term is settled, but Exact does not say when.",
}
# Who holds an over-paid invoice's money, in the order in which it is said.
HOLDERS = {
    "strangers": "that this portal did not record",
    "credited": "as credited",
    "ours": "that this portal recorded",
}


def spell_reason(reason: PaymentReason) -> str:
    """Say why a payment was recorded, changed or removed."""
    return REASONS[reason]


def spell_cause(cause: PaymentCause, figures: Figures) -> str:
    """Say what a payment waits for, or why it was not taken."""
    if cause is PaymentCause.OVERPAID:
        return _spell_overpaid(figures)

    words = dict(figures)
    if "amount" in words:
        words["amount"] = _spell_money(figures, "amount")

    return CAUSES[cause].format(**words)


def spell_finding(kind: FindingKind, figures: Figures) -> str:
    """Say what a person must look at."""
    if kind is FindingKind.OVERPAID:
        return _spell_overpaid(figures)

    if kind is FindingKind.DOUBTFUL:
        return DOUBTS[TermDoubt(str(figures["doubt"]))]

    if kind is FindingKind.UNREADABLE and "said" not in figures:
        return UNREADABLE_ELSEWHERE

    return FINDINGS[kind].format(**figures)


def _spell_overpaid(figures: Figures) -> str:
    """Say who holds an invoice's money already, and by how much it would be over-paid."""
    held = [
        f"{_spell_money(figures, holder)} {words}"
        for holder, words in HOLDERS.items()
        if int(figures[holder]) > 0
    ]

    return CAUSES[PaymentCause.OVERPAID].format(
        held=", ".join(held) or "less than Exact",
        amount=_spell_money(figures, "amount"),
        excess=_spell_money(figures, "excess"),
    )


def _spell_money(figures: Figures, name: str) -> str:
    return f"{to_decimal(int(figures[name]))} {figures['currency']}"
