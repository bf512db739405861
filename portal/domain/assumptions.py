"""Every assumption that nobody has confirmed yet, what rests on it, and what the portal does without it.

A new one gets a line here, a look in ``actions/trial`` and another reading in the sandbox.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class System(StrEnum):
    """Whose behaviour is assumed."""

    EXACT = "exact"
    PRODUCTIVE = "productive"


class Feature(StrEnum):
    """What the portal keeps off while an assumption under it fails."""

    COPYING = "copying"
    OTHER_VAT = "other VAT"
    TOTALED_VAT = "totaled VAT"
    CREDIT_NOTES = "credit notes"
    FOREIGN = "foreign currency"
    NEW_CUSTOMERS = "new customers"
    UPDATES = "updates"
    DELETIONS = "deletions"
    CHANGES = "changes alone"
    PAYMENTS = "payments"
    CONTROL = "nightly control"
    MARKS = "marks"
    WRITE_OFFS = "write-offs"
    ENTRY_LINKS = "links to entries"
    VAT_LINK = "link to VAT codes"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption: in a sentence, what rests on it, and what happens where it fails.

    ``untried`` says why no trial looks at it.
    """

    code: str
    system: System
    assumed: str
    without: str
    features: tuple[Feature, ...] = ()
    untried: str = ""


EXACT = System.EXACT
PRODUCTIVE = System.PRODUCTIVE

