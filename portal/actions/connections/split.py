"""Give a tax rate a VAT code for each place where a customer can be, or one for all again."""

from sqlalchemy.orm import Session

from portal.actions.connections.mapping import (
    NOT_OFFERED,
    CannotMapError,
    NoSourceError,
    Opened,
    Setter,
    Targets,
    add_row,
    name_target,
    note_change,
    open_mappings,
    write_mappings,
)
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.place import Place
from portal.domain.booking.suggest_vat import fits_place
from portal.domain.booking.vat import find_vat_code
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.store.mappings import CustomerVatRow, tax_rates_of


def split_rate(session: Session, nudge: Nudge, setter: Setter, rate_id: str) -> None:
    """Let a tax rate have a VAT code for each place. The one for all stays where it fits."""
    with transaction(session):
        opened = open_mappings(session, setter.connection_id)
        name = _name_rate(session, opened, rate_id)
        if not _is_split(opened, rate_id):
            split = said(Happened.RATE_SPLIT, rate=name)
            write_mappings(session, opened, setter, _first_codes(opened, rate_id), split)

    nudge(Job.LOOK_AT_HELD, str(setter.connection_id))


def join_rate(session: Session, nudge: Nudge, setter: Setter, rate_id: str) -> None:
    """Let a tax rate have one VAT code for all again, the one from before, until that is undone."""
    with transaction(session):
        opened = open_mappings(session, setter.connection_id)
        name = _name_rate(session, opened, rate_id)
        placed = [row for key, row in opened.rows.items() if key.source_id == rate_id and key.place]

        for row in placed:
            session.delete(row)

        if placed:
            whole = MappingKey(MappingKind.TAX, rate_id)
            row_for_all = opened.rows.get(whole) or add_row(session, setter, whole)
            row_for_all.join(placed)
            note_change(session, opened.connection, setter, said(Happened.RATE_JOINED, rate=name))

    nudge(Job.LOOK_AT_HELD, str(setter.connection_id))


def set_own_code(
    session: Session, nudge: Nudge, setter: Setter, company_id: str, rate_id: str, target: str | None
) -> None:
    """Give a company its own VAT code for a tax rate, None to take it away. Raises CannotMapError."""
    with transaction(session):
        opened = open_mappings(session, setter.connection_id)
        name = _name_rate(session, opened, rate_id)
        code = name_target(opened.table.catalogue, MappingKind.TAX, target)
        if code is None:
            raise CannotMapError(NOT_OFFERED[MappingKind.TAX], opened.table)

        row = session.get(CustomerVatRow, (setter.connection_id, company_id, rate_id))
        if not _keep_own(session, setter, row, (company_id, rate_id), target):
            return

        kept = said(Happened.OWN_CODE_SET, rate=name, vat_code=code)
        removed = said(Happened.OWN_CODE_REMOVED, rate=name)
        note_change(session, opened.connection, setter, kept if target else removed)

    nudge(Job.LOOK_AT_HELD, str(setter.connection_id))


def _keep_own(
    session: Session, setter: Setter, row: CustomerVatRow | None, key: tuple[str, str], target: str | None
) -> bool:
    """Write the own code of a company. Says whether anything changed."""
    if (row.target if row else None) == target:
        return False

    if row is not None and target is None:
        session.delete(row)
    elif row is not None and target is not None:
        row.lead_to(target, by=setter.by, at=setter.at)
    elif target is not None:
        company_id, rate_id = key
        session.add(
            CustomerVatRow(
                connection_id=setter.connection_id,
                company_id=company_id,
                source_id=rate_id,
                target=target,
                set_by=setter.by,
                set_at=setter.at,
            )
        )

    return True


def _first_codes(opened: Opened, rate_id: str) -> Targets:
    """Return the code of each place, none where the one for all does not fit."""
    row = opened.rows.get(MappingKey(MappingKind.TAX, rate_id))
    target = row.target if row else None
    code = find_vat_code(opened.table.catalogue, target) if target else None

    return {
        MappingKey(MappingKind.TAX, rate_id, place): (
            target if code is not None and fits_place(code, place) else None,
            None,
        )
        for place in Place
    }


def _is_split(opened: Opened, rate_id: str) -> bool:
    return any(key.source_id == rate_id and key.place for key in opened.rows)


def _name_rate(session: Session, opened: Opened, rate_id: str) -> str:
    """Return what people call a tax rate. Raises NoSourceError where there is none."""
    rates = {rate.id: rate.name for rate in tax_rates_of(session, opened.connection.subsidiary_id)}
    if rate_id not in rates:
        raise NoSourceError(Refused.NO_SOURCE, opened.table)

    return rates[rate_id]
