"""Every table, imported once so that the metadata is whole."""

from portal.store.base import Base
from portal.store.catalogue import CatalogueRow, CustomerRow
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import EventRow
from portal.store.grants import GrantRow
from portal.store.holds import HoldRow
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.store.leases import LaneRow, SlotRow
from portal.store.mappings import CustomerLinkRow, MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.notices import NoticeRow
from portal.store.payments import BaselineRow, FindingRow, PaymentRow, TermRow, TouchedEntryRow
from portal.store.people import UserRow

metadata = Base.metadata

__all__ = [
    "AttemptRow",
    "BaselineRow",
    "CatalogueRow",
    "ConnectionRow",
    "CopyRow",
    "CustomerLinkRow",
    "CustomerRow",
    "EventRow",
    "FindingRow",
    "GrantRow",
    "HoldRow",
    "InvoiceRow",
    "LaneRow",
    "LineUseRow",
    "MappingRow",
    "NoticeRow",
    "PaymentRow",
    "ProductiveRow",
    "ServiceTypeRow",
    "SlotRow",
    "SubsidiaryRow",
    "TaxRateRow",
    "TermRow",
    "TouchedEntryRow",
    "UserRow",
    "metadata",
]
