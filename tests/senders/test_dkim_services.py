"""DKIM keys: generated, activated, retired, deleted, and sealed all the while."""

import base64
import threading
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from senders.dkim_services import (
    KeyDeleted,
    activate,
    can_sign,
    delete,
    generate_dkim_keys,
    reseal_dkim_keys,
    retire,
    valid_domain,
)
from senders.models import DkimKey
from senders.sealing import NoKeyFits, unseal
from senders.services import InvalidField
from senders.tasks import reseal_dkim_keys as reseal_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
LATER = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)


def selectors(domain: str = "example.com") -> list[str]:
    return sorted(DkimKey.objects.filter(domain=domain).values_list("selector", flat=True))


def states() -> dict[str, str]:
    return {key.selector: key.state.value for key in DkimKey.objects.present()}


def test_a_pair_of_keys_is_generated_and_signs_nothing_yet() -> None:
    rsa, ed25519 = generate_dkim_keys("Example.com", now=NOW)
    assert (rsa.domain, rsa.selector, rsa.algorithm) == ("example.com", "dm202611r", "rsa-sha256")
    assert (ed25519.selector, ed25519.algorithm) == ("dm202611e", "ed25519-sha256")
    assert states() == {"dm202611r": "new", "dm202611e": "new"}
    assert not DkimKey.objects.active().exists()


def test_the_record_publishes_the_key_that_is_sealed() -> None:
    rsa, ed25519 = generate_dkim_keys("example.com", now=NOW)
    private = load_der_private_key(unseal(rsa.sealed_private_key), None)
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert rsa.record.value == f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    assert rsa.record.name == "dm202611r._domainkey.example.com"
    assert len(rsa.record.strings) == 2
    curve = load_der_private_key(unseal(ed25519.sealed_private_key), None)
    assert isinstance(curve, Ed25519PrivateKey)
    raw = curve.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert ed25519.record.value == f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


def test_nothing_of_a_private_key_is_in_the_table() -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    plain = base64.b64encode(unseal(rsa.sealed_private_key)).decode()
    row = str(DkimKey.objects.values().get(pk=rsa.pk))
    assert not any(plain[at : at + 40] in row for at in range(60, len(plain) - 40))


def test_selectors_are_never_given_twice() -> None:
    first, _ = generate_dkim_keys("example.com", now=NOW)
    delete(first, now=NOW)
    generate_dkim_keys("example.com", now=NOW)
    generate_dkim_keys("example.com", now=NOW)
    generate_dkim_keys("example.com", now=LATER)
    generate_dkim_keys("other.example", now=NOW)
    assert selectors() == sorted([
        "dm202611r", "dm202611e", "dm202611-2r", "dm202611-2e", "dm202611-3r", "dm202611-3e",
        "dm202612r", "dm202612e",
    ])  # fmt: skip
    assert selectors("other.example") == ["dm202611e", "dm202611r"]


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        ("  Example.COM ", "example.com"),
        ("news@example.com", "example.com"),
        ("@example.com", "example.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("mail.example.test", "mail.example.test"),
    ],
)
def test_a_domain_is_stored_in_one_form(text: str, domain: str) -> None:
    assert valid_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter the domain"),
        ("news@", "Enter the domain"),
        ("https://example.com", "This is no domain"),
        ("localhost", "This is no domain"),
        ("192.0.2.1", "This is no domain"),
        ("a b.de", "This is no domain"),
        (".".join(["x" * 60] * 4), "too long"),
    ],
)
def test_what_is_no_domain_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidField, match=sentence) as refused:
        generate_dkim_keys(text, now=NOW)
    assert refused.value.field == "domain"
    assert not DkimKey.objects.exists()


def test_activating_a_successor_retires_the_key_before_it() -> None:
    rsa, ed25519 = generate_dkim_keys("example.com", now=NOW)
    activate(rsa, now=NOW)
    activate(ed25519, now=NOW)
    successor, _ = generate_dkim_keys("example.com", now=LATER)
    assert states()["dm202611r"] == "active"
    activate(successor, now=LATER)
    assert states() == {
        "dm202611r": "retired", "dm202611e": "active", "dm202612r": "active", "dm202612e": "new",
    }  # fmt: skip
    rsa.refresh_from_db()
    assert (rsa.activated_at, rsa.retired_at) == (NOW, LATER)


