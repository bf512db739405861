"""Seal every stored secret anew: with a new key, or for its place."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.store.connections import ProductiveRow
from portal.store.grants import GrantRow
from portal.store.people import UserRow
from portal.store.vault import ACCESS, REFRESH, Vault, place_of_productive, place_of_second_factor

Seal = Callable[[str, str], str]


def rotate_keys(session: Session, vault: Vault) -> int:
    """Seal with the first key what any key opens. Returns how many secrets there are."""
    return _each_secret(session, lambda sealed, _place: vault.rotate(sealed))


def bind_secrets(session: Session, vault: Vault) -> int:
    """Bind each secret that was sealed for no place to its own. Returns how many secrets there are."""
    return _each_secret(session, vault.bind)


def _each_secret(session: Session, seal: Seal) -> int:
    with transaction(session):
        return _seal_each(session, seal)


def _seal_each(session: Session, seal: Seal) -> int:
    count = 0
    for access in session.scalars(select(ProductiveRow).with_for_update()):
        access.token_sealed = seal(access.token_sealed, place_of_productive(access.organization_id))
        count += 1

    for grant in session.scalars(select(GrantRow).with_for_update()):
        for column in (ACCESS, REFRESH):
            name = f"{column}_sealed"
            if sealed := getattr(grant, name):
                setattr(grant, name, seal(sealed, grant.place_of(column)))
                count += 1

    for user in session.scalars(select(UserRow).where(UserRow.factor_sealed.is_not(None)).with_for_update()):
        user.factor_sealed = seal(user.factor_sealed or "", place_of_second_factor(user.id))
        count += 1

    return count
