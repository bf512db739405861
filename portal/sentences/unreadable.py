"""The sentences of records that cannot be read."""

from collections.abc import Mapping

from portal.domain.unreadable import Kind, Reason
from portal.domain.unreadable_words import PART, PART_NAMED, RECORD, WITHOUT_NUMBER, fault_code, kind_code
from portal.sentences.mark import N_, Sentence

KINDS: Mapping[Kind, str] = {
    Kind.INVOICE: N_("Invoice"),
    Kind.LINE: N_("Line"),
    Kind.COMPANY: N_("Company"),
    Kind.BUYER: N_("Buyer"),
    Kind.PAYMENT: N_("Payment"),
    Kind.SUBSIDIARY: N_("Subsidiary"),
    Kind.SERVICE_TYPE: N_("Service type"),
    Kind.TAX_RATE: N_("Tax rate"),
    Kind.DIVISION: N_("Division"),
    Kind.CUSTOMER: N_("Customer"),
    Kind.LEDGER: N_("Ledger"),
    Kind.JOURNAL: N_("Journal"),
    Kind.VAT_CODE: N_("VAT code"),
    Kind.VAT_PERCENTAGE: N_("VAT percentage"),
    Kind.PERIOD: N_("Financial period"),
    Kind.CURRENCY: N_("Currency"),
    Kind.PAYMENT_CONDITION: N_("Payment condition"),
    Kind.COST_CENTER: N_("Cost centre"),
    Kind.TERM: N_("Receivable term"),
    Kind.TOMBSTONE: N_("Deleted record"),
    Kind.ENTRY: N_("Sales entry"),
    Kind.ENTRY_LINE: N_("Entry line"),
}
VALUES: Mapping[Reason, str] = {
    Reason.MISSING: N_("The %(field)s is missing."),
    Reason.NO_TEXT: N_("The %(field)s is “%(value)s”, which is no text."),
    Reason.NO_DATE: N_("The %(field)s is “%(value)s”, which is no date."),
    Reason.NO_NUMBER: N_("The %(field)s is “%(value)s”, which is no number."),
    Reason.NO_WHOLE_NUMBER: N_("The %(field)s is “%(value)s”, which is no whole number."),
    Reason.NO_CENTS: N_("The %(field)s is “%(value)s”, which is no amount in whole cents."),
    Reason.NO_KEY: N_("The %(field)s is “%(value)s”, which is no key."),
    Reason.NO_CHOICE: N_("The %(field)s is “%(value)s”, which is neither yes nor no."),
    Reason.TOO_LARGE: N_("The %(field)s is “%(value)s”, which is larger than any real amount or number."),
    Reason.TOO_LONG: N_("The %(field)s is longer than can be kept: “%(value)s”."),
    Reason.LEFT_OUT: N_("The %(field)s was not sent along."),
    Reason.NO_RECORD: N_("What was sent is no such record."),
}
OF_UNREADABLE: Mapping[str, Sentence] = {
    **{kind_code(kind): text for kind, text in KINDS.items()},
    **{fault_code(reason): text for reason, text in VALUES.items()},
    RECORD: N_("%(kind)s %(name)s cannot be read: %(fault)s"),
    WITHOUT_NUMBER: N_("without a number"),
    PART: N_("%(part)s: %(said)s"),
    PART_NAMED: N_("%(part)s “%(name)s”: %(said)s"),
}
