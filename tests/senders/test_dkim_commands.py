"""The commands that make and list DKIM keys."""

import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError
from django.utils import timezone

from senders.dkim_services import activate, delete, generate_dkim_keys, retire
from senders.models import DkimKey
from senders.sealing import unseal
from tests.senders.test_commands import output, output_json

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


def test_keys_are_made_and_their_records_printed() -> None:
    printed = output("create_dkim_keys", "Example.com")
    keys = list(DkimKey.objects.all())
    assert {key.algorithm for key in keys} == {"rsa-sha256", "ed25519-sha256"}
    for key in keys:
        assert f"{key.record.name}\n  {key.record.value}\n" in printed
        (line,) = [line for line in printed.splitlines() if line.startswith(f"{key.record.name}.")]
        strings = re.findall(r'"([^"]*)"', line)
        assert "".join(strings) == key.record.value
        assert max(map(len, strings)) <= 255
        assert key.state == "new"
    assert "They sign nothing yet" in printed


def test_keys_are_made_for_scripts() -> None:
    made = output_json("create_dkim_keys", "example.com")
    assert made == output_json("list_dkim_keys")
    assert [each["algorithm"] for each in made] == ["rsa-sha256", "ed25519-sha256"]


@pytest.mark.parametrize("domain", ["", "no domain", "localhost"])
def test_what_is_no_domain_is_refused_in_a_sentence(domain: str) -> None:
    with pytest.raises(CommandError, match=r"Enter the domain|This is no domain"):
        output("create_dkim_keys", domain)
    assert not DkimKey.objects.exists()


def test_the_list_has_what_a_script_needs_and_no_secret() -> None:
    rsa, ed25519 = generate_dkim_keys("müller.de", now=NOW)
    activate(rsa, now=NOW)
    retire(rsa, now=NOW)
    activate(ed25519, now=NOW)
    first, second = output_json("list_dkim_keys")
    assert first.pop("record_strings") == rsa.record.strings
    assert first == {
        "domain": "xn--mller-kva.de",
        "selector": "dm202611r",
        "algorithm": "rsa-sha256",
        "state": "retired",
        "can_sign": True,
        "record_name": "dm202611r._domainkey.xn--mller-kva.de",
        "record_value": rsa.record.value,
        "created_at": "2026-11-26T03:30:00+00:00",
        "activated_at": "2026-11-26T03:30:00+00:00",
        "retired_at": "2026-11-26T03:30:00+00:00",
    }
    assert (second["state"], second["retired_at"]) == ("active", None)
    printed = output("list_dkim_keys", "--json")
    for key in (rsa, ed25519):
        assert key.sealed_private_key not in printed
        assert unseal(key.sealed_private_key).hex() not in printed


def test_the_list_is_read_by_people_too() -> None:
    rsa, ed25519 = generate_dkim_keys("müller.de", now=NOW)
    activate(rsa, now=NOW)
    DkimKey.objects.filter(pk=ed25519.pk).update(sealed_private_key="sealed under what is gone")
    assert output("list_dkim_keys").splitlines() == [
        "müller.de  dm202611r  rsa-sha256  Active",
        "müller.de  dm202611e  ed25519-sha256  Not active yet  cannot be opened with SECRET_KEY",
    ]


def test_deleted_keys_are_not_listed() -> None:
    for key in generate_dkim_keys("example.com", now=NOW):
        delete(key, now=timezone.now())
    assert output_json("list_dkim_keys") == []