def test_activating_touches_no_other_domain() -> None:
    ours, _ = generate_dkim_keys("example.com", now=NOW)
    theirs, _ = generate_dkim_keys("other.example", now=NOW)
    activate(theirs, now=NOW)
    activate(ours, now=LATER)
    theirs.refresh_from_db()
    assert theirs.state == "active"


def test_a_retired_key_can_come_back() -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    activate(rsa, now=NOW)
    retire(rsa, now=NOW)
    assert rsa.state == "retired"
    activate(rsa, now=LATER)
    assert (rsa.state, rsa.activated_at) == ("active", LATER)


def test_doing_it_again_changes_nothing() -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    retire(rsa, now=NOW)
    assert rsa.state == "new"
    activate(rsa, now=NOW)
    activate(rsa, now=LATER)
    assert rsa.activated_at == NOW
    retire(rsa, now=NOW)
    retire(rsa, now=LATER)
    assert rsa.retired_at == NOW


def test_a_deleted_key_is_gone_for_good() -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    activate(rsa, now=NOW)
    delete(rsa, now=LATER)
    delete(rsa, now=LATER)
    assert "dm202611r" not in states()
    row = DkimKey.objects.get(pk=rsa.pk)
    assert (row.sealed_private_key, row.retired_at, row.deleted_at) == ("", LATER, LATER)
    with pytest.raises(KeyDeleted):
        activate(rsa, now=LATER)
    assert not DkimKey.objects.active().exists()


def test_the_table_holds_what_the_words_promise() -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    other, _ = generate_dkim_keys("example.com", now=LATER)
    activate(rsa, now=NOW)
    for pk, change in (
        (other.pk, {"activated_at": NOW}),
        (other.pk, {"retired_at": NOW}),
        (other.pk, {"domain": "Example.com"}),
        (other.pk, {"selector": rsa.selector}),
        (other.pk, {"deleted_at": NOW}),
        (other.pk, {"sealed_private_key": ""}),
        (rsa.pk, {"deleted_at": NOW, "sealed_private_key": ""}),
        (other.pk, {"algorithm": "rsa-sha1"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            DkimKey.objects.filter(pk=pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_two_activations_at_once_leave_one_active_key() -> None:
    keys = [generate_dkim_keys("example.com", now=NOW)[0] for _ in range(2)]
    barrier = threading.Barrier(2)
    faults: list[Exception] = []

    def work(key: DkimKey) -> None:
        barrier.wait()
        try:
            activate(key, now=LATER)
        except Exception as error:  # noqa: BLE001 - the test reports it
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(state for state in states().values() if state != "new") == ["active", "retired"]


# --- SECRET_KEY -----------------------------------------------------------------------------------


def test_a_key_that_no_secret_key_opens_cannot_be_activated(settings: Settings) -> None:
    rsa, _ = generate_dkim_keys("example.com", now=NOW)
    assert can_sign(rsa)
    settings.SECRET_KEY = "another one" * 5
    assert not can_sign(rsa)
    with pytest.raises(NoKeyFits):
        activate(rsa, now=NOW)
    assert not DkimKey.objects.active().exists()


def test_a_changed_secret_key_is_followed_by_itself(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    rsa, ed25519 = generate_dkim_keys("example.com", now=NOW)
    lost, _ = generate_dkim_keys("example.com", now=NOW)
    DkimKey.objects.filter(pk=lost.pk).update(sealed_private_key="sealed under what is gone")
    plain = unseal(rsa.sealed_private_key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one" * 5
    delete(ed25519, now=LATER)
    reseal_task()
    settings.SECRET_KEY_FALLBACKS = []
    rsa.refresh_from_db()
    assert unseal(rsa.sealed_private_key) == plain
    assert [record.selector for record in caplog.records] == [lost.selector]  # type: ignore[attr-defined]
    assert reseal_dkim_keys() == 0