ASSUMPTIONS: tuple[Assumption, ...] = (
    # calls and answers
    Assumption(
        "limit-headers",
        EXACT,
        "Every answer says how many calls are left, for the minute and for the day, and when they renew.",
        "The portal waits only when Exact refuses a call, and then for a minute.",
    ),
    Assumption(
        "page-sizes",
        EXACT,
        "Lists come 60 rows at a time and name the next page; feeds come up to 1,000 rows at a time.",
        "Readings take more calls than planned. Nothing is left out.",
    ),
    Assumption(
        "error-words",
        EXACT,
        "A refusal says why, in the language of the user who signed in.",
        "The portal cannot say why Exact refused something. It looks such a copy up before it tries again.",
    ),
    # one entry
    Assumption(
        "post-answer",
        EXACT,
        "The answer to a new entry holds the whole entry as it was booked.",
        "Each copy stays uncertain for some seconds, until its entry is found by its number.",
    ),
    Assumption(
        "padded-codes",
        EXACT,
        "Journals and VAT codes are taken as the lists give them, with their blanks.",
        "Nothing is copied, for Exact would refuse every entry.",
        (Feature.COPYING,),
    ),
    Assumption(
        "vat-kept",
        EXACT,
        "VAT that is sent with a line stays as it was sent.",
        "An invoice with a line whose VAT Exact would work out differently is not copied.",
        (Feature.OTHER_VAT,),
    ),
    Assumption(
        "vat-rounding",
        EXACT,
        "The total of an entry is the sum of its lines, with the VAT of each line to the cent.",
        "An invoice whose VAT is another on its sum than on its lines is not copied.",
        (Feature.TOTALED_VAT,),
    ),
    Assumption(
        "due-date-kept",
        EXACT,
        "The due date that is sent counts, whatever the customer's payment condition says.",
        "In Exact the due date follows the customer's payment condition, not Productive.",
    ),
    Assumption(
        "texts-kept",
        EXACT,
        "A reference of 30 characters, a description of 50 and a line of 60 stay whole.",
        "Cut texts are shown as differences. Amounts do not depend on them.",
    ),
    Assumption(
        "invoice-number",
        EXACT,
        "An entry has an invoice number.",
        "The entry number stands in its place.",
    ),
    Assumption(
        "find-by-number",
        EXACT,
        "An entry is found by its reference, customer and journal as soon as it is booked.",
        "Nothing is copied, for after a lost answer nobody could tell whether the entry is there.",
        (Feature.COPYING,),
    ),
    Assumption(
        "notes-kept",
        EXACT,
        "A note on a line stays, so that the portal knows its own entries again.",
        "Nothing is copied, for after a lost answer nobody could tell whose entry it is.",
        (Feature.COPYING,),
    ),
    Assumption(
        "lines-along",
        EXACT,
        "The lines come along where entries are asked for.",
        "The lines are read by calls of their own, one for each entry.",
    ),
    # what differs from the ordinary entry
    Assumption(
        "credit-amounts",
        EXACT,
        "A credit note keeps its negative amounts.",
        "Credit notes are not copied.",
        (Feature.CREDIT_NOTES,),
    ),
    Assumption(
        "credit-type",
        EXACT,
        "An entry with negative amounts counts as a credit note (type 21).",
        "Credit notes are not copied. Change “Send credit notes with type 21” and try again.",
        (Feature.CREDIT_NOTES,),
    ),
    Assumption(
        "foreign-rate",
        EXACT,
        "An entry in a foreign currency that names no exchange rate takes Exact's own.",
        "An invoice in a foreign currency is copied only with an exchange rate of Productive's.",
        (Feature.FOREIGN,),
    ),
    Assumption(
        "customer-made",
        EXACT,
        "A new customer keeps its remarks and is found by its name.",
        "No customer is created from here. Create it in Exact and choose Refresh from Exact.",
        (Feature.NEW_CUSTOMERS,),
    ),
    # changing and deleting
    Assumption(
        "line-modified",
        EXACT,
        "The time of an entry's last change moves on when only one of its lines changes.",
        "Each reading of Exact's entries reads whole months.",
        (Feature.CHANGES,),
    ),
    Assumption(
        "header-change",
        EXACT,
        "The texts and dates of a booked entry can be changed.",
        "“Update existing” is not offered to Exact. Undo the copy and create a new one.",
        (Feature.UPDATES,),
    ),
    Assumption(
        "line-totals",
        EXACT,
        "The total follows when a line is added, changed or deleted.",
        "“Update existing” is not offered to Exact. Undo the copy and create a new one.",
        (Feature.UPDATES,),
    ),
    Assumption(
        "entry-deleted",
        EXACT,
        "An open entry that nobody paid can be deleted.",
        "Undo does not delete entries. Delete them in Exact, or book a credit entry.",
        (Feature.DELETIONS,),
    ),
    Assumption(
        "locked-entries",
        EXACT,
        "An entry that is processed, paid or in a closed period refuses other amounts.",
        "The portal asks before it changes anything, and shows what Exact answers.",
        untried="A trial would have to close a period of yours.",
    ),
    # receivables
    Assumption(
        "term-feed",
        EXACT,
        "What is due of a new entry comes in the feed of payment terms and adds up to its total.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "term-sign",
        EXACT,
        "What a customer still has to pay is negative in Exact's payment terms.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "term-kind",
        EXACT,
        "Payment terms are of the type of their entry: 20 for an invoice, 21 for a credit note.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "terms-by-entry",
        EXACT,
        "The payment terms of one entry can be asked for.",
        "Payments are not synchronised, for what is unclear could not be looked up.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "open-terms",
        EXACT,
        "All open payment terms can be read at once.",
        "The nightly control of payments is off.",
        (Feature.CONTROL,),
    ),
    Assumption(
        "receipt-split",
        EXACT,
        "A part that was received and the open rest add up to the entry's total.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "deleted-terms",
        EXACT,
        "A deleted entry leaves its payment terms in the log of deletions.",
        "Payments are not synchronised, for a deleted entry would stay as it was.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "deleted-log",
        EXACT,
        "The log of deletions is kept for two months.",
        "After 50 days without asking for payments the portal reads everything anew.",
        untried="A trial would last two months.",
    ),
    # the sign-in
    Assumption(
        "token-life",
        EXACT,
        "An access token works for 600 seconds.",
        "The portal renews it when Exact says so.",
    ),
    Assumption(
        "token-early",
        EXACT,
        "A renewal in the first 570 seconds is refused and spoils nothing.",
        "The portal never renews that early.",
        untried="A trial could cost you the sign-in.",
    ),
    Assumption(
        "token-once",
        EXACT,
        "A refresh token works once, and a used one ends the sign-in.",
        "The portal uses each one once and keeps the new pair first.",
        untried="A trial would end the sign-in.",
    ),
    # addresses
    Assumption(
        "entry-page",
        EXACT,
        "The link opens the entry in Exact.",
        "The portal shows the number of an entry without a link. The operator sets EXACT_ENTRY_PAGE.",
        (Feature.ENTRY_LINKS,),
    ),
    Assumption(
        "vat-page",
        EXACT,
        "The link opens the VAT codes in Exact.",
        "The portal says where the VAT codes are without a link. The operator sets EXACT_VAT_PAGE.",
        (Feature.VAT_LINK,),
    ),
    # Productive
    Assumption(
        "productive-rights",
        PRODUCTIVE,
        "The token may read subsidiaries, service types, tax rates, invoices and payments.",
        "Nothing is copied and no payment is made, for the portal would not see everything.",
        (Feature.COPYING, Feature.PAYMENTS),
    ),
    Assumption(
        "productive-fields",
        PRODUCTIVE,
        "An invoice comes with its lines, and they add up to its totals.",
        "Nothing is copied, for the amounts could not be trusted.",
        (Feature.COPYING,),
    ),
    Assumption(
        "productive-changes",
        PRODUCTIVE,
        "An invoice counts as changed when a payment is added.",
        "What is paid in Productive may show up here late. The portal's own payments are not affected.",
    ),
    Assumption(
        "productive-mark",
        PRODUCTIVE,
        "A sent invoice can be marked as exported, with the entry's id and link.",
        "Invoices are not marked in Productive. The copies stand here all the same.",
        (Feature.MARKS,),
    ),
    Assumption(
        "productive-unmark",
        PRODUCTIVE,
        "The mark as exported can be taken off again.",
        "Invoices are not marked in Productive, for a mark could not be taken off.",
        (Feature.MARKS,),
    ),
    Assumption(
        "payment-made",
        PRODUCTIVE,
        "A payment can be recorded on a sent invoice, and its note stays.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "payment-changed",
        PRODUCTIVE,
        "A payment can be changed.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "payment-written-off",
        PRODUCTIVE,
        "A payment can be turned into a write-off.",
        "Differences are not written off in Productive. They are shown for a person to decide.",
        (Feature.WRITE_OFFS,),
    ),
    Assumption(
        "payment-removed",
        PRODUCTIVE,
        "A payment can be removed, and the invoice is open again.",
        "Payments are not synchronised.",
        (Feature.PAYMENTS,),
    ),
    Assumption(
        "productive-number",
        PRODUCTIVE,
        "The number of an invoice that is not sent can be changed.",
        "Productive keeps its own number, and the portal shows Exact's beside it.",
        untried="A trial would give one of your invoices another number.",
    ),
)

BY_CODE: Mapping[str, Assumption] = {each.code: each for each in ASSUMPTIONS}


def failed_under(feature: Feature, failed: Collection[str]) -> tuple[Assumption, ...]:
    """Return the failed assumptions that keep a feature off, none where it is on."""
    return tuple(each for each in ASSUMPTIONS if feature in each.features and each.code in failed)


def features_off(failed: Collection[str]) -> tuple[Feature, ...]:
    """Return every feature that is kept off."""
    return tuple(feature for feature in Feature if failed_under(feature, failed))
