"""The words of a sign-off: what was open, and what changed since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.domain.books.sign_off import ChangeKind, OpenItem, OpenKind
from portal.store.sign_offs import SignOffRow
from portal.web.overview.moments import say_day, say_moment

Counted = Callable[[int], str]


def _plural(one: str, many: str) -> Counted:
    return lambda count: str(ngettext(one, many, count))


OPEN: Mapping[OpenKind, Counted] = {
    OpenKind.READY: _plural("%(num)d ready, not copied", "%(num)d ready, not copied"),
    OpenKind.NEEDS_YOU: _plural("%(num)d needs somebody", "%(num)d need somebody"),
    OpenKind.UNDER_WAY: _plural("%(num)d being copied or looked at", "%(num)d being copied or looked at"),
    OpenKind.CHANGED: _plural("%(num)d changed since copied", "%(num)d changed since copied"),
    OpenKind.PAYMENTS: _plural("%(num)d payment to decide", "%(num)d payments to decide"),
    OpenKind.DIFFERENCES: _plural(
        "%(num)d difference between both books", "%(num)d differences between both books"
    ),
}
CHANGES: Mapping[ChangeKind, Counted] = {
    ChangeKind.INVOICE_NEW: _plural("%(num)d new invoice", "%(num)d new invoices"),
    ChangeKind.INVOICE_GONE: _plural("%(num)d invoice gone", "%(num)d invoices gone"),
    ChangeKind.INVOICE_CHANGED: _plural("%(num)d invoice changed", "%(num)d invoices changed"),
    ChangeKind.COPIED: _plural("%(num)d invoice copied", "%(num)d invoices copied"),
    ChangeKind.COPIED_ANEW: _plural("%(num)d entry updated", "%(num)d entries updated"),
    ChangeKind.UNDONE: _plural("%(num)d copy undone", "%(num)d copies undone"),
    ChangeKind.LEFT_OUT: _plural("%(num)d not to be copied", "%(num)d not to be copied"),
    ChangeKind.MAY_BE_COPIED: _plural("%(num)d to be copied again", "%(num)d to be copied again"),
    ChangeKind.PAYMENT_NEW: _plural("%(num)d new payment", "%(num)d new payments"),
    ChangeKind.PAYMENT_GONE: _plural("%(num)d payment gone", "%(num)d payments gone"),
    ChangeKind.PAYMENT_CHANGED: _plural("%(num)d payment changed", "%(num)d payments changed"),
    ChangeKind.DIFFERENCE_NEW: _plural("%(num)d new difference", "%(num)d new differences"),
    ChangeKind.DIFFERENCE_GONE: _plural("%(num)d difference settled", "%(num)d differences settled"),
    ChangeKind.DIFFERENCE_CHANGED: _plural("%(num)d difference changed", "%(num)d differences changed"),
}
CHANGE_NAMES = {
    ChangeKind.INVOICE_NEW: _l("New invoice"),
    ChangeKind.INVOICE_GONE: _l("Deleted, or dated in another month"),
    ChangeKind.INVOICE_CHANGED: _l("Changed in Productive"),
    ChangeKind.COPIED: _l("Copied to Exact"),
    ChangeKind.COPIED_ANEW: _l("Entry updated or booked anew"),
    ChangeKind.UNDONE: _l("Copy undone"),
    ChangeKind.LEFT_OUT: _l("No longer to be copied"),
    ChangeKind.MAY_BE_COPIED: _l("To be copied again"),
    ChangeKind.PAYMENT_NEW: _l("New payment"),
    ChangeKind.PAYMENT_GONE: _l("Payment removed, or paid in another month"),
    ChangeKind.PAYMENT_CHANGED: _l("Payment changed or decided"),
    ChangeKind.DIFFERENCE_NEW: _l("New difference between both books"),
    ChangeKind.DIFFERENCE_GONE: _l("Difference settled"),
    ChangeKind.DIFFERENCE_CHANGED: _l("Difference changed"),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """One sign-off as people read it. Without one, ``row`` is None."""

    subsidiary: str
    row: SignOffRow | None
    changes: Mapping[ChangeKind, int]

    @property
    def is_outdated(self) -> bool:
        """Say whether something changed since."""
        return bool(self.changes)

    @property
    def who_and_when(self) -> str:
        """Say who signed off, and when."""
        if self.row is None:
            return ""
        return f"{self.row.signed_by}, {say_moment(self.row.signed_at)}"

    @property
    def day(self) -> str:
        """The day on which it was signed."""
        return say_day(self.row.signed_at) if self.row else ""

    @property
    def changed(self) -> str:
        """Say what changed since."""
        return say_changes(self.changes)

    @property
    def was_open(self) -> str:
        """Say what was open when it was signed."""
        return say_open(self.row.open_items) if self.row else ""


def say_changes(changes: Mapping[ChangeKind, int]) -> str:
    """Say what changed, one after the other."""
    return ", ".join(CHANGES[kind](count) for kind, count in changes.items())


def say_open(items: Sequence[OpenItem]) -> str:
    """Say what is open, one after the other."""
    return ", ".join(OPEN[item.kind](item.count) for item in items) or str(_("nothing"))
