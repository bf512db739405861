"""What the mappings screen shows: every source with its target, how often it is used, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.actions.connections.mapping import DEFAULT_LEDGER
from portal.domain.booking.catalogue import (
    Catalogue,
    LedgerAccount,
    for_sales,
    is_revenue,
    shown,
    takes_revenue,
)
from portal.domain.booking.mapping import MappingKind
from portal.domain.unreadable import Kind
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import line_uses, mappings_of, service_types, tax_rates_of

Choice = tuple[str, str]
NO_RATE = ""


@dataclass(frozen=True, slots=True)
class MappingLine:
    """One source; ``problem`` says why its target cannot be used (any more)."""

    kind: MappingKind
    source_id: str
    name: str
    note: str
    uses: int
    target: str | None
    target_name: str
    problem: str | None

    @property
    def slug(self) -> str:
        """Return the source as it stands in an address."""
        return self.source_id or "-"

    @property
    def key(self) -> str:
        """Return what ids in the page are made of."""
        return f"{self.kind}-{self.source_id or 'none'}"

    @property
    def is_open(self) -> bool:
        """Say whether somebody should look at it: nothing chosen, or what was chosen no longer works."""
        return self.target is None or self.problem is not None


def mapping_lines(
    session: Session, connection: ConnectionRow, *, with_default: bool = True
) -> list[MappingLine]:
    """Return all lines of a connection; archived sources only while they are used or mapped."""
    catalogue = read_stored_catalogue(session, connection.id)
    mapped = {key: row.target for key, row in mappings_of(session, connection.id).items()}
    uses = line_uses(session, connection.subsidiary_id)
    lines = [_default_line(connection, catalogue)] if with_default else []

    for kind in service_types(session):
        target = mapped.get((MappingKind.SERVICE, kind.id))
        used = uses.get((MappingKind.SERVICE, kind.id), 0)
        if not kind.archived or used or target:
            lines.append(_service_line(catalogue, kind.id, kind.name, kind.archived, used, target))

    for rate in tax_rates_of(session, connection.subsidiary_id):
        target = mapped.get((MappingKind.TAX, rate.id))
        used = uses.get((MappingKind.TAX, rate.id), 0)
        if not rate.archived or used or target:
            lines.append(_tax_line(catalogue, rate.id, rate.name, rate.percentage, used, target))

    used = uses.get((MappingKind.TAX, NO_RATE), 0)
    target = mapped.get((MappingKind.TAX, NO_RATE))
    if used or target:
        lines.append(_tax_line(catalogue, NO_RATE, _("No tax rate"), "0", used, target))

    return lines


def find_line(
    session: Session, connection: ConnectionRow, kind: MappingKind, source_id: str
) -> MappingLine | None:
    """Return one line, None for a source that is not there."""
    lines = mapping_lines(session, connection)
    return next((one for one in lines if (one.kind, one.source_id) == (kind, source_id)), None)


def _default_line(connection: ConnectionRow, catalogue: Catalogue) -> MappingLine:
    target = connection.default_ledger
    name, problem = _ledger(catalogue, target)
    note = _("For lines that no mapping covers")
    return MappingLine(
        MappingKind.DEFAULT, DEFAULT_LEDGER, _("Default ledger"), note, 0, target, name, problem
    )


def _service_line(
    catalogue: Catalogue, source_id: str, name: str, archived: bool, uses: int, target: str | None
) -> MappingLine:
    target_name, problem = _ledger(catalogue, target)
    note = _("Archived in Productive") if archived else ""
    return MappingLine(MappingKind.SERVICE, source_id, name, note, uses, target, target_name, problem)


def _ledger(catalogue: Catalogue, target: str | None) -> tuple[str, str | None]:
    """Return what people call an account, and what is wrong with it."""
    if target is None:
        return "", None

    account = next((one for one in catalogue.accounts if one.id == target), None)
    if account is None:
        if catalogue.hides(Kind.LEDGER, target):
            return _("Unreadable ledger"), _("This ledger cannot be read from Exact. Correct it there.")
        return _("Unknown ledger"), _("This ledger is no longer in Exact. Choose another.")

    name = f"{shown(account.code)} · {account.description}"
    if account.blocked:
        return name, _("This ledger is blocked in Exact. Choose another.")

    return name, None if takes_revenue(account) else _(
        "Invoices cannot be booked on this ledger. Choose another."
    )


def _tax_line(
    catalogue: Catalogue, source_id: str, name: str, percentage: str | None, uses: int, target: str | None
) -> MappingLine:
    target_name, problem = _vat_code(catalogue, target, percentage)
    note = _("No percentage") if percentage is None else f"{Decimal(percentage).normalize():f} %"
    return MappingLine(MappingKind.TAX, source_id, name, note, uses, target, target_name, problem)


def _vat_code(catalogue: Catalogue, target: str | None, percentage: str | None) -> tuple[str, str | None]:
    """Return what people call a VAT code, and what is wrong with it for this percentage."""
    if target is None:
        return "", None

    code = next((one for one in catalogue.vat_codes if one.code == target), None)
    if code is None:
        if catalogue.hides(Kind.VAT_CODE, target):
            return shown(target), _("This VAT code cannot be read from Exact. Correct it there.")
        return shown(target), _("This VAT code is no longer in Exact. Choose another.")

    name = f"{shown(code.code)} · {code.description}"
    if code.blocked:
        return name, _("This VAT code is blocked in Exact. Choose another.")
    if not for_sales(code):
        return name, _("This VAT code is not for sales. Choose another.")

    if percentage is not None and code.percentage != Decimal(percentage):
        return name, _(
            "This VAT code has %(code)s %%, the tax rate %(rate)s %%.",
            code=f"{code.percentage.normalize():f}",
            rate=f"{Decimal(percentage).normalize():f}",
        )

    return name, None


def account_groups(catalogue: Catalogue) -> dict[str, list[Choice]]:
    """Return the accounts a line may be booked on: revenue first, then all others."""
    offered = sorted(
        (one for one in catalogue.accounts if takes_revenue(one)), key=lambda one: shown(one.code)
    )
    return {
        "revenue": _choices([one for one in offered if is_revenue(one)]),
        "other": _choices([one for one in offered if not is_revenue(one)]),
    }


def _choices(accounts: Sequence[LedgerAccount]) -> list[Choice]:
    return [(one.id, f"{shown(one.code)} · {one.description}") for one in accounts]
