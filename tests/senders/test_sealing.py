"""Secrets are encrypted at rest, and survive a change of SECRET_KEY."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from senders.sealing import NoKeyFits, reseal, seal, unseal

OLD, NEW = "the former key " * 4, "the present key " * 4


@pytest.mark.parametrize("plain", [b"", b"secret", bytes(range(256))], ids=["empty", "text", "all"])
def test_what_is_sealed_can_be_unsealed(plain: bytes) -> None:
    assert unseal(seal(plain)) == plain


def test_sealed_text_shows_nothing_and_is_new_each_time() -> None:
    first, second = seal(b"secret"), seal(b"secret")
    assert first != second
    assert first.isascii()
    assert "secret" not in first


def test_a_former_secret_key_still_unseals(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    sealed = seal(b"secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert unseal(sealed) == b"secret"
    resealed = reseal(sealed)
    assert reseal(resealed) == resealed
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(resealed) == b"secret"
    with pytest.raises(NoKeyFits):
        unseal(sealed)


@pytest.mark.parametrize("sealed", ["", "no token", "grüße", "gAAAAA=="])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(NoKeyFits):
        unseal(sealed)


def test_an_altered_secret_is_refused() -> None:
    sealed = seal(b"a secret of some length")
    altered = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    with pytest.raises(NoKeyFits, match="SECRET_KEY"):
        unseal(altered)


def test_the_secret_key_itself_is_no_key(settings: Settings) -> None:
    """Derived by HKDF: who learns a sealing key has not learned what signs sessions."""
    settings.SECRET_KEY = Fernet.generate_key().decode()
    with pytest.raises(NoKeyFits):
        unseal(Fernet(settings.SECRET_KEY).encrypt(b"secret").decode())
