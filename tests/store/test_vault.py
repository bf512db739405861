"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet

from portal.remote.errors import MisconfiguredError
from portal.store.vault import ACCESS, REFRESH, Vault, place_of_grant, place_of_productive

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
HERE = place_of_grant("NL", "u1", REFRESH)
PLACES = (
    place_of_grant("NL", "u1", ACCESS),
    place_of_grant("NL", "u2", REFRESH),
    place_of_grant("BE", "u1", REFRESH),
    place_of_productive("u1"),
    "",
    f"{HERE}x",
)


def test_what_was_sealed_can_be_opened_and_shows_nothing() -> None:
    vault = Vault([OLD])
    sealed = vault.seal("sécret", HERE)
    assert vault.open(sealed, HERE) == "sécret"
    assert "cret" not in sealed
    assert vault.seal("sécret", HERE) != sealed


def test_every_key_opens_and_the_first_one_seals() -> None:
    sealed = Vault([OLD]).seal("secret", HERE)
    both = Vault([NEW, OLD])
    assert both.open(sealed, HERE) == "secret"
    assert Vault([NEW]).open(both.seal("secret", HERE), HERE) == "secret"


def test_a_rotated_secret_no_longer_needs_the_old_key() -> None:
    sealed = Vault([NEW, OLD]).rotate(Vault([OLD]).seal("secret", HERE))
    assert Vault([NEW]).open(sealed, HERE) == "secret"
    with pytest.raises(MisconfiguredError, match="former key"):
        Vault([OLD]).open(sealed, HERE)


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_opens_at_its_own_row_and_column_only(place: str) -> None:
    vault = Vault([OLD])
    sealed = vault.seal("secret", HERE)
    for kept in (sealed, vault.rotate(sealed), vault.bind(sealed, place)):
        with pytest.raises(MisconfiguredError, match="another place"):
            vault.open(kept, place)
        assert vault.open(kept, HERE) == "secret"


def test_what_was_sealed_for_no_place_opens_once_it_is_bound() -> None:
    vault = Vault([OLD])
    sealed = Fernet(OLD).encrypt(b"secret").decode()
    with pytest.raises(MisconfiguredError, match="flask upgrade"):
        vault.open(sealed, HERE)
    assert vault.open(vault.bind(sealed, HERE), HERE) == "secret"


OTHERS = Fernet(NEW).encrypt(b"secret").decode()


@pytest.mark.parametrize("sealed", ["", "nonsense", OTHERS], ids=["empty", "nonsense", "another key"])
def test_what_no_key_fits_is_not_opened(sealed: str) -> None:
    for opened in (Vault([OLD]).open, Vault([OLD]).bind):
        with pytest.raises(MisconfiguredError, match="former key"):
            opened(sealed, HERE)


def test_a_vault_shows_no_key() -> None:
    assert OLD not in repr(Vault([OLD])) + repr(vars(Vault([OLD])))
