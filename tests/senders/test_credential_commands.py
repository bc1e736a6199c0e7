"""The commands that list and revoke SMTP credentials; and the task that forgets old ones."""

from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from senders import credential_services as services
from senders import smtp_password
from senders.audit.entry import AuditEntry
from senders.credential_services import NewCredential
from senders.models import SenderAddress, SmtpCredential
from senders.tasks import forget_ended_credentials
from tests.senders.factories import make_sender, reread
from tests.senders.test_commands import output, output_json

pytestmark = pytest.mark.django_db


def add(sender: SenderAddress, name: str) -> SmtpCredential:
    wanted = NewCredential(name, smtp_password.generate())
    return services.add_credential(sender, wanted, now=timezone.now())


def test_the_list_has_what_a_script_needs_and_no_hash() -> None:
    sender, now = make_sender("news@example.com"), timezone.now()
    web, old = add(sender, "web"), add(sender, "old")
    add(make_sender("other@example.com"), "shop")
    services.revoke_credential(old, now=now)
    SmtpCredential.objects.filter(pk=web.pk).update(last_used_at=now, last_used_from="192.0.2.1")
    (told,) = output_json("list_smtp_credentials", "NEWS@example.com")
    assert told == {
        "id": web.pk,
        "address": "news@example.com",
        "name": "web",
        "state": "in-use",
        "is_smtp_password": True,
        "created_at": web.created_at.isoformat() if web.created_at else None,
        "created_by": web.created_by or None,
        "last_used_at": now.isoformat(),
        "last_used_from": "192.0.2.1",
        "last_refused_at": None,
        "last_refused_from": None,
        "expires_at": None,
        "ended_at": None,
    }
    ended = output_json("list_smtp_credentials", "news@example.com", "--ended")
    assert [each["state"] for each in ended] == ["in-use", "revoked"]
    assert [each["name"] for each in output_json("list_smtp_credentials")] == ["web", "shop"]
    lines = output("list_smtp_credentials")
    assert f"news@example.com  web  in-use  last used {now.isoformat()} from 192.0.2.1" in lines
    assert "argon2" not in lines + str(ended)


def test_one_is_revoked_by_its_name() -> None:
    sender = make_sender("news@example.com")
    add(sender, "web")
    add(sender, "shop")
    said = output("revoke_smtp_credential", "news@example.com", "WEB")
    assert said == "web of news@example.com is revoked."
    assert reread(sender).smtp_enabled
    made = output_json("revoke_smtp_credential", "news@example.com", "shop")
    assert made["state"] == "revoked"
    assert not reread(sender).smtp_enabled
    assert AuditEntry.objects.filter(action="sender_address.credential_revoked").count() == 2


@pytest.mark.parametrize(
    ("address", "name", "text"),
    [
        ("nobody@example.com", "web", "There is no sender address nobody@example.com."),
        ("news@example.com", "shop", "No password of news@example.com that works is called shop."),
        ("news@example.com", "old", "No password of news@example.com that works is called old."),
    ],
    ids=["no address", "no such name", "ended"],
)
def test_what_cannot_be_revoked_is_said_in_a_sentence(address: str, name: str, text: str) -> None:
    sender = make_sender("news@example.com")
    add(sender, "web")
    services.revoke_credential(add(sender, "old"), now=timezone.now())
    with pytest.raises(CommandError, match=text):
        output("revoke_smtp_credential", address, name)
    assert reread(sender).smtp_enabled


def test_the_task_keeps_ninety_days() -> None:
    sender, now = make_sender(), timezone.now()
    for name, days in (("a", 91), ("b", 89), ("c", 1)):
        services.revoke_credential(add(sender, name), now=now - timedelta(days=days))
    forget_ended_credentials()
    assert set(sender.credentials.values_list("name", flat=True)) == {"b", "c"}
