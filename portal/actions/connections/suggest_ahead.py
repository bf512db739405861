"""Weigh beforehand what nobody decided yet: which VAT code, which ledger account, which customer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.connections.suggest import suggest_in
from portal.actions.customers.suggest import CustomerSuggestion, suggest_customers_of
from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Catalogue, shown
from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.suggest import Suggested, Suggestion
from portal.domain.here import day_here
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mapping_table import MappingTable, Source
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.proposals import (
    COMPANY,
    Proposed,
    Undecided,
    forget_mapping_proposals,
    keep_proposals,
    newest_contents,
    undecided_mappings,
    unweighed_companies,
)
from portal.store.unlinked import UnlinkedCompany

KINDS = {"tax": MappingKind.TAX, "service": MappingKind.SERVICE}
LANE = "weigh-undecided"
# Weighing every customer for a company takes a while, so others may write between these.
AT_ONCE = 4
# So many companies are weighed by one job, so that others have their turn.
MOST = 100


def weigh_undecided(session: Session, *, clock: Clock) -> bool:
    """Keep what is suggested for what invoices wait for, where that is not known or may be another by now.

    True says that more companies are left.
    """
    with hold_lane(session, LANE, clock) as held:
        if not held:
            return False

        today = day_here(clock())
        _weigh_mappings(session, today)
        return _weigh_companies(session, today)


def _weigh_mappings(session: Session, today: date) -> None:
    # Few, and what others chose for the same name counts, so they are weighed anew each time.
    with transaction(session):
        undecided = undecided_mappings(session)
        forget_mapping_proposals(session, undecided)
        for connection, subjects in _by_connection(session, undecided):
            keep_proposals(session, connection.id, propose_mappings(session, connection, subjects, today))


def _weigh_companies(session: Session, today: date) -> bool:
    with transaction(session):
        waiting = unweighed_companies(session, MOST + 1)

    for at in range(0, min(len(waiting), MOST), AT_ONCE):
        with transaction(session):
            for connection, subjects in _by_connection(session, waiting[at : at + AT_ONCE]):
                keep_proposals(
                    session, connection.id, propose_companies(session, connection, subjects, today)
                )

    return len(waiting) > MOST


def _by_connection(
    session: Session, undecided: Iterable[Undecided]
) -> Iterator[tuple[ConnectionRow, Sequence[str]]]:
    found: dict[int, list[str]] = {}
    for connection_id, subject in undecided:
        found.setdefault(connection_id, []).append(subject)

    for connection_id, subjects in sorted(found.items()):
        yield session.get_one(ConnectionRow, connection_id), sorted(subjects)


def propose_mappings(
    session: Session, connection: ConnectionRow, subjects: Sequence[str], today: date
) -> list[Proposed]:
    """Return what is suggested for tax rates and service types that nobody mapped."""
    if not subjects:
        return []

    catalogue = read_stored_catalogue(session, connection.id)
    sources = {f"{one.kind}:{one.source_id}": one for one in _sources(session, subjects)}
    table = MappingTable(connection.id, connection.is_live, catalogue, tuple(sources.values()))
    suggested = suggest_in(session, connection, table, today=today)
    names = _names_of(catalogue)
    return [
        _proposed(subject, suggested.find(source.key), names[source.kind])
        for subject, source in sources.items()
    ]


def _sources(session: Session, subjects: Sequence[str]) -> Iterator[Source]:
    """Yield what is to be mapped."""
    asked = {kind: [_source_of(one) for one in subjects if one.startswith(f"{kind}:")] for kind in KINDS}
    rates = select(TaxRateRow).where(TaxRateRow.id.in_(asked["tax"]))
    for rate in session.scalars(rates) if asked["tax"] else ():
        yield Source(MappingKind.TAX, rate.id, rate.name, rate.percentage, uses=1)

    services = select(ServiceTypeRow).where(ServiceTypeRow.id.in_(asked["service"]))
    for service in session.scalars(services) if asked["service"] else ():
        yield Source(MappingKind.SERVICE, service.id, service.name, uses=1)


def _names_of(catalogue: Catalogue) -> Mapping[MappingKind, Mapping[str, str]]:
    """Return what people call ledger accounts and VAT codes."""
    return {
        MappingKind.TAX: {one.code: f"{shown(one.code)} · {one.description}" for one in catalogue.vat_codes},
        MappingKind.SERVICE: {one.id: f"{shown(one.code)} · {one.description}" for one in catalogue.accounts},
    }


def _proposed(subject: str, found: Suggestion, names: Mapping[str, str]) -> Proposed:
    if found is None:
        return Proposed(subject)

    targets = (found.target,) if isinstance(found, Suggested) else found.targets
    return Proposed(subject, tuple(names.get(one, one) for one in targets), targets, found.because)


def propose_companies(
    session: Session, connection: ConnectionRow, subjects: Sequence[str], today: date
) -> list[Proposed]:
    """Return which customers are suggested for companies that are linked to none."""
    ids = [_source_of(one) for one in subjects]
    contents = newest_contents(session, connection, ids)
    loose = [UnlinkedCompany(one, "", 0) for one in ids]
    found = suggest_customers_of(session, connection, loose, today=today)
    return [_of_company(one, each, contents.get(one, "")) for one, each in found.items()]


def _of_company(company_id: str, found: CustomerSuggestion | None, made_of: str) -> Proposed:
    subject = f"{COMPANY}:{company_id}"
    if found is None:
        return Proposed(subject, made_of=made_of)

    because = found.suggestion.because
    first = found.candidates[0]
    if isinstance(found.suggestion, Suggested):
        name = f"{first.customer.code.strip()} · {first.customer.name}"
        target = found.suggestion.target
        return Proposed(subject, (name,), (target,), because, bool(first.contradicts), made_of)

    several = found.candidates[: len(found.suggestion.targets)]
    names = tuple(one.customer.name for one in several)
    return Proposed(subject, names, found.suggestion.targets, because, made_of=made_of)


def _source_of(subject: str) -> str:
    return subject.partition(":")[2]
