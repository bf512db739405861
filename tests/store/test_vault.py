"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet

from portal.remote.errors import MisconfiguredError
from portal.store.vault import Vault

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_what_was_sealed_can_be_opened_and_shows_nothing() -> None:
    vault = Vault([OLD])
    sealed = vault.seal("sécret")
    assert vault.open(sealed) == "sécret"
    assert "cret" not in sealed
    assert vault.seal("sécret") != sealed


def test_every_key_opens_and_the_first_one_seals() -> None:
    sealed = Vault([OLD]).seal("secret")
    both = Vault([NEW, OLD])
    assert both.open(sealed) == "secret"
    assert Vault([NEW]).open(both.seal("secret")) == "secret"


def test_a_rotated_secret_no_longer_needs_the_old_key() -> None:
    sealed = Vault([NEW, OLD]).rotate(Vault([OLD]).seal("secret"))
    assert Vault([NEW]).open(sealed) == "secret"
    with pytest.raises(MisconfiguredError, match="former key"):
        Vault([OLD]).open(sealed)


OTHERS = Fernet(NEW).encrypt(b"secret").decode()


@pytest.mark.parametrize("sealed", ["", "nonsense", OTHERS], ids=["empty", "nonsense", "another key"])
def test_what_no_key_fits_is_not_opened(sealed: str) -> None:
    with pytest.raises(MisconfiguredError, match="former key"):
        Vault([OLD]).open(sealed)


def test_a_vault_shows_no_key() -> None:
    assert OLD not in repr(Vault([OLD])) + repr(vars(Vault([OLD])))
