"""Why invoices wait, with all that is known of each reason: its name, what is suggested, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.suggest import Because, Reason
from portal.domain.copies.standing import Standing
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.needs import NeedGroup, group_key, in_groups, rank_needs
from portal.store.proposals import COMPANY, ProposalRow, Proposed

TAX = aliased(MappingRow)
SERVICE = aliased(MappingRow)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of what a reason is about. ``proposed`` is None where nobody weighed it yet."""

    name: str | None
    proposed: Proposed | None
    # What it leads to since a person decided, though its invoices were not looked at again yet.
    mapped: str | None
    is_linked: bool

    @property
    def is_suggested(self) -> bool:
        """Say whether something is suggested that nothing speaks against, and nobody decided yet."""
        if self.proposed is None or self.mapped is not None or self.is_linked:
            return False
        return bool(self.proposed.target) and not self.proposed.is_doubtful


def read_reasons(
    session: Session,
    scope: Sequence[str] | None,
    since: date | None = None,
    until: date | None = None,
    *,
    standings: Sequence[Standing],
) -> list[tuple[NeedGroup, Known]]:
    """Return what invoices need, the biggest group first, with what is known of it. One query tells all."""
    ranked = rank_needs(scope, since, until, standings=standings)
    columns = (
        func.coalesce(TaxRateRow.name, ServiceTypeRow.name).label("name"),
        func.coalesce(TAX.target, SERVICE.target).label("mapped"),
        CustomerLinkRow.customer_id.label("linked"),
        ProposalRow.names,
        ProposalRow.targets,
        ProposalRow.reason,
        ProposalRow.values.label("reason_values"),
        ProposalRow.is_doubtful,
    )
    query = (
        select(ranked, *columns)
        .outerjoin(ConnectionRow, ConnectionRow.live_subsidiary == ranked.c.subsidiary_id)
        .outerjoin(TaxRateRow, _is_about(ranked, MappingKind.TAX, TaxRateRow.id))
        .outerjoin(ServiceTypeRow, _is_about(ranked, MappingKind.SERVICE, ServiceTypeRow.id))
        .outerjoin(TAX, _is_mapped(TAX, MappingKind.TAX, TaxRateRow.id))
        .outerjoin(SERVICE, _is_mapped(SERVICE, MappingKind.SERVICE, ServiceTypeRow.id))
        .outerjoin(
            CustomerLinkRow,
            and_(
                CustomerLinkRow.connection_id == ConnectionRow.id,
                _is_about(ranked, COMPANY, CustomerLinkRow.company_id),
            ),
        )
        .outerjoin(
            ProposalRow,
            and_(ProposalRow.connection_id == ConnectionRow.id, ProposalRow.subject == ranked.c.subject),
        )
        .order_by(ranked.c.rank)
    )

    rows = session.execute(query).all()
    first = {group_key(row): row for row in reversed(rows)}
    groups = in_groups(rows)
    return [(one, _known(first[one.subsidiary_id, one.code, one.subject])) for one in groups]


def _is_about(ranked: Subquery, kind: str, key: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Say in SQL that a need is about the row with this key."""
    subject = ranked.c.subject
    return and_(subject.startswith(f"{kind}:"), key == func.substr(subject, len(kind) + 2))


def _is_mapped(
    row: type[MappingRow], kind: MappingKind, key: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    return and_(
        row.connection_id == ConnectionRow.id, row.kind == kind, row.source_id == key, row.place.is_(None)
    )


def _known(row: Row[Any]) -> Known:
    proposed = None
    if row.reason is not None:
        because = Because(Reason(row.reason), tuple(row.reason_values.items()))
        proposed = Proposed(row.subject, tuple(row.names), tuple(row.targets), because, row.is_doubtful)

    return Known(row.name, proposed, row.mapped, row.linked is not None)
