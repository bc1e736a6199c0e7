"""Every change of sender addresses and DKIM keys is told, from what to what."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senders import dkim_services, services
from senders.credential_services import NewCredential, rotate_credential, set_smtp_password
from senders.dkim_key import Algorithm, DkimKey
from senders.models import AuditEntry, SenderAddress
from tests.senders.audit.telling import told
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
ADDRESS = "app@example.com"


def make_key(selector: str) -> DkimKey:
    sealed, public = dkim_services._ed25519_pair()
    return DkimKey.objects.create(
        domain="example.com",
        selector=selector,
        algorithm=Algorithm.ED25519,
        sealed_private_key=sealed,
        public_key=public,
        created_at=timezone.now(),
    )


def test_an_address_that_is_created(console: Client) -> None:
    fields = {"address": ADDRESS, "mail_type": "batch", "reply_to": "a@x.com"}
    console.post("/sender-addresses/create/", fields, REMOTE_ADDR="192.0.2.7")
    assert told() == [("sender_address.created", ADDRESS, {}, fields)]
    entry, sender = AuditEntry.objects.get(), SenderAddress.objects.get()
    assert (entry.actor_kind, entry.client_address) == ("operator", "192.0.2.7")
    assert entry.object_path == f"/sender-addresses/{sender.pk}/"


def test_one_that_is_refused_is_not(console: Client) -> None:
    make_sender(ADDRESS)
    count = AuditEntry.objects.count()
    with pytest.raises(services.InvalidField):
        services.create_sender_address(address=ADDRESS, mail_type="batch", now=timezone.now())
    assert AuditEntry.objects.count() == count


def test_a_reply_to_that_changes(console: Client) -> None:
    sender = make_sender(ADDRESS, reply_to="a@x.com")
    for reply_to in ("b@x.com", "b@x.com", ""):
        console.post(f"/sender-addresses/{sender.pk}/reply-to/", {"reply_to": reply_to})
    assert told(since=1) == [
        ("sender_address.reply_to_changed", ADDRESS,
         {"reply_to": "a@x.com"}, {"reply_to": "b@x.com"}),
        ("sender_address.reply_to_changed", ADDRESS, {"reply_to": "b@x.com"}, {"reply_to": ""}),
    ]  # fmt: skip


def test_a_verification_that_is_asked_for(console: Client) -> None:
    sender = make_sender(ADDRESS, reply_to="a@x.com")
    for _ in range(2):  # the second is too soon
        console.post(f"/sender-addresses/{sender.pk}/reply-to/verify/")
    assert told(since=1) == [
        ("sender_address.verification_requested", ADDRESS, {}, {"reply_to": "a@x.com"})
    ]


def test_passwords_by_name_and_never_as_such(console: Client) -> None:
    sender = make_sender(ADDRESS)
    page = f"/sender-addresses/{sender.pk}/smtp-password/"
    console.post(page, {"password": "GeHeim12345678"})
    console.post(f"/sender-addresses/{sender.pk}/smtp-off/")
    assert [row[0] for row in told(since=1)] == [
        "sender_address.credential_set",
        "sender_address.credential_all_revoked",
    ]
    assert "GeHeim" not in repr([*AuditEntry.objects.values()])
    assert "$argon2" not in repr([*AuditEntry.objects.values()])


def test_a_rotation_by_what_was_and_until_when_it_works() -> None:
    now = timezone.now().replace(microsecond=0)
    old = set_smtp_password(make_sender(ADDRESS), password="GeHeim12345678", now=now)
    wanted = NewCredential("Shop", "OtherPass1234")
    rotate_credential(old, wanted, grace=timedelta(days=7), now=now)
    ((_action, _on, before, after),) = told(since=2)
    assert "expires_at" not in before
    assert datetime.fromisoformat(after["old_one_ends_at"]) == now + timedelta(days=7)


def test_the_life_of_an_address_under_one_key(console: Client) -> None:
    sender = make_sender(ADDRESS)
    for act in ("suspend", "suspend", "resume", "resume", "delete"):
        console.post(f"/sender-addresses/{sender.pk}/{act}/")
    assert [(row[0].partition(".")[2], *row[2:]) for row in told()][1:3] == [
        ("suspended", {"state": "active"}, {"state": "suspended"}),
        ("resumed", {"state": "suspended"}, {"state": "active"}),
    ]
    assert AuditEntry.objects.of_object("sender_address", ADDRESS).count() == 4
    facts = {"address": ADDRESS, "mail_type": "trigger", "reply_to": ""}
    assert told(since=3) == [("sender_address.deleted", ADDRESS, facts, {})]


def test_several_at_once_are_told_one_by_one(console: Client) -> None:
    rows = [make_sender(f"app{number}@example.com").pk for number in (1, 2)]
    console.post("/sender-addresses/ticked/suspend/", {"row": rows})
    assert [row[:2] for row in told(since=2)] == [
        ("sender_address.suspended", "app1@example.com"),
        ("sender_address.suspended", "app2@example.com"),
    ]


def test_keys_that_are_generated(console: Client) -> None:
    console.post("/dkim-keys/generate/", {"domain": "example.com"})
    assert [(row[0], row[3]["algorithm"]) for row in told()] == [
        ("dkim_key.generated", "rsa-sha256"),
        ("dkim_key.generated", "ed25519-sha256"),
    ]


def test_the_life_of_a_key_and_of_the_one_before_it(console: Client) -> None:
    old, new = make_key("old"), make_key("new")
    for key, act in [
        (old, "activate"), (new, "activate"), (new, "activate"), (new, "retire"), (new, "retire"),
        (new, "delete"),
    ]:  # fmt: skip
        console.post(f"/dkim-keys/{key.pk}/{act}/")
    old_name, new_name = "old._domainkey.example.com", "new._domainkey.example.com"
    assert told() == [
        ("dkim_key.activated", old_name, {"state": "new"}, {"state": "active"}),
        ("dkim_key.retired", old_name, {"state": "active"}, {"state": "retired"}),
        ("dkim_key.activated", new_name, {"state": "new"}, {"state": "active"}),
        ("dkim_key.retired", new_name, {"state": "active"}, {"state": "retired"}),
        ("dkim_key.deleted", new_name, {"state": "retired"}, {}),
    ]
