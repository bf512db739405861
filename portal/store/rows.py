"""Every table, imported once so that the metadata is whole."""

from portal.store.base import Base
from portal.store.baseline import BaselineRow
from portal.store.book_moment import BookMomentRow
from portal.store.book_sums import ComparedTotalRow
from portal.store.book_tallies import OUR_OPEN, OUR_VAT, PAID_LATE, THEIR_VAT
from portal.store.catalogue import CatalogueRow, CustomerRow
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.differences import DIFFERENCES
from portal.store.entries import AcceptedRow, EntryFeedRow, EntryReadingRow, EntryRow
from portal.store.events import EventRow
from portal.store.feeds import CustomerFeedRow, PaymentFeedRow
from portal.store.findings import FindingRow
from portal.store.gate import AdoptionRow, GateRow, UnmatchedRow
from portal.store.grants import GrantRow
from portal.store.hints import HintRow
from portal.store.holds import HoldRow
from portal.store.invoice_tallies import BY_DUE_DAY, BY_MONTH, BY_STANDING
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.store.lane_rows import LaneRow
from portal.store.looks import LookRow, SetAsideRow
from portal.store.mappings import CustomerVatRow, MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.moving import MovingRow
from portal.store.needs import NeedRow
from portal.store.notices import NoticeRow
from portal.store.payment_tallies import BY_VIEW, FOUND
from portal.store.payments import PaymentRow
from portal.store.people import UserRow
from portal.store.proposals import ProposalRow
from portal.store.pulls import PaymentPullRow
from portal.store.pulse import PulseRow
from portal.store.receivables import OPEN_TERMS, OpenReceivableRow
from portal.store.reconciliation import ComparedRow
from portal.store.recovery_codes import RecoveryCodeRow
from portal.store.remapped import RemappedRow
from portal.store.rules import RuleRow
from portal.store.runs import RunChoiceRow, RunItemRow, RunRow, RunSubsidiaryRow
from portal.store.sessions import SessionRow
from portal.store.sign_offs import SignedLineRow, SignOffRow
from portal.store.slots import SlotRow
from portal.store.stale import StaleRow
from portal.store.summaries import SummaryRow
from portal.store.tally_triggers import keep_tallies
from portal.store.terms import TermRow, TouchedEntryRow
from portal.store.trials import TrialRow, TrialStepRow, TrialThingRow, TrialVerdictRow
from portal.store.tries import TryRow
from portal.store.unreadable import UnreadableRow
from portal.store.unready import UnreadyRow
from portal.store.use_tallies import COMPANIES, RATES_BY_COMPANY, USES

metadata = Base.metadata

__all__ = [
    "BY_DUE_DAY",
    "BY_MONTH",
    "BY_STANDING",
    "BY_VIEW",
    "COMPANIES",
    "DIFFERENCES",
    "FOUND",
    "OPEN_TERMS",
    "OUR_OPEN",
    "OUR_VAT",
    "PAID_LATE",
    "RATES_BY_COMPANY",
    "THEIR_VAT",
    "USES",
    "AcceptedRow",
    "AdoptionRow",
    "AttemptRow",
    "BaselineRow",
    "BookMomentRow",
    "CatalogueRow",
    "ComparedRow",
    "ComparedTotalRow",
    "ConnectionRow",
    "CopyRow",
    "CustomerFeedRow",
    "CustomerLinkRow",
    "CustomerRow",
    "CustomerVatRow",
    "EntryFeedRow",
    "EntryReadingRow",
    "EntryRow",
    "EventRow",
    "FindingRow",
    "GateRow",
    "GrantRow",
    "HintRow",
    "HoldRow",
    "InvoiceRow",
    "LaneRow",
    "LineUseRow",
    "LookRow",
    "MappingRow",
    "MovingRow",
    "NeedRow",
    "NoticeRow",
    "OpenReceivableRow",
    "PaymentFeedRow",
    "PaymentPullRow",
    "PaymentRow",
    "ProductiveRow",
    "ProposalRow",
    "PulseRow",
    "RecoveryCodeRow",
    "RemappedRow",
    "RuleRow",
    "RunChoiceRow",
    "RunItemRow",
    "RunRow",
    "RunSubsidiaryRow",
    "ServiceTypeRow",
    "SessionRow",
    "SetAsideRow",
    "SignOffRow",
    "SignedLineRow",
    "SlotRow",
    "StaleRow",
    "SubsidiaryRow",
    "SummaryRow",
    "TaxRateRow",
    "TermRow",
    "TouchedEntryRow",
    "TrialRow",
    "TrialStepRow",
    "TrialThingRow",
    "TrialVerdictRow",
    "TryRow",
    "UnmatchedRow",
    "UnreadableRow",
    "UnreadyRow",
    "UserRow",
    "keep_tallies",
    "metadata",
]
