"""Set up Productive: test the token, keep it sealed, pull what people choose from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import let_go, transaction
from portal.actions.invoices.pull import REFERENCE
from portal.domain.booking.invoice import Organization, ServiceType, Subsidiary, TaxRate
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.domain.unreadable import Unreadable, readable, unreadable
from portal.remote.errors import RemoteError
from portal.sentences.refusal import Refusal
from portal.store.connections import ProductiveRow, SubsidiaryRow, live_connections
from portal.store.events import note_event
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.unreadable import PRODUCTIVE, note_whole
from portal.store.vault import Vault, place_of_productive


class OtherOrganizationError(Refusal):
    """The token is of another organisation. The text says so."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What Productive offers to choose from."""

    subsidiaries: tuple[Subsidiary | Unreadable, ...]
    service_types: tuple[ServiceType | Unreadable, ...]
    tax_rates: tuple[TaxRate | Unreadable, ...]


def save_productive(
    session: Session,
    billing: Billing,
    vault: Vault,
    *,
    organization_id: str,
    token: str,
    actor: str,
    now: datetime,
) -> bool:
    """Test the access and keep it. False when the choices must be read later."""
    _check_replaceable(session, organization_id)
    let_go(session)
    organization = billing.read_organization()

    if organization.id != organization_id:
        raise OtherOrganizationError(
            said(
                Refused.OTHER_ORGANIZATION,
                name=organization.name,
                id=str(organization.id),
                wanted=str(organization_id),
            )
        )

    offer = _try_to_read_offer(billing)
    with transaction(session):
        _keep_access(session, organization, vault.seal(token, place_of_productive(organization.id)), now)
        if offer is not None:
            keep_offer(session, offer, now)

        set_up = said(Happened.PRODUCTIVE_SET_UP, organization=organization.name)
        note_event(session, at=now, actor=actor, kind=EventKind.PRODUCTIVE, said=set_up)

    return offer is not None


def _try_to_read_offer(billing: Billing) -> Offer | None:
    """Read what there is to choose from, or None where that must wait."""
    try:
        return read_offer(billing)
    except RemoteError as error:
        if not error.helps_to_retry:
            raise
        return None


def refresh_productive(session: Session, billing: Billing, *, now: datetime) -> None:
    """Pull subsidiaries, service types and tax rates again."""
    # A failure keeps the old and is remembered.
    let_go(session)
    offer = read_offer(billing)
    with transaction(session):
        keep_offer(session, offer, now)
        if row := session.get(ProductiveRow, 1):
            row.checked_at = now
            row.trouble = None


def read_offer(billing: Billing) -> Offer:
    """Read everything there is to choose from."""
    return Offer(
        tuple(billing.each_subsidiary()), tuple(billing.each_service_type()), tuple(billing.each_tax_rate())
    )


def keep_offer(session: Session, offer: Offer, now: datetime) -> None:
    """Keep what is offered. The rest stays, archived."""
    _archive_missing(session, offer)
    odd = [*unreadable(offer.subsidiaries), *unreadable(offer.service_types), *unreadable(offer.tax_rates)]
    note_whole(session, PRODUCTIVE, REFERENCE, odd, now)

    for one in readable(offer.subsidiaries):
        session.merge(
            SubsidiaryRow(
                id=one.id, name=one.name, export_integration=one.export_integration, archived=one.archived
            )
        )

    for kind in readable(offer.service_types):
        session.merge(ServiceTypeRow(id=kind.id, name=kind.name, archived=kind.archived))

    for rate in readable(offer.tax_rates):
        percentage = None if rate.percentage is None else f"{rate.percentage:f}"
        session.merge(
            TaxRateRow(
                id=rate.id,
                name=rate.name,
                percentage=percentage,
                subsidiary_id=rate.subsidiary_id,
                archived=rate.archived,
            )
        )


def _archive_missing(session: Session, offer: Offer) -> None:
    for row in session.scalars(select(SubsidiaryRow)):
        row.archived = row.archived or row.id not in {one.id for one in offer.subsidiaries}
    for kind in session.scalars(select(ServiceTypeRow)):
        kind.archived = kind.archived or kind.id not in {one.id for one in offer.service_types}
    for rate in session.scalars(select(TaxRateRow)):
        rate.archived = rate.archived or rate.id not in {one.id for one in offer.tax_rates}


def _check_replaceable(session: Session, organization_id: str) -> None:
    row = session.get(ProductiveRow, 1)
    if row and row.organization_id != organization_id and live_connections(session):
        raise OtherOrganizationError(said(Refused.STILL_CONNECTED, name=row.organization_name))


def _keep_access(session: Session, organization: Organization, sealed: str, now: datetime) -> None:
    row = session.get(ProductiveRow, 1)
    if row is None:
        row = ProductiveRow(
            id=1, organization_id="", organization_name="", currency="", token_sealed="", checked_at=now
        )
        session.add(row)

    if row.organization_id != organization.id:
        row.invoices_pulled_at = None
        row.invoices_pulled_to = None

    row.organization_id = organization.id
    row.organization_name = organization.name
    row.currency = organization.currency
    row.token_sealed = sealed
    row.checked_at = now
    row.trouble = None
