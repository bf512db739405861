"""Seal every stored secret anew, so that an old key can be taken out of use."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.connections import ProductiveRow
from portal.store.grants import GrantRow
from portal.store.vault import Vault


def rotate_keys(session: Session, vault: Vault) -> int:
    """Seal with the first key what any key opens; returns how many secrets there are."""
    count = 0
    for access in session.scalars(select(ProductiveRow).with_for_update()):
        access.token_sealed = vault.rotate(access.token_sealed)
        count += 1
    for grant in session.scalars(select(GrantRow).with_for_update()):
        for name in ("access_sealed", "refresh_sealed"):
            if sealed := getattr(grant, name):
                setattr(grant, name, vault.rotate(sealed))
                count += 1
    session.commit()
    return count
